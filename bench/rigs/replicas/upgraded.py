"""Three replicas of an earlier commit, replaced one by one by those of this one under load."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import make_url

from bench.archive import postgresql
from bench.harness.processes import BrokenRunError
from bench.rigs.replicas.earlier import HERE, earlier
from bench.rigs.replicas.replicated import ReplicaTown, replicas
from storage.replicas.spread import SHARDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.rigs.replicas.replicated import ReplicaProcess

DUE = 2_000
PEOPLE = 20
PACE = {"MESSAGES_PER_SECOND": "60", "PAID_BROADCAST": "true"}
"""At this pace, editions are still being sent when the last replica is replaced."""
LOOK = 0.02
PATIENCE = 120.0
"""Seconds after which a state that does not come fails the run."""
WAITS = b"waits as its standby"
"""What the log of a replica says that may not answer beside the older ones."""
# The earlier commit's own code, since the tables are those of its revision.
FILL = """
import asyncio, sys
try:
    from bench.rigs.news import day
except ImportError:
    from bench.rigs import day
from bot.composition import Archive, utc_now
from bot.configuration.settings import Settings

async def main(url, number):
    archive = Archive(Settings(telegram_bot_token="", database_url=url))
    await archive.open(())
    now = utc_now()
    if not number:
        await day.fill(archive, now)
    else:
        keys = await day.keep_tastes(archive.database, day.choices(200))
        due = now.replace(second=0, microsecond=0)
        await day.subscribe(archive.database, keys, number, due=due, now=now)
    await archive.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class _ReplicaRows:
    """The database, read by statements that hold at every revision with replicas."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def is_spread(self) -> bool:
        """Return whether three replicas hold all shards evenly, and one of them sends."""
        rows = await self._connection.fetch("SELECT id, sends FROM replicas")
        held = Counter(
            row[0] for row in await self._connection.fetch("SELECT replica_id FROM shards")
        )
        counts = [held[row["id"]] for row in rows]
        return (
            len(rows) == 3  # all of them
            and sum(counts) == SHARDS
            and max(counts) - min(counts) <= 1
            and sum(row["sends"] for row in rows) == 1
        )

    async def has(self, process: ReplicaProcess) -> bool:
        """Return whether a process has become a replica."""
        pid = 0 if process.process is None else process.process.pid
        names = await self._connection.fetch("SELECT name FROM replicas")
        return any(row["name"].endswith(f":{pid}") for row in names)

    async def are_sent(self, due: int) -> bool:
        """Return whether every edition has come to an end."""
        ended = "SELECT count(*) FROM deliveries WHERE state IN ('sent', 'failed', 'skipped')"
        return int(await self._connection.fetchval(ended)) >= due


async def upgrade(commit: str, *, quick: bool) -> dict[str, float]:
    """Replace the replicas of a commit; return who was missed, and what came twice.

    Raises:
        RevisionError: The commit cannot be measured.
    """
    due = DUE // 10 if quick else DUE
    async with earlier(commit) as old:
        with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
            async with postgresql(Path(folder) / "postgresql") as url:
                await old.run(FILL, url, "0")
                address = make_url(url)
                server = f"{address.query['host']}/.s.PGSQL.5432"
                name = address.database or ""
                connection = await asyncpg.connect(url)
                async with (
                    ReplicaTown(7) as town,
                    replicas(town, name, server, 3, settings=PACE, program=old) as processes,
                ):
                    rows = _ReplicaRows(connection)
                    await _until(rows.is_spread)
                    await old.run(FILL, url, str(due))
                    found = await _replace(town, rows, processes, due)
                await connection.close()
    return found


async def _replace(
    town: ReplicaTown, rows: _ReplicaRows, processes: list[ReplicaProcess], due: int
) -> dict[str, float]:
    done = asyncio.Event()
    talks = [asyncio.create_task(town.talk(person, done)) for person in range(PEOPLE)]
    await _until(lambda: _now(bool(town.editions)))
    began, waited = time.perf_counter(), 0
    for process in processes:
        await process.end(signal.SIGTERM)
        process.program = HERE
        written = process.log.stat().st_size
        await process.start()
        waited += not await _answers(rows, process, written)
    await _until(rows.is_spread)
    took = time.perf_counter() - began
    sent_before = len(town.editions)
    await _until(lambda: rows.are_sent(due))
    done.set()
    steps = sum(await asyncio.gather(*talks))
    return {
        "upgrade_s": took,
        "waited": waited,
        "steps": steps,
        "sent_meanwhile": sent_before,
        "missed": len(town.missed) + due - len(town.editions),
        "twice": sum(count - 1 for count in town.editions.values()),
        "again": town.again,
        "extra": town.extra.total(),
    }


async def _answers(rows: _ReplicaRows, process: ReplicaProcess, written: int) -> bool:
    """Wait until a new process is a replica, or waits for the older ones; return whether it is.

    Args:
        rows: The database.
        process: The process.
        written: Bytes that its log had before it was started.
    """
    waits = False

    async def is_settled() -> bool:
        nonlocal waits
        waits = WAITS in process.log.read_bytes()[written:]
        return waits or await rows.has(process)

    await _until(is_settled)
    return not waits


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition.

    Raises:
        BrokenRunError: It did not come to hold.
    """
    began = time.perf_counter()
    while not await holds():
        if time.perf_counter() - began > PATIENCE:
            raise BrokenRunError("the replicas did not come to be as they should")
        await asyncio.sleep(LOOK)


async def _now(holds: bool) -> bool:  # noqa: FBT001  # a condition
    return holds
