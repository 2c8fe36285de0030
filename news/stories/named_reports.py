"""Which reports may tell of one event, as far as the houses and groups that they name say. Pure.

Where both name houses, they share one. Else they share a house or a group, the groups that their
houses belong to included, or one of them names nobody.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from news.entry import Report
    from news.stories.remembered import Remembered


class NamedReports:
    """Reports by their numbers, found by what they name."""

    def __init__(self) -> None:
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self.nameless: set[int] = set()
        """Those that name nobody, and may tell of any event."""

    def add(self, report: Report | Remembered, number: int) -> None:
        """Know a report."""
        for name in _listed(report):
            self._by_name[name].add(number)
        if not (report.houses or report.groups):
            self.nameless.add(number)

    def remove(self, report: Report | Remembered, number: int) -> None:
        """Know a report no more."""
        self.nameless.discard(number)
        for name in _listed(report):
            self._by_name[name].discard(number)
            if not self._by_name[name]:
                del self._by_name[name]

    def sharing(self, report: Report | Remembered) -> set[int] | None:
        """Those that name what `report` does; None where it names nobody, and all may join it."""
        if report.houses:
            names = [*report.houses, *report.groups]
        elif report.groups:
            names = [_within(group) for group in report.groups]
        else:
            return None
        held = [self._by_name[name] for name in names if name in self._by_name]
        return held[0] if len(held) == 1 else set().union(*held)


def may_share(one: Report | Remembered, other: Report | Remembered) -> bool:
    """Whether what two reports name allows that they tell of one event."""
    # Two may open a shop in one city, or report their quarter, in the same words.
    named, theirs = one.houses, other.houses
    if not (named and theirs):
        # What is told of a group may be told of one of its houses elsewhere.
        named, theirs = named | one.groups, theirs | other.groups
    return not (named and theirs and named.isdisjoint(theirs))


def shared_names(report: Report, other: Remembered) -> AbstractSet[str]:
    """The anchors that two share; none where no house or group is among them, as mostly."""
    if report.houses.isdisjoint(other.houses) and report.groups.isdisjoint(other.groups):
        return frozenset()
    return report.anchors.keys() & other.anchors


def _listed(report: Report | Remembered) -> list[str]:
    """What a report is found by: its houses, or else its groups; and all that is of a group."""
    return [*(report.houses or report.groups), *map(_within, report.groups)]


def _within(group: str) -> str:
    return f"of {group}"
