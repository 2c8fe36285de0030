"""A process killed while many updates wait loses no more than those it had started."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.updates.lanes import MOST_BEGUN
from playground.server import Playground
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import NewSource
from storage.readers.waiting_updates import WaitingUpdates
from storage.sources.sources import Sources
from tests.handlers.conftest import MORNING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
LONG_ENOUGH = 60.0
READERS = MOST_BEGUN + 24


@asynccontextmanager
async def life(town: Playground, database_url: str, *, per_second: int) -> AsyncIterator[Process]:
    """Run the bot in its own process, and kill it at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=Path(database_url.removeprefix("sqlite:///")).parent,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": town.token,
            "TELEGRAM_API_URL": town.url,
            "DATABASE_URL": database_url,
            "MESSAGES_PER_SECOND": str(per_second),
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_kill_loses_only_updates_that_were_started(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await open_migrated(database)
    # With a source that is never asked it takes no others.
    await Sources(database).seed([NewSource("Paper", "https://paper.example/feed")], MORNING)
    for source in await Sources(database).all():
        await Sources(database).remove(source.id)
    waiting = WaitingUpdates(database)
    async with Playground() as town:
        readers = [town.person(f"Reader {number}") for number in range(READERS)]
        for reader in readers:
            await reader.send("/help")
        async with life(town, sqlite_url, per_second=1):
            # What waits is written down before more is asked for.
            while not await waiting.all():  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.02)
        left = await waiting.all()
        before = len(town.sent("sendMessage"))
        async with life(town, sqlite_url, per_second=30):
            await town.until(lambda: len(town.sent("sendMessage")) >= before + len(left), 60.0)
            bystander = town.person("Bystander")
            await bystander.send("/help")
            await bystander.next()
            async with asyncio.timeout(LONG_ENOUGH):
                while await waiting.all():  # noqa: ASYNC110 - another process strikes them off
                    await asyncio.sleep(0.02)
        counts = Counter(int(request.params["chat_id"]) for request in town.sent("sendMessage"))
        assert all(counts[reader.id] <= 1 for reader in readers)
        assert READERS - sum(counts[reader.id] for reader in readers) <= MOST_BEGUN
    await database.close()
