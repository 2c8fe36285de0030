"""What an edition has to know of categories: which are houses, and which are followed by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.model import Category, Taste


class Wanted(NamedTuple):
    """What a reader follows."""

    names: frozenset[str]
    """Houses and groups, but for those that the reader wants less of."""
    sections: frozenset[str]
    """Sections and markets."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The slugs of the categories that are names."""

    houses: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    @staticmethod
    def among(categories: Mapping[str, Category]) -> Kinds:
        """Those of a taxonomy, by slug."""
        houses = frozenset(slug for slug, each in categories.items() if each.kind is Kind.HOUSE)
        groups = frozenset(slug for slug, each in categories.items() if each.kind is Kind.GROUP)
        return Kinds(houses, groups)

    def wanted(self, taste: Taste) -> Wanted:
        """What of a taste are names, and what sections and markets."""
        return _wanted(self, taste.follows, taste.less)


@lru_cache(maxsize=4096)
def _wanted(kinds: Kinds, follows: frozenset[str], less: frozenset[str]) -> Wanted:
    names = frozenset(slug for slug in follows if slug in kinds.houses or slug in kinds.groups)
    return Wanted(names - less, follows - names)
