"""The bot with a webhook that updates are posted to.

`python -m bench.rigs.posted URL FOLDER PER_SECOND` prints its port once it is ready. At each line
`cost` it prints the processor seconds used so far. Any other line ends it.
"""

from __future__ import annotations

import asyncio
import sys
import time

from bench.harness.processes import free_port, next_line, send_message
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now

COST = "cost"


async def run(url: str, folder: str, per_second: int) -> None:
    """Fill the tables, and serve the webhook until a line other than `cost` arrives."""
    port = free_port()
    async with serving(url, folder, per_second=per_second, webhook_port=port) as bot:
        await day.fill(bot.archive, utc_now())
        send_message(port)
        while await next_line() == COST:
            send_message(time.process_time())


if __name__ == "__main__":
    url, folder, per_second = sys.argv[1:]
    asyncio.run(run(url, folder, int(per_second)))
