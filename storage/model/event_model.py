"""The event that a new article reports, before it is stored."""

from __future__ import annotations

from typing import NamedTuple


class EventLink(NamedTuple):
    """The event that a new article reports, and the facts compared with other articles."""

    event: int | None = None
    """The id of the event's first article; None if that is not stored yet."""
    opener: str = ""
    """If `event` is None, the link of the event's first article, possibly this one's own."""
    evidence: str = ""
    """What it shares with an earlier article, as shown to readers: `Versace, 1.25 billion`."""
    figures: tuple[str, ...] = ()
    """The amounts in its title and standfirst: `("1.25 billion", "11%")`."""
