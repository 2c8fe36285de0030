"""Two processes on one archive: the serving one is frozen during a fan-out, and wakes up."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from bot.serving.standby import BESIDE, WAITING
from storage.model import DeliveryState
from storage.tables.ledger_schema import deliveries
from tests.journeys.crowd import TOKEN, Asked, Line, Reader, Telegram, gather
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from storage.db.database import Database
    from tests.plugins.fork_server import Forked, ForkServer

READERS = 400
BEFORE = 60
"""Messages that arrive before the process is frozen."""
PER_SECOND = 200
LEASE = 4.0
"""Seconds of the lease, longer than a loaded machine delays a process."""
LONG_ENOUGH = 300.0


class Town(Telegram):
    """The fake of Telegram for one process."""

    def __init__(self, arrived: Counter[int]) -> None:
        super().__init__()
        self.arrived = arrived
        """Messages by chat, of all processes."""
        self.mine = 0
        """Those of this one's process."""
        self.freeze: Callable[[], None] | None = None

    def message(self, line: Line, asked: Asked) -> None:
        self.arrived[asked.chat_id] += 1
        self.mine += 1
        if self.freeze is not None and self.arrived.total() >= BEFORE:
            self.freeze()
            self.freeze = None
        super().message(line, asked)


class Server:
    """A process that serves or stands by."""

    def __init__(self, process: Forked, town: Town, log: Path) -> None:
        self.process = process
        self.town = town
        self._log = log

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def log(self) -> str:
        return self._log.read_text()

    async def says(self, words: str) -> None:
        while words not in self.log():
            assert self.process.returncode is None, self.log()
            await asyncio.sleep(0.01)


@asynccontextmanager
async def server(
    fork_server: ForkServer, database_url: str, arrived: Counter[int], log: Path
) -> AsyncIterator[Server]:
    async with Town(arrived) as town:
        with log.open("ab") as output:
            process = await fork_server.start(
                "run",
                cwd=log.parent,
                env={
                    "PATH": os.environ["PATH"],
                    "TELEGRAM_BOT_TOKEN": TOKEN,
                    "TELEGRAM_API_URL": town.url,
                    "DATABASE_URL": database_url,
                    "MESSAGES_PER_SECOND": str(PER_SECOND),
                    "PAID_BROADCAST": "true",
                },
                output=output.fileno(),
                lease=LEASE,
            )
        try:
            yield Server(process, town, log)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                await process.wait()


def is_writable(database: Database) -> bool:
    """Return whether no process has a write transaction open on the SQLite file."""
    if database.path is None:
        return True
    with closing(sqlite3.connect(database.path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


async def frozen_between_transactions(database: Database, leader: Server) -> None:
    """Freeze a process during its fan-out while it has no write transaction open."""
    while True:
        frozen = asyncio.Event()

        def freeze(frozen: asyncio.Event = frozen) -> None:
            leader.freeze()
            frozen.set()

        leader.town.freeze = freeze
        ended = asyncio.create_task(leader.process.wait())
        waiting = asyncio.create_task(frozen.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        assert not ended.done(), leader.log()
        ended.cancel()
        if is_writable(database):
            return
        leader.send(signal.SIGCONT)


async def test_a_frozen_process_is_taken_over_and_begins_no_message_when_it_wakes(
    fork_server: ForkServer,
    database_url: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    arrived: Counter[int] = Counter()
    database = await migrated(database_url)
    async with AsyncExitStack() as open_, asyncio.timeout(LONG_ENOUGH):
        open_.push_async_callback(database.close)
        readers = [Reader(chat) for chat in range(1, READERS + 1)]
        await gather(database, readers, datetime.now(UTC))
        leader = await open_.enter_async_context(
            server(fork_server, database_url, arrived, tmp_path / "leader.txt")
        )
        await frozen_between_transactions(database, leader)
        successor = await open_.enter_async_context(
            server(fork_server, database_url, arrived, tmp_path / "successor.txt")
        )
        await successor.says(BESIDE if database.dialect == "postgresql" else WAITING)
        async with database.reading() as connection:
            in_flight = await connection.scalar(
                select(func.count())
                .select_from(deliveries)
                .where(deliveries.c.state == DeliveryState.SENDING.value)
            )
        await successor.says("serves the archive from now on")
        await successor.town.until(lambda: successor.town.mine > 0)
        # What was written before the freeze has been read by now.
        before = leader.town.mine
        leader.send(signal.SIGCONT)
        await leader.says("this one waits as its standby")
        await successor.town.until(lambda: len(arrived) == READERS)

        successor.send(signal.SIGTERM)
        assert await successor.process.wait() == 0, successor.log()
        # In the same process, it serves again.
        await leader.town.until(lambda: leader.town.counts["getMe"] > 1)
        async with database.reading() as connection:
            rows = await connection.execute(
                select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
            )
            states = {state: count for state, count in rows}  # noqa: C416 - rows are no pairs to mypy
            fence = 0
            # On PostgreSQL a replica asks who it is before it takes the lease.
            while fence < 3:
                fence = await connection.scalar(text("SELECT fence FROM serving_lease")) or 0
                await asyncio.sleep(0.01)
    twice = Counter({chat: count - 1 for chat, count in arrived.items() if count > 1})
    record_property(
        "figures",
        f"{database.dialect}: frozen after {before} of {READERS} messages, {in_flight} in flight; "
        f"{twice.total()} came twice, {READERS - len(arrived)} missed",
    )
    assert "Traceback" not in leader.log(), leader.log()
    # No program can check its lease and write in one step, so one message may have been in between.
    assert leader.town.mine - before <= 1
    assert states == {DeliveryState.SENT.value: READERS}
    assert twice.total() <= (in_flight or 0)
    assert fence == 3
