"""Of which kind a source is: one of the trade, or a general one, by what it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news import documents

if TYPE_CHECKING:
    from news.entry import Parsed
    from workers.pool import Workers

SECONDS = 20.0
_LEAST = 5
"""Articles that say of which kind their source is."""
_HALF = 0.5


async def is_general(parsed: Parsed, workers: Workers) -> bool:
    """Return whether the trade wants less than half of a document's articles.

    A document of fewer than five says nothing, and is taken for one of the trade.

    Raises:
        WorkerError: The worker came to no result.
    """
    titles = [(one.title, one.standfirst) for one in parsed.entries]
    if len(titles) < _LEAST:
        return False
    return await workers.run(documents.share_for_the_trade, titles, timeout=SECONDS) < _HALF
