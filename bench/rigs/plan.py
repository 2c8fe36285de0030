"""The bot with a million subscribers, some of them due in the same minute.

`python -m bench.rigs.plan URL FOLDER SUBSCRIBERS DUE` reports when it is ready, plans when it gets
a line, and reports how long that took.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bench.harness.processes import next_line, peak_mib, send_message
from bench.rigs import day
from bench.rigs.whole import serving
from bot.composition import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.db.database import Database

TASTES = 2_000
ZONES = (
    "Europe/Rome",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Dubai",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
# The database makes the rows: a million from Python would take longer than the measurement.
FILL = f"""
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :last),
readers AS (
    SELECT i, CASE WHEN i * :due_ones % :readers < :due_ones THEN 0 ELSE 1 + i * 7919 % 1439 END
        AS later
    FROM numbers
)
INSERT INTO subscribers (
    chat_id, thread_id, kind, state, language, zone, digest_minute, days, layout, empty_note,
    next_at, place, taste_key, created
)
SELECT
    1 + i, 0, 'private', 'active', 'en', zone.name, (zone.minute + later) % 1440, 127,
    'summaries', 0,
    strftime('%Y-%m-%dT%H:%M:%S', :due, '+' || later || ' minutes') || '.000000Z',
    0, taste.key, :now
FROM readers
JOIN temp.bench_zones AS zone ON zone.number = i % {len(ZONES)}
JOIN temp.bench_tastes AS taste ON taste.number = i % {TASTES}
"""  # noqa: S608  # two numbers of this module


async def populate(
    database: Database,
    taste_keys: Sequence[str],
    count: int,
    due_ones: int,
    *,
    due: datetime,
    now: datetime,
) -> None:
    """Add `count` subscribers, `due_ones` of them due at `due`, the others within a day later."""
    zones = []
    for number, name in enumerate(ZONES):
        local = due.astimezone(ZoneInfo(name))
        zones.append({"number": number, "name": name, "minute": local.hour * 60 + local.minute})
    tastes = [{"number": number, "key": key} for number, key in enumerate(taste_keys)]
    stamp = "%Y-%m-%dT%H:%M:%S.%fZ"
    async with database.writing() as connection:
        for statement in (
            "CREATE TEMP TABLE bench_zones (number INTEGER PRIMARY KEY, name, minute)",
            "CREATE TEMP TABLE bench_tastes (number INTEGER PRIMARY KEY, key)",
        ):
            await connection.execute(text(statement))
        await connection.execute(
            text("INSERT INTO temp.bench_zones VALUES (:number, :name, :minute)"), zones
        )
        await connection.execute(
            text("INSERT INTO temp.bench_tastes VALUES (:number, :key)"), tastes
        )
        await connection.execute(
            text(FILL),
            {
                "last": count - 1,
                "readers": count,
                "due_ones": due_ones,
                "due": due.strftime("%Y-%m-%d %H:%M:%S"),
                "now": now.strftime(stamp),
            },
        )


async def run(url: str, folder: str, subscribers: int, due_ones: int) -> None:
    """Fill the table, plan once, and wait for a line to end."""
    async with serving(url, folder) as bot:
        now = utc_now()
        # An hour ahead of the bot's clock, so the bot itself plans nothing before the measurement.
        due = now.replace(second=0, microsecond=0) + timedelta(hours=1)
        await day.fill(bot.archive, now)
        keys = await day.keep_tastes(bot.archive.database, day.choices(TASTES))
        await populate(bot.archive.database, keys, subscribers, due_ones, due=due, now=now)
        send_message("ready")
        await next_line()
        start = time.perf_counter()
        planned = await bot.planner.plan_due(due)
        send_message({"plan_s": time.perf_counter() - start, "due": planned})
        await next_line()
        send_message({"peak_mib": peak_mib()})


if __name__ == "__main__":
    url, folder, subscribers, due_ones = sys.argv[1:]
    asyncio.run(run(url, folder, int(subscribers), int(due_ones)))
