"""Which event an article tells of, on its way into the archive."""

from __future__ import annotations

from typing import NamedTuple


class EventLink(NamedTuple):
    """The event that a new article tells of, and what of the article others are compared with."""

    event: int | None = None
    """The id of the first article of the event; None where that is not stored yet."""
    opener: str = ""
    """Where it is None, the link of that article, which may be this one's own."""
    evidence: str = ""
    """What it shares with an earlier article, as a reader sees it: `Versace, 1.25 billion`."""
    figures: tuple[str, ...] = ()
    """The amounts in its title and standfirst: `("1.25 billion", "11%")`."""
