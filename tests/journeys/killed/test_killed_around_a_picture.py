"""A front page while the process is killed around the upload of its picture.

The picture is uploaded before the edition's hour. Between two runs of the bot the hour comes: the
test moves the edition's time instead of waiting.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from playground.server import Playground
from storage.articles.pictures import Picture, Pictures
from storage.model import DeliveryState, Form, Layout
from storage.tables.reader_schema import subscribers
from tests.journeys.crowd import Reader, gather
from tests.journeys.killed.killing import LONG_ENOUGH, Ledger, Row, life
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.world.chats import Body
    from storage.db.database import Database
    from tests.plugins.fork_server import Forked, ForkServer

UNTIL_THE_HOUR = timedelta(minutes=40)
"""Less than the time that pictures are made ahead, and longer than any test."""


class Press:
    """A reader of front pages, a story with a picture, and successive runs of the bot."""

    def __init__(
        self, fork_server: ForkServer, town: Playground, database: Database, url: str, log: Path
    ) -> None:
        self._fork_server = fork_server
        self._database = database
        self._url = url
        self._due = datetime.now(UTC)
        self.log = log
        self.town = town
        self.anna = town.person("Anna")
        self.room = town.channel("Pictures", [town.person("Bruno")])
        story = town.newsstand.stories[0]
        self.picture = f"{town.url}/newsstand/picture/{story.slug}.jpg"
        self.pictures = Pictures(database)
        self.ledger = Ledger(database)

    async def open(self) -> None:
        """Make an edition due soon."""
        await self.anna.start()
        # That was answered long ago.
        self.town.world.updates.forget()
        reader = Reader(self.anna.id, layout=Layout.FRONT_PAGE)
        self._due = await gather(self._database, [reader], self._due, picture=self.picture)
        await self._set_due(self._due + UNTIL_THE_HOUR)

    async def strike_the_hour(self) -> None:
        """Make the edition due now."""
        await self._set_due(self._due)

    async def _set_due(self, due: datetime) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(subscribers).values(next_at=due))

    @asynccontextmanager
    async def killed(self) -> AsyncIterator[None]:
        """Run the bot, and kill it at the end of the block."""
        async with self._life() as process:
            yield
            process.kill()
            assert await process.wait() == -signal.SIGKILL, self.log.read_text()
        await self.ledger.at_rest()

    async def deliver(self) -> None:
        """Run the bot until the edition is delivered and settled, then stop it."""
        before = len(self.pages())
        async with self._life() as process:
            await self.town.until(lambda: len(self.pages()) > before, LONG_ENOUGH)
            process.terminate()
            status = await asyncio.wait_for(process.wait(), LONG_ENOUGH)
            assert status == 0, self.log.read_text()

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[Forked]:
        settings = {"PICTURES_CHAT": str(self.room.id), "ALLOW_PRIVATE_SOURCES": "true"}
        async with life(
            self._fork_server,
            self.log,
            self.town.url,
            self._url,
            token=self.town.token,
            settings=settings,
        ) as process:
            yield process

    async def upload_unanswered(self) -> None:
        """Kill the bot after Telegram got the picture and before it answers."""
        self.town.faults.add(method="sendPhoto", hold=True, after_delivery=True)
        before = self.uploads()
        async with self.killed():
            await self.town.until(lambda: self.uploads() > before, LONG_ENOUGH)

    async def upload_answered(self) -> None:
        """Kill the bot once the picture is stored."""
        async with self.killed():
            await self.town.until(lambda: self.town.sent("sendPhoto"), LONG_ENOUGH)
            async with asyncio.timeout(LONG_ENOUGH):
                while not (await self.pictures.count()).get(True):  # noqa: ASYNC110 - another process writes it
                    await asyncio.sleep(0.005)

    async def keep_picture(self) -> None:
        """Store the picture as uploaded earlier."""
        stored = self.town.world.keep_file(
            "a.jpg", "image/jpeg", b"", kind="photo", size=(400, 300)
        )
        bot_id = int(self.town.token.partition(":")[0])
        kept = Picture(stored.id, 400, 300)
        await self.pictures.keep(bot_id, self.picture, kept, self._due)

    async def edition_unanswered(self, *, is_carried_out: bool) -> None:
        """Kill the bot after Telegram got the edition and before it answers."""
        fault = self.town.faults.add(
            method="sendRichMessage", hold=True, after_delivery=is_carried_out
        )
        async with self.killed():
            await self.town.until(
                lambda: self.pages() if is_carried_out else fault.hits, LONG_ENOUGH
            )

    def uploads(self) -> int:
        """The number of uploads of the picture."""
        return len(self.room.messages)

    def pages(self) -> list[list[Body]]:
        """The blocks of the editions in the reader's chat."""
        bodies = [message.record.body for message in self.anna.chat.messages]
        return [body["rich_message"]["blocks"] for body in bodies if "rich_message" in body]

    async def row(self) -> Row:
        """Return the only edition of the ledger."""
        (row,) = await self.ledger.rows()
        return row


@pytest.fixture
async def press(fork_server: ForkServer, database_url: str, tmp_path: Path) -> AsyncIterator[Press]:
    database = await migrated(database_url)
    async with Playground() as town:
        press = Press(fork_server, town, database, database_url, tmp_path / "stderr.txt")
        await press.open()
        yield press
        assert town.violations == []
    await database.close()
    assert " ERROR " not in press.log.read_text()


def form_of(page: list[Body]) -> Form:
    """Return the form that a page has."""
    return Form.PICTURED if any(block["type"] == "photo" for block in page) else Form.RICH


def assert_delivered(row: Row, form: Form, *, attempts: int) -> None:
    assert (row.state, row.form, row.error) == (DeliveryState.SENT, form, None)
    assert (row.part, row.attempts) == (1, attempts)


async def test_a_kill_between_picture_and_edition_sends_one_edition(press: Press) -> None:
    await press.upload_unanswered()
    assert await press.pictures.count() == {}
    await press.upload_answered()
    # The first upload's answer was lost; the second is stored, and is the last.
    assert press.uploads() == 2
    assert await press.ledger.rows() == []
    await press.strike_the_hour()
    await press.deliver()
    (page,) = press.pages()
    assert form_of(page) is Form.PICTURED
    assert press.uploads() == 2
    assert_delivered(await press.row(), Form.PICTURED, attempts=0)


async def test_a_picture_lost_in_a_kill_delays_no_edition(press: Press) -> None:
    await press.upload_unanswered()
    await press.strike_the_hour()
    await press.deliver()
    (page,) = press.pages()
    # Whether it is uploaded again in time is random.
    assert_delivered(await press.row(), form_of(page), attempts=0)
    assert press.uploads() <= 2


@pytest.mark.parametrize("is_carried_out", [True, False])
async def test_a_kill_during_a_pictured_edition_repeats_the_same_form(
    press: Press, *, is_carried_out: bool
) -> None:
    await press.keep_picture()
    await press.strike_the_hour()
    await press.edition_unanswered(is_carried_out=is_carried_out)
    row = await press.row()
    assert (row.state, row.form, row.part) == (DeliveryState.SENDING, Form.PICTURED, 0)
    await press.deliver()
    pages = press.pages()
    assert len(pages) == 1 + is_carried_out
    assert all(page == pages[0] for page in pages)
    assert form_of(pages[0]) is Form.PICTURED
    assert press.uploads() == 0
    assert_delivered(await press.row(), Form.PICTURED, attempts=1)


async def test_an_edition_sent_without_its_picture_is_repeated_without_it(press: Press) -> None:
    upload = press.town.faults.add(method="sendPhoto", hold=True)
    await press.strike_the_hour()
    await press.edition_unanswered(is_carried_out=True)
    row = await press.row()
    assert (row.state, row.form, row.part) == (DeliveryState.SENDING, Form.RICH, 0)
    # By the next life the picture is there.
    await press.keep_picture()
    await press.deliver()
    first, second = press.pages()
    assert first == second
    assert form_of(second) is Form.RICH
    assert press.uploads() == 0
    assert upload.hits <= 1
    assert_delivered(await press.row(), Form.RICH, attempts=1)
