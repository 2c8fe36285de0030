"""`./dev bench latency`: how a fan-out affects readers who send requests.

The whole bot runs in its own process. Readers ask for /latest and tap buttons over HTTP, first
alone, then while every subscriber is sent their own edition, as fast as one core can send.

`python -m bench.latency URL FOLDER SUBSCRIBERS` is the bot: it reports when it is ready, sends all
subscribers their edition when it gets a line, and reports the rate.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from bench.harness.processes import next_line, percentile, send_message, talking
from bench.harness.report import Metric
from bench.rigs.crowd import Crowd
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import OnNews

SUBSCRIBERS = 20_000
ASKED = 40.0
"""Requests a second, every second one a tap."""
WARM_UP = 2.0
IDLE = 15.0
"""Seconds of requests before the fan-out."""

FIGURES = {
    "idle_p99_ms": Metric("nothing else to do: 99 of 100 answers within", "ms"),
    "fanout_p99_ms": Metric("amid a fan-out: 99 of 100 answers within", "ms", at_most=100.0),
    "fanout_rate": Metric("editions sent meanwhile", "/s"),
    "answers": Metric("answers amid the fan-out"),
}


async def measure(*, quick: bool = False) -> dict[str, float]:
    """Measure answers without and with a fan-out."""
    scale = 10 if quick else 1
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with (
            Crowd() as crowd,
            talking("bench.latency", crowd.url, folder, str(SUBSCRIBERS // scale)) as bot,
        ):
            await bot.next_message()
            await crowd.ask_for(ASKED, WARM_UP, taps=True)
            idle = await crowd.ask_for(ASKED, IDLE / scale, taps=True)
            over = asyncio.Event()
            bot.say()
            asking = asyncio.create_task(crowd.ask(ASKED, over, taps=True))
            fanout = await bot.next_message()
            over.set()
            busy = await asking
            bot.say()
    return {
        "idle_p99_ms": percentile(idle, 0.99),
        "fanout_p99_ms": percentile(busy, 0.99),
        "fanout_rate": fanout["rate"],
        "answers": len(busy),
    }


LOOK_EVERY = 0.5
LATER = timedelta(hours=1)


async def run(url: str, folder: str, readers: int) -> None:
    """Fill the tables, fan out once, and wait for a line to end."""
    async with serving(url, folder) as bot:
        now = utc_now()
        await day.fill(bot.archive, now)
        keys = await day.keep_tastes(bot.archive.database, day.choices(readers))
        await day.subscribe(bot.archive.database, keys, readers, due=now + LATER, now=now)
        send_message("ready")
        await next_line()
        now = utc_now()
        due = now.replace(second=0, microsecond=0)
        await all_due(bot, due)
        start = time.perf_counter()
        await bot.parts.planner.plan_due(now)
        bot.parts.sender.kick()
        await all_sent(bot, due, readers)
        send_message({"rate": readers / (time.perf_counter() - start)})
        await next_line()


async def all_due(bot: OnNews, due: datetime) -> None:
    """Let every subscriber with editions be due at one time."""
    async with bot.archive.database.writing() as connection:
        await connection.execute(
            update(subscribers).where(subscribers.c.next_at.is_not(None)).values(next_at=due)
        )


async def all_sent(bot: OnNews, due: datetime, readers: int) -> None:
    """Wait until as many deliveries were sent."""
    # The ledger does not report the end, so poll it.
    while await day.sent_since(bot.archive.database, due) < readers:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY)


if __name__ == "__main__":
    url, folder, readers = sys.argv[1:]
    asyncio.run(run(url, folder, int(readers)))
