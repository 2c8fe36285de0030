"""The phrases of the taxonomy with their meanings, compiled for filing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from news.filing.tokenising.folding import fold
from news.filing.tokenising.phrases import Phrases
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from news.filing.taxonomy import Taxonomy

STRONG, PLAIN, HINT = 3.0, 2.0, 1.0
_NEARLY_ALL = 0.8
_SHORTEST_OWNER = 4
_ARTICLES = frozenset({"The", "La", "Le", "Il", "El"})
_GROUP = " Group"
_KINDS = frozenset(
    [
        *("Group", "Holdings", "Company", "Companies", "Corporation", "Hotel", "Hotels", "Resort"),
        *("Resorts", "Residences", "Cosmetics", "Motor", "Motors", "Cars", "Watch", "Watches"),
        *("Yacht", "Yachts", "Jewelry", "Jewellery", "Diamonds", "Footwear", "Jeans"),
    ]
)
"""Last words of houses' names that many write without a capital: `the Prada group`."""


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """Meaning of a phrase in a text: a house's name, or context for or against it."""

    slug: str
    weak: bool = False
    context: bool = False
    unless: bool = False
    block: bool = False
    capitals: tuple[bool, bool] = (False, False)
    """Whether the first and the last word need a capital; a single word counts as the first."""
    accented: bool = False
    """Whether the name needs its accents, because it is a weak name without them."""


SHOPS = Name("", context=True)
"""Meaning of a word for shops: context for every house."""
EVERYDAY = Name("", unless=True)
"""Meaning of a word of everyday news: it makes every weak name more doubtful."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """Meaning of a phrase in a text: a word of a section or market, with its points."""

    slug: str
    weight: float
    """Points; 0 for a phrase that only contains one of the section's words."""
    ordinary: bool = False
    """Whether the word has no points if certain other sections have enough."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The compiled phrases, and other data derived from the taxonomy."""

    phrases: Phrases[Name | Word]
    houses: Phrases[Name | Word]
    """Only the names of houses, and phrases that contain one but mean something else."""
    order: dict[str, int]
    """Slug → its position in the taxonomy."""
    homes: dict[str, tuple[str, ...]]
    """Slug of a group → home section that nearly all of its houses share, or ()."""
    labels: dict[str, list[str]]
    """Label before a title, in lower case → sections to which such articles belong."""


@lru_cache(maxsize=4)
def lexicon(taxonomy: Taxonomy) -> Lexicon:
    """Return the lexicon of a taxonomy, compiled once."""
    names = _names(taxonomy)
    words: list[tuple[str, Word]] = []
    for slug, section in taxonomy.words.items():
        ordinary = frozenset(section.ordinary)
        for weight, phrases in (
            (STRONG, section.strong),
            (PLAIN, section.plain),
            (HINT, section.hint),
            (0.0, section.blocks),
        ):
            word, other = Word(slug, weight), Word(slug, weight, ordinary=True)
            words += [(phrase, other if phrase in ordinary else word) for phrase in phrases]
    order = {slug: position for position, slug in enumerate(taxonomy.categories)}
    homes = {
        group.slug: _common_homes(taxonomy, group.slug) for group in taxonomy.by_kind(Kind.GROUP)
    }
    houses = [(phrase, name) for phrase, name in names if not (name.context or name.unless)]
    labels: dict[str, list[str]] = {}
    for slug, section in taxonomy.words.items():
        for label in section.labels:
            labels.setdefault(label.lower(), []).append(slug)
    return Lexicon(Phrases([*names, *words]), Phrases(houses), order, homes, labels)


def _names(taxonomy: Taxonomy) -> list[tuple[str, Name]]:
    names: list[tuple[str, Name]] = []
    for slug, entry in taxonomy.entries.items():
        if entry.category.kind not in {Kind.HOUSE, Kind.GROUP}:
            continue
        weak = {fold(spelling) for spelling in entry.weak}
        for spelling in (*entry.names, *entry.shared):
            sure = Name(slug, capitals=_capitals(spelling), accented=fold(spelling) in weak)
            names += [(variant, sure) for variant in _variants(spelling)]
            if spelling.endswith(_GROUP):
                names += _groups(spelling.removesuffix(_GROUP), slug)
            if _takes_a_genitive(spelling):
                names.append((f"{spelling}s", sure))
        for spelling in entry.weak:
            names += [(variant, Name(slug, weak=True)) for variant in _variants(spelling)]
        names += [(word, Name(slug, context=True)) for word in entry.context]
        names += [(word, Name(slug, unless=True)) for word in entry.unless]
        block = Name(slug, block=True)
        names += [(phrase, block) for phrase in entry.blocks]
    names += [(word, SHOPS) for word in taxonomy.shops]
    names += [(word, EVERYDAY) for word in taxonomy.everyday]
    return names


def _groups(name: str, slug: str) -> Iterator[tuple[str, Name]]:
    first, last = _capitals(name)
    before, after = Name(slug, capitals=(False, last or first)), Name(slug, capitals=(first, False))
    for word in ("Gruppo", "Groupe", "Grupo"):
        yield f"{word} {name}", before
    yield f"{name} Gruppe", after


def _common_homes(taxonomy: Taxonomy, group: str) -> tuple[str, ...]:
    """Return the home section that at least 80 % of a group's houses share, or ()."""
    homes = [taxonomy.entries[house.slug].homes for house in taxonomy.houses_of(group)]
    counted = Counter(home for house in homes for home in house).most_common(1)
    return tuple(home for home, times in counted if times >= _NEARLY_ALL * len(homes))


def _takes_a_genitive(name: str) -> bool:
    return (
        len(name) > _SHORTEST_OWNER
        and name.isascii()
        and name.isalpha()
        and name[0].isupper()
        and name[1:].islower()
        and name[-1] not in "sxz"
    )


def _capitals(name: str) -> tuple[bool, bool]:
    """Return whether the first and the last word of a name need a capital; articles need none."""
    words = name.split()
    if len(words) == 1:
        return (name[0].isupper(), False)
    first, last = words[0], words[-1]
    return first[0].isupper() and first not in _ARTICLES, last[0].isupper() and last not in _KINDS


def _variants(name: str) -> set[str]:
    if "&" not in name:
        return {name}
    left, _, right = name.partition("&")
    return {f"{left.strip()} {word} {right.strip()}" for word in ("&", "e", "et", "y", "und", "")}
