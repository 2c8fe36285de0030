"""A small IMAP server on loopback, which only reads, and letters for it."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from news.mail.mailbox import MailAddress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AUTHSERV = "mx.example.net"
SENDER = "news@courier.example"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def letter(
    *stories: tuple[str, str],
    sender: str = SENDER,
    checked: str | None = None,
    html: str | None = None,
    more: str = "",
) -> bytes:
    """Return a letter of a sender that the server proved, with a headline for each story."""
    message = EmailMessage()
    domain = sender.partition("@")[2]
    result = f"{AUTHSERV}; spf=pass; dmarc=pass (p=REJECT) header.from={domain}"
    message["Authentication-Results"] = result if checked is None else checked
    message["From"] = f"The Courier <{sender}>"
    message["To"] = "bot@example.net"
    message["Subject"] = "This morning"
    message["Date"] = format_datetime(NOW - timedelta(hours=2))
    message["List-Unsubscribe"] = "<https://courier.example/out/7>, <mailto:out@courier.example>"
    items = "".join(
        f"<tr><td><h2><a href='{link}'>{title}</a></h2><p>What {title} means for the trade, in a "
        f"line or two.</p><a href='{link}'>Read more</a></td></tr>"
        for title, link in stories
    )
    whole = html or f"<html><body><table>{items}</table>{more}</body></html>"
    message.set_content("In a browser, please.")
    message.add_alternative(whole, subtype="html")
    return message.as_bytes()


@dataclass
class ImapServer:
    """One folder, `INBOX`, whose letters a test puts there."""

    port: int = 0
    password: str = "secret"
    validity: int = 7
    letters: dict[int, tuple[datetime, bytes]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    """What was asked, without the passwords."""
    logins: int = 0
    cuts_off: bool = False
    """Whether the connection ends amid each letter."""

    def address(
        self,
        *,
        folder: str = "INBOX",
        password: str = "secret",  # noqa: S107
        authserv: str = AUTHSERV,
    ) -> MailAddress:
        """Return where a mailbox of it is."""
        url = f"imap://bot%40example.net@127.0.0.1:{self.port}/{folder}"
        return MailAddress.of(url, password, authserv)

    def put(self, content: bytes, *, ago: timedelta = timedelta(hours=2)) -> int:
        """Put a letter into the folder and return its number."""
        number = max(self.letters, default=100) + 1
        self.letters[number] = (NOW - ago, content)
        return number

    def renumber(self) -> None:
        """Number all letters anew, as after a move to another server."""
        self.validity += 1
        self.letters = dict(enumerate(self.letters.values(), start=1))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        writer.write(b"* OK ready\r\n")
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := (await reader.readline()).decode().strip():
                tag, _, command = line.partition(" ")
                name = command.split(" ", 1)[0].upper()
                self.commands.append("LOGIN" if name == "LOGIN" else command)
                if not self._answered(writer, name, command):
                    break
                status = "OK"
                if name == "LOGIN":
                    self.logins += 1
                    status = "OK" if command.endswith(f'"{self.password}"') else "NO"
                if name == "EXAMINE":
                    status = "OK [READ-ONLY]" if "INBOX" in command else "NO"
                writer.write(f"{tag} {status} done\r\n".encode())
                await writer.drain()
                if name == "LOGOUT":
                    break
        writer.close()

    def _answered(self, writer: asyncio.StreamWriter, name: str, command: str) -> bool:
        if name == "CAPABILITY":
            writer.write(b"* CAPABILITY IMAP4rev1\r\n")
        if name == "EXAMINE" and "INBOX" in command:
            writer.write(f"* {len(self.letters)} EXISTS\r\n".encode())
            writer.write(f"* OK [UIDVALIDITY {self.validity}] here\r\n".encode())
        if command.startswith("UID SEARCH"):
            found = " ".join(map(str, self._found(command)))
            writer.write(f"* SEARCH {found}".rstrip().encode() + b"\r\n")
        if command.startswith("UID FETCH"):
            return self._fetched(writer, command)
        return True

    def _found(self, command: str) -> list[int]:
        found = sorted(self.letters)
        if first := re.search(r"UID (\d+):\*", command):
            # The last one is always among them, as RFC 3501 has it.
            found = [each for each in found if each >= int(first[1]) or each == found[-1]]
        if since := re.search(r"SINCE (\S+)", command):
            day = datetime.strptime(since[1], "%d-%b-%Y").replace(tzinfo=UTC)
            found = [each for each in found if self.letters[each][0] >= day]
        if sender := re.search(r'FROM "([^"]*)"', command):
            found = [each for each in found if sender[1].encode() in self.letters[each][1]]
        return found

    def _fetched(self, writer: asyncio.StreamWriter, command: str) -> bool:
        for number in map(int, command.split()[2].split(",")):
            content = self.letters[number][1]
            if "RFC822.SIZE" in command:
                facts = f"* {number} FETCH (UID {number} RFC822.SIZE {len(content)})\r\n"
                writer.write(facts.encode())
                continue
            name = "BODY[]<0>"
            if "HEADER.FIELDS" in command:
                name = "BODY[HEADER.FIELDS (FROM AUTHENTICATION-RESULTS)]<0>"
                content = content.partition(b"\n\n")[0] + b"\n\n"
            if most := re.search(r"<0\.(\d+)>", command):
                content = content[: int(most[1])]
            head = f"* {number} FETCH (UID {number} {name} {{{len(content)}}}\r\n"
            writer.write(head.encode())
            if self.cuts_off and name == "BODY[]<0>":
                writer.write(content[: len(content) // 2])
                return False
            writer.write(content + b")\r\n")
        return True


@asynccontextmanager
async def serving() -> AsyncIterator[ImapServer]:
    """Serve an empty folder."""
    server = ImapServer()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
