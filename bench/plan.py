"""`./dev bench plan [--subscribers N] [--due N]`: a million subscribers, a tenth of them due.

The whole bot runs in its own process, on SQLite on disk. Readers ask for /latest over HTTP while it
plans.

`python -m bench.plan fill FOLDER SUBSCRIBERS DUE` makes the database, and reports when these are
due. `python -m bench.plan URL FOLDER TIME` runs the bot on it: it reports its peak memory when it
is ready, plans what is due at that time when it gets a line, and reports how long that took.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bench import OptionError
from bench.harness.processes import figures, next_line, peak_mib, percentile, send_message, talking
from bench.harness.report import Metric
from bench.rigs.crowd import Crowd
from bench.rigs.news import day
from bench.rigs.whole import OLD, serving
from bot.composition import Archive, utc_now
from bot.configuration.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

SUBSCRIBERS = 1_000_000
ASKED = 40.0
"""Requests a second."""
WARM_UP = 2.0

PATIENCE = 600.0
"""Seconds after which an answer counts as lost."""

FIGURES = {
    "subscribers": Metric("subscribers"),
    "due": Metric("due in the same minute"),
    "plan_s": Metric("all of these planned within", "s", at_most=10.0),
    "peak_mib": Metric("peak memory of the whole bot", "MiB", at_most=300.0),
    "planning_mib": Metric("more than after the start, which knows each chat in 8 bytes", "MiB"),
    "latest_p99_ms": Metric("/latest meanwhile: 99 of 100 answers within", "ms", at_most=100.0),
    "answers": Metric("answers"),
    "million_plan_s": Metric("planned within, with a million subscribers", "s"),
    "million_peak_mib": Metric("peak memory with a million", "MiB"),
    "time_growth": Metric("time for each one due, by that with a million", at_most=1.5),
    "memory_growth_mib": Metric(
        "memory that this adds to the bot, more than with a million", "MiB", at_most=10.0
    ),
}


async def measure(
    *, quick: bool = False, subscribers: int = SUBSCRIBERS, due: int = 0
) -> dict[str, float]:
    """Plan once; with more than a million subscribers also with a million, for comparison.

    Raises:
        OptionError: More are due than there are.
    """
    due = due or subscribers // 10
    if due > subscribers:
        raise OptionError(f"of {subscribers} subscribers {due} cannot be due")
    scale = 10 if quick else 1
    found = {}
    if subscribers > SUBSCRIBERS:
        million = await _planned(SUBSCRIBERS // scale, SUBSCRIBERS * due // subscribers // scale)
        found = {f"million_{key}": million[key] for key in ("plan_s", "peak_mib")}
    many = await _planned(subscribers // scale, due // scale)
    if found:
        each = million["plan_s"] / million["due"]
        found["time_growth"] = many["plan_s"] / many["due"] / each
        found["memory_growth_mib"] = many["planning_mib"] - million["planning_mib"]
    return {**many, **found}


async def _planned(subscribers: int, due: int) -> dict[str, float]:
    """Plan the due ones of some subscribers; return the figures."""
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        at = await figures("bench.plan", "fill", folder, str(subscribers), str(due))
        async with (
            Crowd(patience=PATIENCE) as crowd,
            talking("bench.plan", crowd.url, folder, at) as bot,
        ):
            ready = await bot.next_message()
            await crowd.ask_for(ASKED, WARM_UP)
            over = asyncio.Event()
            asking = asyncio.create_task(crowd.ask(ASKED, over))
            bot.say()
            plan = await bot.next_message()
            over.set()
            answers = await asking
            bot.say()
            end = await bot.next_message()
    return {
        "subscribers": subscribers,
        "due": plan["due"],
        "plan_s": plan["plan_s"],
        "peak_mib": end["peak_mib"],
        "planning_mib": end["peak_mib"] - ready,
        "latest_p99_ms": percentile(answers, 0.99),
        "answers": len(answers),
    }


AHEAD = timedelta(hours=3)
INDEXES = """
SELECT name, sql FROM sqlite_master
WHERE type = 'index' AND tbl_name = 'subscribers' AND sql IS NOT NULL
"""
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


def populate(
    path: str,
    taste_keys: Sequence[str],
    count: int,
    due_ones: int,
    *,
    due: datetime,
    now: datetime,
) -> None:
    """Add subscribers to a closed database.

    The indexes are made at the end and no journal is written, which takes a tenth of the time.
    """
    zones = []
    for number, name in enumerate(ZONES):
        local = due.astimezone(ZoneInfo(name))
        zones.append((number, name, local.hour * 60 + local.minute))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            database.execute(f"PRAGMA {setting}")
        indexes = database.execute(INDEXES).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        database.execute("CREATE TEMP TABLE bench_zones (number INTEGER PRIMARY KEY, name, minute)")
        database.execute("CREATE TEMP TABLE bench_tastes (number INTEGER PRIMARY KEY, key)")
        database.executemany("INSERT INTO temp.bench_zones VALUES (?, ?, ?)", zones)
        database.executemany("INSERT INTO temp.bench_tastes VALUES (?, ?)", enumerate(taste_keys))
        database.execute(
            FILL,
            {
                "last": count - 1,
                "readers": count,
                "due_ones": due_ones,
                "due": due.strftime("%Y-%m-%d %H:%M:%S"),
                "now": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            },
        )
        for _, statement in indexes:
            database.execute(statement)
        database.execute("PRAGMA journal_mode = WAL")


async def fill(folder: str, subscribers: int, due_ones: int) -> None:
    """Make the archive and its subscribers; report the minute in which some are due."""
    path, now = f"{folder}/onnews.db", utc_now()
    # Hours ahead of the bot's clock, so the bot itself plans nothing before the measurement.
    due = now.replace(second=0, microsecond=0) + AHEAD
    archive = Archive(Settings(telegram_bot_token="", database_url=f"sqlite:///{path}"))
    await archive.open(())
    await day.fill(archive, now)
    keys = await day.keep_tastes(archive.database, day.choices(TASTES))
    await archive.close()
    await asyncio.to_thread(populate, path, keys, subscribers, due_ones, due=due, now=now - OLD)
    send_message(due.isoformat())


async def run(url: str, folder: str, due: datetime) -> None:
    """Plan once, and wait for a line to end."""
    async with serving(url, folder) as bot:
        send_message(peak_mib())
        await next_line()
        start = time.perf_counter()
        planned = await bot.parts.planner.plan_due(due)
        send_message({"plan_s": time.perf_counter() - start, "due": planned})
        await next_line()
        send_message({"peak_mib": peak_mib()})


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        asyncio.run(fill(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        asyncio.run(run(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])))
