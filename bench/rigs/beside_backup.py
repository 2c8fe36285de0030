"""Fan-outs on PostgreSQL, by turns alone and while `onnews backup` reads a snapshot.

A server cannot remove dead rows that are younger than its oldest snapshot, and each delivery leaves
two of them. `python -m bench.rigs.beside_backup URL DATABASE READERS` is the bot: it makes an
archive. Then for each line it adds readers whose edition is due, waits for another line, sends
their editions and reports the figures.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import text

from bench.archive import AT_ONCE, SOURCES, postgresql, put, vacuumed
from bench.harness.processes import BrokenRunError, next_line, python, send_message, talking
from bench.rigs import fanout
from bench.rigs.news import day
from bench.rigs.news.library import Library
from bot.composition import Archive, utc_now
from bot.configuration.settings import Settings
from bot.telegram.transport import TelegramOutbox
from digest.pacing.rate_limiter import RateLimiter
from storage.model import NewSource, Taste

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

TURNS = ("alone", "backup", "backup", "alone")
SETS = 200
ARTICLES = 10_000
DAYS = 100
"""Past deliveries for each reader, so many that a backup lasts longer than a fan-out."""
AT_LEAST = 400_000
"""Past deliveries at least."""
NO_LIMIT = 1_000_000.0
FIRST_CHAT = 10_000_000
OLD = timedelta(days=60)
"""Age of the newest old article, too old for an edition."""
LOOK = 0.05

PAST = """
INSERT INTO deliveries (
    subscriber_id, key, kind, due, state, place_from, place_to, taste_key, language, layout,
    not_before, settled, part, message_ids, articles
)
SELECT
    subscribers.id, CAST(day AS text), 'edition', past.at, 'sent', 0, 1,
    subscribers.taste_key, 'en', 'summaries', past.at, past.at, 1, '[1]',
    '[1,2,3,4,5,6,7,8,9,10,11,12]'
FROM generate_series(1, CAST(:days AS integer)) AS day,
    LATERAL (SELECT CAST(:now AS timestamptz) - day * interval '1 day' AS at) AS past, subscribers
"""
OLDEST_SNAPSHOT = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()
AND backend_type = 'client backend'
"""


async def compare(readers: int) -> dict[str, Any]:
    """Send editions to as many readers in each turn; return the figures.

    Raises:
        BrokenRunError: A backup ended before its fan-out.
    """
    turns: dict[str, list[float]] = {name: [] for name in TURNS}
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            postgresql(Path(folder) / "postgresql") as address,
            talking("bench.peers.server") as server,
        ):
            url = f"http://127.0.0.1:{await server.next_message()}"
            async with talking("bench.rigs.beside_backup", url, address, str(readers)) as bot:
                await bot.next_message()
                for name in TURNS:
                    await vacuumed(address)
                    bot.say()
                    await bot.next_message()
                    async with _snapshot(address, folder, held=name == "backup"):
                        bot.say()
                        turns[name].append(await bot.next_message())
    rate = {name: mean(rates) for name, rates in turns.items()}
    return {"rate": rate, "share": rate["backup"] / rate["alone"]}


@asynccontextmanager
async def _snapshot(address: str, folder: str, *, held: bool) -> AsyncIterator[None]:
    """Have `onnews backup` read a snapshot during the block; end it on exit.

    Raises:
        BrokenRunError: It ended before the block.
    """
    if not held:
        yield
        return
    file = Path(tempfile.mkdtemp(dir=folder), "onnews.backup")
    server = await asyncpg.connect(address)
    try:
        began = await server.fetchval("SELECT clock_timestamp()")
        async with python(
            *("-m", "bot", "backup", str(file)), env={"DATABASE_URL": address}, cwd=file.parent
        ) as process:
            while not list(file.parent.glob(".unfinished-*")):
                if process.returncode is not None:
                    raise BrokenRunError("onnews backup failed")
                await asyncio.sleep(LOOK)
            snapshot = await server.fetchval(OLDEST_SNAPSHOT)
            yield
            if snapshot < began or await server.fetchval(OLDEST_SNAPSHOT) != snapshot:
                raise BrokenRunError("the backup ended before the fan-out")
    finally:
        await server.close()


async def _fill(archive: Archive, readers: int, now: datetime) -> None:
    """Make old articles, and readers with past deliveries who get no more."""
    database = archive.database
    old = [
        NewSource(f"Old paper {number}", f"https://old{number}.example/feed")
        for number in range(SOURCES)
    ]
    await archive.sources.add_all(old, now)
    numbered = enumerate(Library().articles(ARTICLES, now - OLD), start=1)
    while some := list(islice(numbered, AT_ONCE)):
        await database.write(partial(put, drawn=some, searched=False))
    (nothing,) = await day.keep_tastes(database, [Taste()])
    past = max(readers * DAYS, AT_LEAST) // DAYS
    await day.subscribe(database, [nothing], past, due=None, now=now)
    async with database.writing() as connection:
        await connection.execute(
            text("SELECT setval(pg_get_serial_sequence('articles', 'id'), :last)"),
            {"last": ARTICLES},
        )
        await connection.execute(text(PAST), {"now": now, "days": DAYS})


async def run(url: str, address: str, readers: int) -> None:
    """Make the archive, and send for as long as lines come."""
    settings = Settings(telegram_bot_token=fanout.TOKEN, telegram_api_url=url, database_url=address)
    archive = Archive(settings)
    await archive.open(())
    outbox = TelegramOutbox(f"{url}/bot{fanout.TOKEN}")
    now = utc_now()
    await _fill(archive, readers, now)
    await day.fill(archive, now)
    keys = await day.keep_tastes(archive.database, day.choices(SETS))
    send_message("made")
    first = FIRST_CHAT
    while await next_line():
        now = utc_now()
        due = now.replace(second=0, microsecond=0)
        await day.subscribe(archive.database, keys, readers, due=due, now=now, first_chat=first)
        first += readers
        send_message("due")
        await next_line()
        figures = await fanout.send(archive, settings, outbox, RateLimiter(NO_LIMIT), now)
        send_message(figures["rate"])
    await outbox.close()
    await archive.close()


if __name__ == "__main__":
    where, database, number = sys.argv[1:]
    asyncio.run(run(where, database, int(number)))
