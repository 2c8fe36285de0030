"""The reports of the last days, as kept in memory, and their index by houses and groups. Pure.

The index limits what may be one event. Two reports that both name houses must share one. Otherwise
they must share a house or a group, including the groups of their houses, or one of them names none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from news.entry import LINE

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from news.entry import Report


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


class NamedReports:
    """Numbers of reports, indexed by the houses and groups that the reports name."""

    def __init__(self) -> None:
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self.nameless: set[int] = set()
        """Reports that name no house or group, and may be of any event."""

    def add(self, report: Report | Remembered, number: int) -> None:
        """Add a report."""
        for name in _listed(report):
            self._by_name[name].add(number)
        if not (report.houses or report.groups):
            self.nameless.add(number)

    def remove(self, report: Report | Remembered, number: int) -> None:
        """Remove a report."""
        self.nameless.discard(number)
        for name in _listed(report):
            self._by_name[name].discard(number)
            if not self._by_name[name]:
                del self._by_name[name]

    def sharing(self, report: Report | Remembered) -> set[int] | None:
        """Return the reports that share a name with `report`; None for any, if it names none."""
        if report.houses:
            names = [*report.houses, *report.groups]
        elif report.groups:
            names = [_within(group) for group in report.groups]
        else:
            return None
        held = [self._by_name[name] for name in names if name in self._by_name]
        return held[0] if len(held) == 1 else set().union(*held)


def may_share(one: Report | Remembered, other: Report | Remembered) -> bool:
    """Return whether the houses and groups of two reports allow them to be of one event."""
    # Two houses may open a shop in one city, or report a quarter, in the same words.
    named, theirs = one.houses, other.houses
    if not (named and theirs):
        # News of a group may be reported as news of one of its houses elsewhere.
        named, theirs = named | one.groups, theirs | other.groups
    return not (named and theirs and named.isdisjoint(theirs))


def shared_names(report: Report, other: Remembered) -> AbstractSet[str]:
    """Return the anchors that two reports share, or none if no house or group is among them."""
    if report.houses.isdisjoint(other.houses) and report.groups.isdisjoint(other.groups):
        return frozenset()
    return report.anchors.keys() & other.anchors


def _listed(report: Report | Remembered) -> list[str]:
    """Return a report's index keys: its houses, else its groups, and its groups' members."""
    return [*(report.houses or report.groups), *map(_within, report.groups)]


def _within(group: str) -> str:
    return f"of {group}"
