"""The bot to whose webhook updates are posted.

`python -m bench.rigs.posted URL FOLDER PER_SECOND` says on which port it listens once it is ready,
how many seconds of a core it has used each time that it is asked, and ends at any other word.
"""

from __future__ import annotations

import asyncio
import sys
import time

from bench.processes import free_port, next_line, tell
from bench.rigs import day
from bench.rigs.whole import serving
from bot.composition import utc_now

COST = "cost"


async def run(url: str, folder: str, per_second: int) -> None:
    """Fill the tables, and answer what is posted until told to go."""
    port = free_port()
    async with serving(url, folder, per_second=per_second, webhook_port=port) as bot:
        await day.fill(bot.archive, utc_now())
        tell(port)
        while await next_line() == COST:
            tell(time.process_time())


if __name__ == "__main__":
    url, folder, per_second = sys.argv[1:]
    asyncio.run(run(url, folder, int(per_second)))
