"""Whether a source is of the trade or general, judged by its articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news import documents

if TYPE_CHECKING:
    from news.entry import Parsed
    from workers.pool import Workers

SECONDS = 20.0
_LEAST = 5
"""Fewest articles for judging a source."""
_HALF = 0.5


async def is_general(parsed: Parsed, workers: Workers) -> bool:
    """Return whether five or more articles are mostly not of the trade; or WorkerError."""
    titles = [(one.title, one.standfirst) for one in parsed.entries]
    if len(titles) < _LEAST:
        return False
    return await workers.run(documents.share_for_the_trade, titles, timeout=SECONDS) < _HALF
