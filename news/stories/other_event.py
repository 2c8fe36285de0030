"""Signs that two headlines report different events, although they share many words. Pure.

Either both list the same houses, as in `Gucci, Prada and Versace dress the stars` and a report that
all three are sued. Or they differ only in a place or person: `Dior opens a boutique in Miami` and
the same in Dallas. What they share is judged by anchors; see `news.entry.Report`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from news.stories.headline_tokens import content_words
from news.stories.remembered import shared_names
from news.text.letters import without_accents

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from news.entry import Report
    from news.stories.remembered import Remembered

_LIST = 3
"""Fewest shared houses and groups that make two headlines lists."""
_WORD = re.compile(r"[^\W_]+")
_LONGEST_NAME = 3
"""Most words in a name that distinguishes two headlines."""
_SHORTEST_NAME = 4
"""Fewest letters in a distinguishing name, and in a word that shows a title's lower case."""
_BEGINNING = 3
"""First letters that spellings of one name share."""


def are_lists(report: Report, other: Remembered) -> bool:
    """Return whether two reports in one language share three houses or groups and no other word."""
    if len(report.houses) + len(report.groups) < _LIST:
        return False
    shared = shared_names(report, other)
    if len(shared) < _LIST or not _are_houses(shared):
        return False
    if report.language and other.language and report.language != other.language:
        return False
    named = {part for anchor in shared for part in _named_by(anchor[1:], report.anchors[anchor])}
    return all(named.issuperset(term.split()) for term in report.terms.keys() & set(other.terms))


def are_parallel(report: Report, other: Remembered) -> bool:
    """Return whether two reports of one house differ only in a name at the same place.

    A title with a capital on every word does not count, as names cannot be recognised in it. Shared
    amounts or names show that it is one event.
    """
    shared = shared_names(report, other)
    if not _are_houses(shared):
        return False
    (first, folded), (second, others) = _words(report.title), _words(other.title)
    before, after = _alike(folded, others)
    names = first[before : len(first) - after], second[before : len(second) - after]
    if not all(map(_is_name, names)):
        return False
    around = first[:before] + first[len(first) - after :]
    house = {
        part
        for anchor in shared
        for name in (anchor[1:], report.anchors[anchor])
        for part in _WORD.findall(without_accents(name))
    }
    return (
        folded[before][:_BEGINNING] != others[before][:_BEGINNING]
        # Otherwise the house itself may have two names.
        and not house.isdisjoint(map(without_accents, around))
        and any(word.islower() and len(word) >= _SHORTEST_NAME for word in around)
    )


def _are_houses(anchors: AbstractSet[str]) -> bool:
    return bool(anchors) and all(anchor[0] == "@" for anchor in anchors)


@lru_cache(maxsize=500)
def _words(title: str) -> tuple[list[str], list[str]]:
    words = _WORD.findall(title)
    return words, list(map(without_accents, words))


def _alike(first: list[str], second: list[str]) -> tuple[int, int]:
    """Return how many words are equal from the beginning, and how many of the rest from the end."""
    least = min(len(first), len(second))
    before = after = 0
    while before < least and first[before] == second[before]:
        before += 1
    while after < least - before and first[-1 - after] == second[-1 - after]:
        after += 1
    return before, after


def _is_name(words: list[str]) -> bool:
    return (
        0 < len(words) <= _LONGEST_NAME
        and all(word[0].isupper() for word in words)
        and len("".join(words)) >= _SHORTEST_NAME
    )


@lru_cache(maxsize=4_096)
def _named_by(slug: str, name: str) -> frozenset[str]:
    return frozenset((*content_words(slug), *content_words(name)))
