"""The categories by kind, as the choice of an edition needs them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from storage.model import Kind
from storage.model.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.model import Category, Taste


_MANY = 0.03
"""Least share of all houses that have a trade as their home."""


class Wanted(NamedTuple):
    """The categories that a reader follows, split by kind."""

    names: frozenset[str]
    """Slugs of houses and groups, without those that the reader wants less of."""
    sections: frozenset[str]
    """Slugs of sections and markets."""


@dataclass(frozen=True, slots=True)
class CategoryKinds:
    """The slugs of the categories by kind."""

    houses: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()
    """Pairs of a house and its group."""
    trades: frozenset[str] = frozenset()
    """Sections that are the home of many houses, such as watches; not business, nor events."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """Slug of a house or group → its names in texts."""

    @staticmethod
    @remembered
    def among(categories: Mapping[str, Category]) -> CategoryKinds:
        """Return the kinds of a taxonomy's categories."""

        def of(kind: Kind) -> frozenset[str]:
            return frozenset(slug for slug, each in categories.items() if each.kind is kind)

        houses, groups = of(Kind.HOUSE), of(Kind.GROUP)
        homes = Counter(categories[slug].section for slug in houses)
        trades = (slug for slug, count in homes.items() if slug and count >= _MANY * len(houses))
        members = ((slug, group) for slug in houses if (group := categories[slug].group))
        names = {
            slug: (each.name, *each.names)
            for slug, each in categories.items()
            if slug in houses or slug in groups
        }
        return CategoryKinds(
            houses, groups, of(Kind.SECTION), frozenset(members), frozenset(trades), names
        )

    def wanted(self, taste: Taste) -> Wanted:
        """Split the followed categories of a taste into names and sections."""
        return _wanted(self, taste.follows, taste.less)


@remembered
def sections_of_names(categories: Mapping[str, Category]) -> Mapping[str, str]:
    """Return the section of each house, and of each group that of most; others are missing."""
    found = {slug: each.section for slug, each in categories.items() if each.section}
    of_groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for slug, section in found.items():
        if (group := categories[slug].group) is not None:
            of_groups[group][section] += 1
    return found | {
        group: min(counts, key=lambda section: (-counts[section], section))
        for group, counts in of_groups.items()
    }


@lru_cache(maxsize=4096)
def _wanted(kinds: CategoryKinds, follows: frozenset[str], less: frozenset[str]) -> Wanted:
    names = frozenset(slug for slug in follows if slug in kinds.houses or slug in kinds.groups)
    return Wanted(names - less, follows - names)
