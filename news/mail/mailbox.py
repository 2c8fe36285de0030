"""A mailbox on an IMAP server, read without changing it: nothing is marked as read.

All of it runs in threads, as `imaplib` waits for its answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import re
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from news.mail.sender import sender

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

LARGEST = 10 * 1024 * 1024
"""Bytes of a letter at most, as of a page; a larger one is left."""
SECONDS = 20.0
"""Seconds that the server may take for each answer."""
SINCE = timedelta(days=2)
"""How old letters may be that are read first, or when the server has numbered all anew."""
MOST_LETTERS = 10
"""Letters of a sender that one round reads, at most; the next one goes on."""
NO_ANSWER = "no answer"
_MOST_HEADERS = 500
"""Letters whose sender one look finds, at most."""
_LONGEST_HEADERS = 16_384
_LONGEST_LINE = 1_000
_NUMBERS = re.compile(rb"UID (\d+)[^\r\n]*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+)[^\r\n]*?UID (\d+)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_FAILURES = (imaplib.IMAP4.error, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Where a mailbox is, and how to open it."""

    host: str
    port: int
    user: str
    folder: str = "INBOX"
    secure: bool = True
    password: str = field(default="", repr=False)
    authserv: str = ""
    """The name by which its server signs its checks of senders; empty to take no letter."""

    @classmethod
    def of(cls, url: str, password: str, authserv: str) -> MailAddress:
        """Return the mailbox of an `imaps://user@host/folder`."""
        parts = urlsplit(url)
        secure = parts.scheme == "imaps"
        return cls(
            parts.hostname or "",
            parts.port or (993 if secure else 143),
            unquote(parts.username or ""),
            unquote(parts.path.strip("/")) or "INBOX",
            secure,
            password,
            authserv,
        )

    @property
    def own(self) -> str:
        """The address of the mailbox itself, in small letters."""
        return (self.user if "@" in self.user else f"{self.user}@{self.host}").lower()


@dataclass(frozen=True, slots=True)
class NewLetters:
    """Letters of a sender that were not read yet."""

    letters: tuple[bytes, ...]
    too_large: int
    """The number of letters that were left for their size."""
    place: str
    """What to ask with next time, to get what comes after them."""


class MailboxError(Exception):
    """A mailbox cannot be read.

    Attributes:
        reason: `the password was refused`, `there is no such folder` or `no answer`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Mailbox:
    """One mailbox, with a connection for each look."""

    def __init__(self, address: MailAddress) -> None:
        self.address = address
        where = f"{address.host} {address.port} {address.user} {address.folder}"
        self._mark = hashlib.sha256(where.encode()).hexdigest()[:12]

    async def count(self) -> int:
        """Return the number of letters in the folder, or raise MailboxError."""

        def look() -> int:
            with self._opened() as (_, number, _):
                return number

        return await asyncio.to_thread(look)

    async def senders(self, now: datetime, after: str) -> tuple[dict[str, str], int, str]:
        """Return address → name of new letters' senders, or raise MailboxError.

        Beside it: the number of letters without a proven sender, and what to ask with next time.
        """
        return await asyncio.to_thread(self._senders, now, after)

    async def letters(self, address: str, now: datetime, after: str) -> NewLetters:
        """Return the letters of a sender after a place, or of two days. Raises MailboxError.

        `after` is the `place` of the last time; another mailbox's, or one from before the server
        numbered its letters anew, does not count.
        """
        return await asyncio.to_thread(self._letters, address, now, after)

    def _senders(self, now: datetime, after: str) -> tuple[dict[str, str], int, str]:
        with self._opened() as (imap, _, validity):
            uids = self._new(imap, now, after, validity)[:_MOST_HEADERS]
            found, left = dict[str, str](), 0
            part = f"BODY.PEEK[HEADER.FIELDS (FROM AUTHENTICATION-RESULTS)]<0.{_LONGEST_HEADERS}>"
            for _, headers in _fetched(imap, uids, part):
                parsed = BytesHeaderParser().parsebytes(headers)
                known = sender(parsed, self.address.authserv)
                left += known is None
                if known is not None:
                    found[known[0]] = known[1]
            return found, left, self._place(validity, uids, after)

    def _letters(self, address: str, now: datetime, after: str) -> NewLetters:
        with self._opened() as (imap, _, validity):
            uids = self._new(imap, now, after, validity, "FROM", f'"{address}"')[:MOST_LETTERS]
            sizes = dict(_sizes(imap, uids))
            small = [uid for uid in uids if sizes.get(uid, 0) <= LARGEST]
            # Each alone: all of them at once may be too much for the memory.
            found = [
                letter
                for uid in small
                for _, letter in _fetched(imap, [uid], f"BODY.PEEK[]<0.{LARGEST}>")
            ]
            place = self._place(validity, uids, after)
            return NewLetters(tuple(found), len(uids) - len(small), place)

    def _new(
        self, imap: imaplib.IMAP4, now: datetime, after: str, validity: str, *what: str
    ) -> list[int]:
        last = self._last(after, validity)
        day = now - SINCE
        since = f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        asked = (f"UID {last + 1}:*",) if last else ("SINCE", since)
        answer = _of(imap.uid("SEARCH", *asked, *what))
        numbers = (each for line in answer if line for each in line.split())
        # The server answers the last letter if none is above.
        return sorted(uid for each in numbers if (uid := int(each)) > last)

    def _last(self, after: str, validity: str) -> int:
        mark, _, rest = after.partition(".")
        known, _, uid = rest.partition(".")
        return int(uid) if mark == self._mark and known == validity and uid.isdecimal() else 0

    def _place(self, validity: str, uids: Sequence[int], after: str) -> str:
        last = uids[-1] if uids else self._last(after, validity)
        return f"{self._mark}.{validity}.{last}"

    @contextmanager
    def _opened(self) -> Iterator[tuple[imaplib.IMAP4, int, str]]:
        """Log in and open the folder for reading; yield it, its size and its UIDVALIDITY."""
        at = self.address
        imap: imaplib.IMAP4 | None = None
        try:
            if at.secure:
                context = ssl.create_default_context()
                imap = imaplib.IMAP4_SSL(at.host, at.port, ssl_context=context, timeout=SECONDS)
            else:
                imap = imaplib.IMAP4(at.host, at.port, timeout=SECONDS)
            _log_in(imap, at)
            number, validity = _examined(imap, at.folder)
            yield imap, number, validity
        except _FAILURES as error:
            # The server's own words may have the password.
            raise MailboxError(NO_ANSWER, type(error).__name__) from None
        finally:
            if imap is not None:
                with suppress(*_FAILURES):
                    imap.logout()
                # A connection that broke off is not closed by that.
                with suppress(OSError):
                    imap.shutdown()


def _log_in(imap: imaplib.IMAP4, at: MailAddress) -> None:
    try:
        imap.login(_quoted(at.user), at.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise MailboxError("the password was refused") from None


def _examined(imap: imaplib.IMAP4, folder: str) -> tuple[int, str]:
    status, answer = imap.select(_quoted(folder), readonly=True)
    if status != "OK":
        raise MailboxError("there is no such folder", folder)
    _, validity = imap.response("UIDVALIDITY")
    return int(answer[0] or 0), str(int(validity[0] or 0))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _of(answer: tuple[str, Any]) -> Any:  # noqa: ANN401 — imaplib's
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return data


def _sizes(imap: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    if not uids:
        return
    for line in _of(imap.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")):
        found = _NUMBERS.search(line[:_LONGEST_LINE]) if isinstance(line, bytes) else None
        if found:
            yield int(found[1] or found[4]), int(found[2] or found[3])


def _fetched(imap: imaplib.IMAP4, uids: Sequence[int], part: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield what the server says of a part of each letter, and the part."""
    if not uids:
        return
    for line in _of(imap.uid("FETCH", ",".join(map(str, uids)), f"(UID {part})")):
        if isinstance(line, tuple):
            yield line[0], line[1]
