"""What is kept of the reports of the last days, and of the events they tell of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from news.entry import LINE

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True, weakref_slot=True, eq=False)
class Event:
    """What happened."""

    number: int
    begun: datetime
    """When its first report was published."""


@dataclass(slots=True)
class Remembered:
    """A report that is known."""

    published: datetime
    lines: str
    """Its terms. Thousands of reports have a few dozen each, and as one text they take little."""
    anchors: tuple[str, ...]
    houses: frozenset[str]
    groups: frozenset[str]
    language: str | None
    title: str
    event: Event
    lasts: int

    @property
    def terms(self) -> list[str]:
        """Its terms, one by one; few are asked for them."""
        return self.lines.split(LINE) if self.lines else []
