"""The reports of the last days, as kept in memory, and their events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from news.entry import LINE

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True, weakref_slot=True, eq=False)
class Event:
    """Something that happened, reported by one or several stories."""

    number: int
    begun: datetime
    """When the event's first report was published."""


@dataclass(slots=True)
class Remembered:
    """A report in memory."""

    published: datetime
    lines: str
    """Terms of the report as one text, since thousands of reports have a few dozen terms each."""
    anchors: tuple[str, ...]
    houses: frozenset[str]
    groups: frozenset[str]
    language: str | None
    title: str
    event: Event
    lasts: int

    @property
    def terms(self) -> list[str]:
        """Terms of the report as a list; split on each use, as few reports need it."""
        return self.lines.split(LINE) if self.lines else []
