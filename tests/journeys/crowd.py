"""A crowd of readers, and a fast fake of Telegram that records requests."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl

from sqlalchemy import insert

from bench.peers.server import ANSWERS, YES, Bot, answer
from bench.rigs.news.day import keep_tastes
from storage.articles.articles import Articles
from storage.model import (
    EVERY_DAY,
    ChatKind,
    Layout,
    NewArticle,
    NewSource,
    Round,
    State,
    Taste,
)
from storage.sources.sources import Sources
from storage.tables.reader_schema import subscribers
from tests.plugins.records import a_new_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from storage.db.database import Database

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
BRIEF, LONG = "motor", "style"
"""Of one category there is one story, of the other more than a message holds."""
PAPERS, STORIES = 10, 3
"""How many tell of the latter, and how much each of them."""
NOON = 12
POLL = 10.0
"""Seconds that a request for updates is held."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber to be created."""

    chat_id: int
    thread_id: int = 0
    kind: ChatKind = ChatKind.PRIVATE
    follows: str = BRIEF
    layout: Layout = Layout.SUMMARIES


async def gather(
    database: Database, readers: Iterable[Reader], now: datetime, *, picture: str | None = None
) -> datetime:
    """Fill an empty archive with stories, and with readers whose edition is due.

    Returns:
        When the edition was due: about noon for all readers, so that no day ends meanwhile.
    """
    await print_stories(database, now, picture=picture)
    return await subscribe(database, readers, now)


async def print_stories(database: Database, now: datetime, *, picture: str | None = None) -> None:
    """Fill an empty archive with stories, as `gather` does."""
    sources, articles = Sources(database), Articles(database)
    papers = [NewSource(f"Paper {n}", f"https://paper{n}.example/feed") for n in range(PAPERS)]
    await sources.seed(papers, now)
    for paper in await sources.all():
        stories = [_story(f"{paper.id}-{number}", LONG, now) for number in range(STORIES)]
        if paper.id == 1:
            stories.append(_story("0", BRIEF, now, picture))
        await articles.store_all(
            [Round(paper.id, now, now + timedelta(days=9), 86_400, articles=tuple(stories))]
        )


async def subscribe(database: Database, readers: Iterable[Reader], now: datetime) -> datetime:
    """Add readers whose edition is due, and return since when, as `gather` does."""
    kinds = (BRIEF, LONG)
    keys = await keep_tastes(database, [Taste(follows=frozenset([each])) for each in kinds])
    taste_keys = dict(zip(kinds, keys, strict=True))
    due = (now - timedelta(minutes=1)).replace(second=0, microsecond=0)
    ahead = NOON - due.hour
    rows = [
        {
            "chat_id": reader.chat_id,
            "thread_id": reader.thread_id,
            "kind": reader.kind.value,
            "state": State.ACTIVE.value,
            "language": "en",
            "zone": f"Etc/GMT{-ahead:+d}",  # in these names, what is ahead of UTC has a minus
            "digest_minute": 60 * NOON + due.minute,
            "days": EVERY_DAY,
            "layout": reader.layout.value,
            "empty_note": False,
            "next_at": due,
            "place": 0,
            "taste_key": taste_keys[reader.follows],
            "created": now,
        }
        for reader in readers
    ]
    async with database.writing() as connection:
        await connection.execute(insert(subscribers), rows)
    return due


def _story(number: str, category: str, now: datetime, picture: str | None = None) -> NewArticle:
    return a_new_article(
        f"https://paper.example/{number}",
        f"Number {number} leaves the workshop of a coachbuilder who was in no hurry at all",
        now - timedelta(hours=1),
        category,
        standfirst="Twelve will be built, each of them by two people and none like another. " * 4,
        image=picture,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that the bot asks Telegram to send."""

    chat_id: int
    thread_id: int
    text: str
    """The text, or the blocks of a rich message."""
    is_plain: bool


class Line(Bot):
    """One connection from the bot."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(telegram.counts)
        self._telegram = telegram

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._telegram.lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._telegram.lines.discard(self)
        self._telegram.wake()

    def asked(self, method: str, body: bytes) -> None:
        self.counts[method] += 1
        self._telegram.asked(self, method, body)

    def write(self, data: bytes) -> None:
        """Send a response if the connection is still open."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def cut(self, last_words: bytes = b"") -> None:
        """Close the connection abruptly."""
        if last_words:
            self.write(last_words)
            self.transport.close()
        else:
            self.transport.abort()


class Telegram:
    """A Bot API server on loopback: `async with Telegram() as telegram`.

    Subclasses decide the fate of each message.
    """

    def __init__(self) -> None:
        self.url = ""
        self.counts: Counter[str] = Counter()
        self.lines: set[Line] = set()
        self._numbers = itertools.count(1000)
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Line(self), "127.0.0.1", 0, backlog=1024
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for line in self.lines:
            line.transport.abort()

    def wake(self) -> None:
        """Wake those who wait for a condition."""
        self._changed.set()

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for a condition that a request or a closed connection can fulfil."""
        while not ready():
            self._changed.clear()
            await self._changed.wait()

    async def deserted(self) -> None:
        """Wait until no connection is open: then everything sent has been read."""
        await self.until(lambda: not self.lines)

    def asked(self, line: Line, method: str, body: bytes) -> None:
        """Answer one request."""
        fields = dict(parse_qsl(body.decode()))
        if method == "sendMessage":
            thread_id = int(fields.get("message_thread_id", 0))
            plain = "parse_mode" not in fields
            self.message(line, Asked(int(fields["chat_id"]), thread_id, fields["text"], plain))
        elif method == "sendRichMessage":
            thread_id = int(fields.get("message_thread_id", 0))
            blocks = fields["rich_message"]
            self.message(line, Asked(int(fields["chat_id"]), thread_id, blocks, is_plain=False))
        elif method == "editMessageText":
            text = fields.get("text") or fields["rich_message"]
            self.edit(line, int(fields["chat_id"]), int(fields["message_id"]), text)
        elif method == "getUpdates" and fields.get("timeout", "0") != "0":
            asyncio.get_running_loop().call_later(POLL, line.write, ANSWERS["getUpdates"])
        else:
            line.write(ANSWERS.get(method, YES))
        self.wake()

    def message(self, line: Line, asked: Asked) -> None:
        """Deliver a message and answer."""
        del asked
        line.write(self.receipt())

    def edit(self, line: Line, chat_id: int, message_id: int, text: str) -> None:
        """Replace the text or the blocks of a message and answer."""
        del chat_id, message_id, text
        line.write(ANSWERS["editMessageText"])

    def receipt(self) -> bytes:
        """Return the answer to a delivered message."""
        return self.receipt_of(next(self._numbers))

    @staticmethod
    def receipt_of(number: int) -> bytes:
        """Return the answer that shows the message with this number."""
        return answer({"message_id": number})


def refusal(status: int, description: str, **parameters: int) -> bytes:
    """Return a whole HTTP response with an error."""
    error = {"ok": False, "error_code": status, "description": description}
    body = json.dumps({**error, "parameters": parameters}).encode()
    return b"HTTP/1.1 %d No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        len(body),
        body,
    )
