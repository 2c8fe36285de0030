"""A morning's editions while the process is killed again and again.

What was written to files survives that, on the disk or not: what a power cut would cost is up to
`PRAGMA synchronous`, which the tests of the database look at.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from digest.sender import MOST
from storage.database import Database
from storage.model import DeliveryState, Form, Layout
from storage.schema import deliveries, subscribers
from tests.journeys.crowd import LONG, TOKEN, Asked, Line, Reader, Telegram, gather

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator


ROOT = Path(__file__).parents[2]
READERS = 2_000
LONG_EVERY = 4
"""Every fourth reader's edition takes two messages."""
PAGE_EVERY = 3
"""Every third of the others has a front page."""
MESSAGES = READERS + READERS // LONG_EVERY
KILLS_WHILE_SENDING = 6
PER_SECOND = 1_000
SLOWEST_ANSWER = 0.03
LONG_ENOUGH = 300.0


class Town(Telegram):
    """Remembers who got what, and ends a life of the bot when its moment comes."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.arrived: Counter[tuple[int, str]] = Counter()
        self.parts: defaultdict[int, list[str]] = defaultdict(list)
        """The different messages that a chat got, in their order."""
        self.begin()

    def begin(self) -> None:
        """A new life begins."""
        self.requests = 0
        self.arrived_now: defaultdict[int, list[str]] = defaultdict(list)
        self.fatal: Callable[[], bool] = lambda: False
        self.kill: Callable[[], None] = lambda: None

    def asked(self, line: Line, method: str, body: bytes) -> None:
        self.requests += 1
        super().asked(line, method, body)
        if self.fatal():
            # Once: a second kill would ask for the status that the event loop waits for.
            self.fatal = lambda: False
            self.kill()

    def message(self, line: Line, asked: Asked) -> None:
        chat = asked.chat_id
        self.arrived[chat, asked.text] += 1
        self.arrived_now[chat].append(asked.text)
        if asked.text not in self.parts[chat]:
            self.parts[chat].append(asked.text)
        takes = self.dice.uniform(0, SLOWEST_ANSWER)
        asyncio.get_running_loop().call_later(takes, line.write, self.receipt())

    def asked_at_least(self, number: int) -> bool:
        """Whether there were so many requests in this life."""
        return self.requests >= number

    def sends_beyond(self, number: int) -> bool:
        """Whether so many different messages have arrived, the last of them in this life."""
        return len(self.arrived) >= number and bool(self.arrived_now)

    def somebody_has_two(self) -> bool:
        """Whether a second message arrived in this life."""
        return any(len(texts) > 1 for texts in self.arrived_now.values())

    def all_is_said(self) -> bool:
        """Whether everybody has everything."""
        return len(self.arrived) == MESSAGES


@dataclass(frozen=True, slots=True)
class Row:
    """An edition in the ledger."""

    chat_id: int
    state: DeliveryState
    part: int
    attempts: int
    claimed: datetime | None
    message_ids: str | None
    error: str | None
    form: str | None


class Ledger:
    """The database of the bot, looked at from outside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def planned(self) -> int:
        async with self._database.read() as connection:
            found = await connection.execute(select(func.count()).select_from(deliveries))
            return int(found.scalar_one())

    async def rows(self) -> list[Row]:
        d = deliveries.c
        query = select(
            subscribers.c.chat_id,
            d.state,
            d.part,
            d.attempts,
            d.claimed,
            d.message_ids,
            d.error,
            d.form,
        )
        async with self._database.read() as connection:
            found = await connection.execute(query.join_from(deliveries, subscribers))
            return [Row(chat, DeliveryState(state), *rest) for chat, state, *rest in found]

    async def at_rest(self) -> None:
        """Wait until the server has done with the sessions of a process that is dead."""
        if self._database.dialect == "sqlite":
            return
        others = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        async with self._database.read() as connection:
            while (await connection.execute(others)).scalar():
                continue  # the server has nothing to wake us with


@asynccontextmanager
async def running(town: Town, database_url: str, said: Path) -> AsyncIterator[Process]:
    """The bot, in a process of its own."""
    with said.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=said.parent,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "TELEGRAM_API_URL": town.url,
                "DATABASE_URL": database_url,
                "MESSAGES_PER_SECOND": str(PER_SECOND),
                "PAID_BROADCAST": "true",
                "EDITION_SIZE": "30",
                "LOG_LEVEL": "WARNING",
            },
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
        )
    town.begin()
    town.kill = process.kill
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def reader_of(chat: int) -> Reader:
    """Who reads in a chat."""
    if chat % LONG_EVERY == 0:
        return Reader(chat, follows=LONG)
    layout = Layout.FRONT_PAGE if chat % PAGE_EVERY == 0 else Layout.SUMMARIES
    return Reader(chat, layout=layout)


Moment = Callable[[], bool]


def moments(town: Town) -> list[Moment | None]:
    """When to kill: at the start, in the middle of planning (None), and while editions go out."""
    dice = town.dice
    cuts = sorted(dice.sample(range(1, 9 * MESSAGES // 10), KILLS_WHILE_SENDING))
    sending: list[Moment | None] = [partial(town.sends_beyond, cut) for cut in cuts]
    for other in (town.somebody_has_two, partial(town.asked_at_least, dice.randint(1, 8))):
        sending.insert(dice.randrange(len(sending)), other)
    return [partial(town.asked_at_least, dice.randint(1, 3)), None, *sending]


async def test_nobody_is_missed_and_only_what_was_in_flight_comes_twice(
    database_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(2**32)  # noqa: S311 - dice, no secret
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    dice = random.Random(seed)  # noqa: S311 - as above
    readers = [reader_of(chat) for chat in range(1, READERS + 1)]
    said = tmp_path / "stderr.txt"
    database = Database(database_url)
    await database.open()
    ledger = Ledger(database)
    in_flight: list[int] = []
    known: set[tuple[int, datetime | None]] = set()
    in_doubt: Counter[tuple[int, str]] = Counter()
    resumed = 0
    try:
        async with Town(dice) as town:
            await gather(database, readers, datetime.now(UTC))
            for moment in moments(town):
                async with running(town, database_url, said) as process:
                    if moment is None:
                        while not await ledger.planned():
                            continue
                        process.kill()
                    else:
                        town.fatal = moment
                    status = await asyncio.wait_for(process.wait(), LONG_ENOUGH)
                    assert status == -signal.SIGKILL, said.read_text()
                await town.deserted()
                await ledger.at_rest()
                open_ = [row for row in await ledger.rows() if row.state is DeliveryState.SENDING]
                # What a forerunner left is still there if this one died at its start.
                left = [row for row in open_ if (row.chat_id, row.claimed) not in known]
                known.update((row.chat_id, row.claimed) for row in left)
                in_flight.append(len(left))
                resumed += sum(row.part > 0 for row in left)
                for row in left:
                    for message in town.arrived_now[row.chat_id]:
                        if town.parts[row.chat_id].index(message) >= row.part:
                            in_doubt[row.chat_id, message] += 1

            async with running(town, database_url, said) as process:
                await asyncio.wait_for(town.until(town.all_is_said), LONG_ENOUGH)
                process.terminate()
                assert await asyncio.wait_for(process.wait(), LONG_ENOUGH) == 0, said.read_text()
        rows = await ledger.rows()
    finally:
        await database.close()

    twice = Counter({key: count - 1 for key, count in town.arrived.items() if count > 1})
    missed = READERS - len(town.parts)
    record_property(
        "figures",
        f"{database.dialect}, seed {seed}: {len(in_flight)} kills in the fan-out to "
        f"{READERS:,} readers; {missed} missed; {sum(in_flight)} editions were in flight at "
        f"the kills {in_flight}, {in_doubt.total()} messages of these had arrived; "
        f"{twice.total()} came twice; {resumed} went on at their second message",
    )
    assert missed == 0
    for reader in readers:
        assert len(town.parts[reader.chat_id]) == 1 + (reader.follows == LONG)
    # Not one more than had arrived without the ledger having heard of it, and just these.
    assert twice == in_doubt
    assert twice.total() <= sum(in_flight)
    assert max(in_flight) <= MOST
    assert resumed > 0
    assert len(rows) == READERS
    assert {row.state for row in rows} == {DeliveryState.SENT}
    assert {row.error for row in rows} == {None}
    # A front page that came twice came in the same form, or there would be two different messages.
    pages = {reader.chat_id for reader in readers if reader.layout is Layout.FRONT_PAGE}
    assert {row.chat_id for row in rows if row.form == Form.RICH} == pages
    for row in rows:
        assert row.part == len(town.parts[row.chat_id]) == len(json.loads(row.message_ids or "[]"))
    # The ledger itself has counted them.
    assert sum(row.attempts for row in rows) == sum(in_flight)
    # A worker that is born while its parent is killed has a traceback; the bot itself has none.
    assert " ERROR " not in said.read_text()
