"""The bot with an editor who sends links.

`python -m bench.rigs.linked URL FOLDER EDITOR` prints a line once it is ready, and ends at a line.
"""

from __future__ import annotations

import asyncio
import sys

from bench.harness.processes import next_line, send_message
from bench.rigs.news import day
from bench.rigs.whole import serving
from bot.composition import utc_now


async def run(url: str, folder: str, editor: int) -> None:
    """Fill the archive, and serve until a line arrives; operators have all rights of editors."""
    async with serving(url, folder, admins=(editor,)) as bot:
        await day.fill(bot.archive, utc_now())
        send_message("ready")
        await next_line()


if __name__ == "__main__":
    url, folder, editor = sys.argv[1:]
    asyncio.run(run(url, folder, int(editor)))
