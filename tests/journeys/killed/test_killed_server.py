"""A morning's editions while PostgreSQL dies and restarts; the bot keeps running."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.sending.sender import MOST
from storage.migrations.open_migrated import open_migrated
from storage.model import DeliveryState
from tests.journeys.crowd import Reader, gather
from tests.journeys.killed.killing import LONG_ENOUGH, Ledger, Town, running
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path

    from bench.harness.postgresql import DatabaseServer
    from tests.plugins.fork_server import ForkServer

READERS = 400
AWAY = 0.5
"""Seconds until the server is started again."""


async def test_a_short_outage_of_postgresql_loses_no_edition(
    fork_server: ForkServer, postgresql_url: str, mortal: DatabaseServer, tmp_path: Path
) -> None:
    log = tmp_path / "stderr.txt"
    database = await migrated(postgresql_url)
    await gather(database, map(Reader, range(1, READERS + 1)), datetime.now(UTC))
    await database.close()

    def die() -> None:
        mortal.kill()
        asyncio.get_running_loop().call_later(AWAY, mortal.start)

    async with (
        Town(random.Random(1)) as town,  # noqa: S311 - how long answers take, no secret
        running(fork_server, town, postgresql_url, log) as process,
    ):
        town.kill = die
        town.fatal = lambda: town.sends_beyond(READERS // 4)
        await asyncio.wait_for(town.until(lambda: len(town.parts) == READERS), LONG_ENOUGH)
        assert process.returncode is None
        process.terminate()
        assert await asyncio.wait_for(process.wait(), LONG_ENOUGH) == 0, log.read_text()
    await open_migrated(database)
    rows = await Ledger(database).rows()
    await database.close()
    assert town.arrived.total() - READERS <= MOST
    assert {row.state for row in rows} == {DeliveryState.SENT}
    assert len(rows) == READERS
    assert "Traceback" not in log.read_text()
