"""Delivered copies are corrected while the process that edits them is killed repeatedly."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from digest.correcting.corrector import BATCH
from storage.desk.amendments import Amendments
from storage.desk.corrections import Corrections
from storage.model import ChatKind, Grade, Layout
from storage.tables.correction_schema import correction_copies, corrections
from storage.tables.schema import articles
from tests.journeys.crowd import Asked, Line, Reader, gather, refusal
from tests.journeys.killed.killing import LONG_ENOUGH, SLOWEST_ANSWER, Ledger, Town, running
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database
    from tests.plugins.fork_server import ForkServer

SEED = 20261130
LAYOUTS = tuple(Layout)
ROOMS = (ChatKind.GROUP, ChatKind.TOPIC, ChatKind.CHANNEL)
READERS = [
    *(Reader(chat, layout=LAYOUTS[chat % len(LAYOUTS)]) for chat in range(1, 2_001)),
    *(
        Reader(-1_000 - number, thread_id=5 * (kind is ChatKind.TOPIC), kind=kind, layout=layout)
        for number, (kind, layout) in enumerate(product(ROOMS, LAYOUTS))
    ),
]
KILLS = ((200, 500), (800, 1_100), (1_400, 1_800))
"""Copies that are changed when each kill comes: at least, and fewer than."""
RIGHT = "Number 1 leaves the workshop"
EDITOR = 77


class Copies(Town):
    """A fake of Telegram that keeps the messages, and records which edits changed one."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(dice)
        self.shown: dict[tuple[int, int], str] = {}
        """Chat and message → its text or blocks."""
        self.changed: Counter[int] = Counter()
        """Chat → edits that changed a message in it."""
        self.repeated = 0
        """Edits to what the message said already."""

    def message(self, line: Line, asked: Asked) -> None:
        self.arrived[asked.chat_id, asked.text] += 1
        number = next(self._numbers)
        self.shown[asked.chat_id, number] = asked.text
        self._answer(line, self.receipt_of(number))

    def edit(self, line: Line, chat_id: int, message_id: int, text: str) -> None:
        if self.shown[chat_id, message_id] == text:
            self.repeated += 1
            self._answer(line, refusal(400, "Bad Request: message is not modified"))
            return
        self.shown[chat_id, message_id] = text
        self.changed[chat_id] += 1
        self._answer(line, self.receipt_of(message_id))

    def _answer(self, line: Line, answer: bytes) -> None:
        takes = self.dice.uniform(0, SLOWEST_ANSWER)
        asyncio.get_running_loop().call_later(takes, line.write, answer)

    def changes_beyond(self, number: int) -> bool:
        """Return whether this many messages were changed."""
        return self.changed.total() >= number


async def uncorrected(database: Database) -> int:
    """Return the number of copies that wait, and of corrections whose copies are not all known."""
    query = select(
        select(func.count()).select_from(correction_copies).scalar_subquery(),
        select(func.count()).where(corrections.c.searched.is_not(None)).scalar_subquery(),
    )
    async with database.reading() as connection:
        return sum((await connection.execute(query)).one())


async def test_a_kill_while_copies_are_corrected_misses_none_and_counts_none_twice(
    fork_server: ForkServer, database_url: str, tmp_path: Path
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - dice, no secret
    log = tmp_path / "stderr.txt"
    database = await migrated(database_url)
    ledger = Ledger(database)
    run = partial(running, fork_server, database_url=database_url, log=log)
    try:
        async with Copies(dice) as town:
            await gather(database, READERS, datetime.now(UTC))
            async with run(town) as process, asyncio.timeout(LONG_ENOUGH):
                await town.until(lambda: len(town.shown) == len(READERS))
                while await ledger.unsent():  # noqa: ASYNC110 - another process sends
                    await asyncio.sleep(0.02)
                process.terminate()
                assert await process.wait() == 0, log.read_text()
            await ledger.at_rest()

            story = select(articles.c.id).where(articles.c.link == "https://paper.example/0")
            async with database.reading() as connection:
                wrong = (await connection.execute(story)).scalar_one()
            done = await Amendments(database).correct(
                wrong, title=RIGHT, grade=Grade.FACT, person_id=EDITOR, now=datetime.now(UTC)
            )
            for cut in [dice.randrange(*between) for between in KILLS]:
                async with run(town) as process:
                    town.fatal = partial(town.changes_beyond, cut)
                    status = await asyncio.wait_for(process.wait(), LONG_ENOUGH)
                    assert status == -signal.SIGKILL, log.read_text()
                await town.deserted()
                await ledger.at_rest()
                assert await uncorrected(database)

            async with run(town) as process, asyncio.timeout(LONG_ENOUGH):
                while await uncorrected(database):  # noqa: ASYNC110 - another process edits
                    await asyncio.sleep(0.02)
                process.terminate()
                assert await process.wait() == 0, log.read_text()
        assert done.correction is not None
        correction = await Corrections(database).get(done.correction)
    finally:
        await database.close()

    missed = {chat for (chat, _), text in town.shown.items() if RIGHT not in text}
    assert missed == set()
    assert town.changed == Counter({reader.chat_id: 1 for reader in READERS})
    # The kills came while edits were in flight, or this would prove nothing. No more edits are
    # repeated than were unrecorded at a kill.
    assert len(KILLS) <= town.repeated <= len(KILLS) * BATCH
    assert correction is not None
    assert (correction.changed, correction.failed, correction.waiting) == (len(READERS), {}, 0)
    assert " ERROR " not in log.read_text()
