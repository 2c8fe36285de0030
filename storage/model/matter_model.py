"""Events as they are compared with others that may be of one matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

MARKS = 8
"""Most marks of an event."""


class EventWords(NamedTuple):
    """What an event's first report says."""

    text: str
    """Its rarest words, houses, groups and amounts; see `news.stories.matters`."""
    marks: tuple[str, ...]
    """The rarest of these, by which other events are found."""


class EventOfMatter(NamedTuple):
    """An event of the archive."""

    event: int
    matter: int
    """The first event of its matter, possibly this one."""
    words: str
    """`EventWords.text`."""
    begun: datetime
