"""A private bot at Telegram's rate limits, with sources to read and editions falling due.

`python -m bench.rigs.soaked URL FOLDER FEEDS COUNT` prints the port of /healthz once it is ready.
FEEDS is the base address of COUNT numbered feeds. At each line `due`, all feeds are read, the
editions of some subscribers fall due, and it prints how many were sent so far. Any other line ends
it.
"""

from __future__ import annotations

import asyncio
import sys

from bench.harness.processes import free_port, next_line, send_message
from bench.rigs.crowd import FIRST_READER, READERS
from bench.rigs.flooded import DUE, LATER, PER_SECOND, fall_due
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.model import NewSource

SUBSCRIBERS = 2_000
FIRST_SUBSCRIBER = 10_000
AT_A_TIME = 100
"""Number of subscribers with an edition falling due together."""
FLOODER = 2_000_000_000
FLOODERS = 2_000
GROUP = -1_000_000
GROUPS = 20


def allowed() -> tuple[int, ...]:
    """Return the ids of all chats but those of strangers."""
    people = (
        range(FIRST_SUBSCRIBER, FIRST_SUBSCRIBER + SUBSCRIBERS),
        range(FIRST_READER, FIRST_READER + READERS),
        range(FLOODER, FLOODER + FLOODERS),
        range(GROUP - GROUPS, GROUP + 1),
    )
    return tuple(each for some in people for each in some)


async def run(url: str, folder: str, feeds: str, count: int) -> None:
    """Fill the tables, then read and deliver at each line."""
    port = free_port()
    async with serving(
        url, folder, per_second=PER_SECOND, metrics_port=port, allowed=allowed()
    ) as bot:
        begun = utc_now()
        archive = bot.archive
        await day.fill(archive, begun)
        keys = await day.keep_tastes(archive.database, day.choices(SUBSCRIBERS))
        await day.subscribe(
            archive.database,
            keys,
            SUBSCRIBERS,
            due=begun + LATER,
            now=begun,
            first_chat=FIRST_SUBSCRIBER,
        )
        services = bot.application.bot_data
        await services.known_chats.load(services.subscribers, utc_now())
        for number in range(count):
            await archive.sources.add(NewSource(f"Paper {number}", f"{feeds}/{number}"), begun)
        send_message(port)
        first = 0
        while await next_line() == DUE:
            ours = [each for each in await archive.sources.all() if each.url.startswith(feeds)]
            await archive.newsroom.refresh_all(ours)
            await fall_due(bot, FIRST_SUBSCRIBER + first, AT_A_TIME)
            first = (first + AT_A_TIME) % SUBSCRIBERS
            send_message(
                await day.sent_since(archive.database, begun.replace(second=0, microsecond=0))
            )


if __name__ == "__main__":
    url, folder, feeds, count = sys.argv[1:]
    asyncio.run(run(url, folder, feeds, int(count)))
