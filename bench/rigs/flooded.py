"""The bot at Telegram's rate limits, with editions that fall due on request.

`python -m bench.rigs.flooded URL FOLDER ROUNDS [ALLOWED …]` prints the port of /healthz once it is
ready. At each line `due`, the editions of some more subscribers fall due, and it reports when that
is done. Any other line ends it.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from bench.harness.processes import free_port, next_line, send_message
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from bot.app import OnNews

EDITIONS = 20
"""Number of subscribers with an edition falling due together."""
FIRST_SUBSCRIBER = 1_000
"""The chat of the first subscriber."""
PER_SECOND = 25
OPERATOR = 999_999_999
DUE = "due"
LATER = timedelta(hours=1)


async def fall_due(bot: OnNews, first: int, count: int) -> None:
    """Let the editions of `count` subscribers fall due, starting with the chat `first`."""
    now = utc_now()
    async with bot.archive.database.writing() as connection:
        await connection.execute(
            update(subscribers)
            .where(subscribers.c.chat_id.between(first, first + count - 1))
            .values(next_at=now.replace(second=0, microsecond=0))
        )
    await bot.parts.planner.plan_due(now)
    bot.parts.sender.kick()


async def run(url: str, folder: str, rounds: int, allowed: tuple[int, ...]) -> None:
    """Fill the tables, and deliver at each line."""
    port = free_port()
    async with serving(
        url,
        folder,
        per_second=PER_SECOND,
        metrics_port=port,
        admins=(OPERATOR,),
        allowed=allowed,
    ) as bot:
        now = utc_now()
        await day.fill(bot.archive, now)
        count = rounds * EDITIONS
        keys = await day.keep_tastes(bot.archive.database, day.choices(count))
        await day.subscribe(
            bot.archive.database,
            keys,
            count,
            due=now + LATER,
            now=now,
            first_chat=FIRST_SUBSCRIBER,
        )
        send_message(port)
        first = FIRST_SUBSCRIBER
        while await next_line() == DUE:
            await fall_due(bot, first, EDITIONS)
            first += EDITIONS
            send_message("due")


if __name__ == "__main__":
    url, folder, rounds, *allowed = sys.argv[1:]
    asyncio.run(run(url, folder, int(rounds), tuple(map(int, allowed))))
