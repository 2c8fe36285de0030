"""The bot during a fan-out at full speed.

`python -m bench.rigs.rush URL FOLDER SUBSCRIBERS` reports when it is ready, sends all subscribers
their edition when it gets a line, and reports the rate.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from bench.harness.processes import next_line, send_message
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import OnNews

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
