"""The phrases of the taxonomy and what each of them means, compiled for filing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from news.phrases import Phrases
from storage.model import Kind

if TYPE_CHECKING:
    from news.taxonomy import Taxonomy

STRONG, PLAIN, HINT = 3.0, 2.0, 1.0
_NEARLY_ALL = 0.8


@dataclass(frozen=True, slots=True)
class Name:
    """What a house's phrase means."""

    slug: str
    weak: bool = False
    context: bool = False
    unless: bool = False
    block: bool = False


TRADE = Name("", context=True)
"""What a word of shops means: it is context for every house."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a section's phrase means."""

    slug: str
    weight: float
    """0 for a phrase that only looks like one of the section's words."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The phrases to look for, and what is worked out from the taxonomy once."""

    phrases: Phrases[Name | Word]
    order: dict[str, int]
    """Slug → its place in the taxonomy."""
    homes: dict[str, tuple[str, ...]]
    """A group's slug → where nearly all of its houses are at home, if they are."""


@lru_cache(maxsize=4)
def lexicon(taxonomy: Taxonomy) -> Lexicon:
    """All that the taxonomy says of words, put together once for each taxonomy."""
    names: list[tuple[str, Name]] = []
    for slug, entry in taxonomy.entries.items():
        if entry.category.kind not in {Kind.HOUSE, Kind.GROUP}:
            continue
        for spelling in (*entry.names, *entry.shared):
            names += [(variant, Name(slug)) for variant in _variants(spelling)]
        for spelling in entry.weak:
            names += [(variant, Name(slug, weak=True)) for variant in _variants(spelling)]
        names += [(word, Name(slug, context=True)) for word in entry.context]
        names += [(word, Name(slug, unless=True)) for word in entry.unless]
        names += [(phrase, Name(slug, block=True)) for phrase in entry.blocks]
    names += [(word, TRADE) for word in taxonomy.trade]
    words: list[tuple[str, Word]] = []
    for slug, told in taxonomy.words.items():
        for weight, phrases in (
            (STRONG, told.strong),
            (PLAIN, told.plain),
            (HINT, told.hint),
            (0.0, told.blocks),
        ):
            words += [(phrase, Word(slug, weight)) for phrase in phrases]
    order = {slug: position for position, slug in enumerate(taxonomy.categories)}
    homes = {
        group.slug: _common_homes(taxonomy, group.slug) for group in taxonomy.by_kind(Kind.GROUP)
    }
    return Lexicon(Phrases([*names, *words]), order, homes)


def _common_homes(taxonomy: Taxonomy, group: str) -> tuple[str, ...]:
    """The homes of a group's houses, if nearly all have the first one in common."""
    homes = [taxonomy.entries[house.slug].homes for house in taxonomy.houses_of(group)]
    if not homes:
        return ()
    first, times = Counter(home[0] for home in homes if home).most_common(1)[0]
    return (first,) if times >= _NEARLY_ALL * len(homes) else ()


def _variants(name: str) -> set[str]:
    """The name with its `&` said in each language, or left out."""
    if "&" not in name:
        return {name}
    left, _, right = name.partition("&")
    return {f"{left.strip()} {word} {right.strip()}" for word in ("&", "e", "et", "y", "und", "")}
