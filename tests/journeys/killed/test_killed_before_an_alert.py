"""Alerts are sent once although the process is killed right after storing the articles.

Two sources report one event: some readers have alerts on a house in it, others on a word.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import func, select

from digest.planning.alerts import UP_TO
from storage.articles.articles import Articles
from storage.db.key_value import KeyValue
from storage.model import DeliveryState, NewSource, Taste
from storage.readers.subscribers import Subscribers
from storage.sources.sources import Sources
from storage.tables.schema import articles
from tests.journeys.crowd import TOKEN
from tests.journeys.killed.killing import LONG_ENOUGH, Ledger, Town, life
from tests.plugins.archive import registered
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import ColumnElement

    from storage.db.database import Database
    from tests.plugins.fork_server import Forked, ForkServer

READERS = 60
"""Half of them have alerts on a house, the others on a word."""
TITLES = (
    "Prada agrees to buy Versace for 1.25 billion euros",
    "Versace goes to Prada in a \u20ac1.25bn deal",
)
SETTINGS = {
    "MESSAGES_PER_SECOND": "1000",
    "PAID_BROADCAST": "true",
    "ALLOW_PRIVATE_SOURCES": "true",
    "FETCH_EVERY": "5",
}


@asynccontextmanager
async def papers(now: datetime, asked: asyncio.Event) -> AsyncIterator[list[str]]:
    """Serve two feeds with one headline each; `asked` is set by the first request."""

    async def answer(request: web.Request) -> web.Response:
        asked.set()
        number = int(request.match_info["number"])
        published = format_datetime(now - timedelta(minutes=9 - number))
        item = (
            f"<item><title>{TITLES[number]}</title><link>https://paper{number}.example/a</link>"
            f"<guid>{number}</guid><pubDate>{published}</pubDate></item>"
        )
        text = f"<rss version='2.0'><channel><title>Paper</title>{item}</channel></rss>"
        return web.Response(text=text, content_type="application/rss+xml")

    application = web.Application()
    application.router.add_get("/{number}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        port = runner.addresses[0][1]
        yield [f"http://127.0.0.1:{port}/{number}" for number in range(len(TITLES))]
    finally:
        await runner.cleanup()


async def gather(database: Database, addresses: list[str], now: datetime) -> None:
    """Create an archive without articles, its sources, and readers, none of whom is due."""
    sources, subscribers = Sources(database), Subscribers(database)
    named = [NewSource(f"Paper {number}", url) for number, url in enumerate(addresses)]
    await sources.seed(named, now)
    await KeyValue(database).put(UP_TO, "0")
    for chat in range(1, READERS + 1):
        reader = await registered(subscribers, chat, now, zone="Etc/UTC", digest_minute=0)
        if chat % 2:
            await subscribers.follow(reader.id, "prada", alerts=True)
        else:
            await subscribers.follow_word(reader.id, "Versace", alerts=True)
        await subscribers.change(reader.id, next_at=now + timedelta(days=2))


async def count(database: Database, of: ColumnElement[int]) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(select(func.count(of)))).scalar_one())


async def test_a_kill_between_ingest_and_alert_neither_loses_nor_repeats(
    fork_server: ForkServer, database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    log = tmp_path / "stderr.txt"
    database = await migrated(database_url)
    ledger = Ledger(database)
    asked = asyncio.Event()
    in_doubt: Counter[int] = Counter()
    known: set[tuple[int, datetime | None]] = set()
    try:
        async with Town(random.Random(1)) as town, papers(now, asked) as addresses:  # noqa: S311 - no secret
            await gather(database, addresses, now)

            def sending() -> bool:
                # Where all of them were sent before, at its start.
                all_sent = len(town.parts) == READERS and town.asked_at_least(3)
                return town.sends_beyond(READERS // 3) or all_sent

            async def killed(process: Forked, *, at_ingest: bool) -> None:
                town.kill = process.kill
                if at_ingest:
                    # The archive is looked at from outside: nothing there could wake us.
                    await asyncio.wait_for(asked.wait(), LONG_ENOUGH)
                    while not await count(database, articles.c.id):
                        assert process.returncode is None, log.read_text()
                        await asyncio.sleep(0.001)
                    process.kill()
                else:
                    town.fatal = sending
                status = await asyncio.wait_for(process.wait(), LONG_ENOUGH)
                assert status == -signal.SIGKILL, log.read_text()

            for at_ingest in (True, False):
                town.begin()
                async with life(
                    fork_server, log, town.url, database_url, token=TOKEN, settings=SETTINGS
                ) as process:
                    await killed(process, at_ingest=at_ingest)
                await town.deserted()
                await ledger.at_rest()
                for row in await ledger.rows():
                    claim = (row.chat_id, row.claimed)
                    if row.state is DeliveryState.SENDING and claim not in known:
                        known.add(claim)
                        in_doubt[row.chat_id] += len(town.arrived_now[row.chat_id])
            town.begin()
            async with life(
                fork_server, log, town.url, database_url, token=TOKEN, settings=SETTINGS
            ) as process:
                await asyncio.wait_for(town.until(lambda: len(town.parts) == READERS), LONG_ENOUGH)
                while await count(database, articles.c.id) < len(TITLES) or await ledger.unsent():
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.02)
                process.terminate()
                assert await asyncio.wait_for(process.wait(), LONG_ENOUGH) == 0, log.read_text()
            rows = await ledger.rows()
            stored = await Articles(database).latest(Taste(), limit=9)
    finally:
        await database.close()

    # Both wordings are there, as one event; each reader was alerted to it, by one of them.
    assert len(stored) == 1
    assert sorted(row.chat_id for row in rows) == list(range(1, READERS + 1))
    assert {row.state for row in rows} == {DeliveryState.SENT}
    assert {len(texts) for texts in town.parts.values()} == {1}
    # Only messages that arrived before the ledger recorded them came twice.
    twice = Counter({chat: n - 1 for (chat, _), n in town.arrived.items() if n > 1})
    assert twice == +in_doubt
    assert " ERROR " not in log.read_text()
