"""Selection of names in a text that can be houses', judged by how they are written.

A longer name hides a shorter one within it. A name needs its capitals and accents. After a first
name or a title it is a person's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.filing.lexicon import Name
    from news.filing.taxonomy import Taxonomy
    from news.filing.tokenising.tokens import Hit, Text

_FIRST_IDEOGRAPH = "\u3400"
_OPENING, _CLOSING = "“「『", tuple("”」』")
_LIKENED = 4
"""Characters before a name, in which a quotation that it ends must begin."""
_ONLY_SOUNDS = frozenset("普斯尔爾娜蒂姆顿頓弗夫勒娅婭莎兹茲茨")
"""Characters that Chinese uses to transcribe foreign names; few words begin with one."""


def names_apart(taxonomy: Taxonomy, text: Text, found: Sequence[Hit[Name]]) -> list[Hit[Name]]:
    """Return the names that can be houses', in text order."""
    if len(found) > 1:
        found = sorted(found, key=lambda hit: (hit.since - hit.last, hit.since))
    names: list[Hit[Name]] = []
    taken: dict[tuple[int, int], set[str]] = {}
    for hit in found:
        span = (hit.since, hit.last)
        if hit.meaning.slug in taken.get(span, ()) or not _is_whole(text, hit):
            continue
        if not _is_capitalised(text, hit):
            continue
        if span in taken or not any(hit.since < end and hit.last > start for start, end in taken):
            taken.setdefault(span, set()).add(hit.meaning.slug)
            if hit.follows(taxonomy.titles) or _is_of_the_past(taxonomy, text, hit):
                continue
            if _is_likened(text, hit):
                continue
            if not (hit.meaning.weak and is_surname(taxonomy, text, hit)):
                names.append(hit)
    if len(names) > 1:
        names.sort(key=lambda hit: hit.since)
    return names


def is_surname(taxonomy: Taxonomy, text: Text, hit: Hit[Name]) -> bool:
    """Return whether a name is one word that is also a surname, and a first name precedes it."""
    before = hit.follows(taxonomy.first_names)
    return (
        before != ""
        and taxonomy.entries[hit.meaning.slug].surname
        and hit.text.isalpha()
        and text.original[hit.place[0] - len(before) - 1].isupper()
    )


def _is_likened(text: Text, hit: Hit[Name]) -> bool:
    """Return whether Chinese only compares something to a house: `“牛奶界爱马仕”`, `“中国宝马”`."""
    start, end = hit.place
    if text.original[end : end + 1] not in _CLOSING:
        return False
    before = text.original[max(start - _LIKENED, 0) : start]
    return any(mark in before for mark in _OPENING)


def _is_of_the_past(taxonomy: Taxonomy, text: Text, hit: Hit[Name]) -> bool:
    if hit.words.partition(" ")[0] not in taxonomy.first_names:
        return False
    return text.words[hit.last + 1 :].partition(" ")[0] in taxonomy.lifetimes


def _is_whole(text: Text, hit: Hit[Name]) -> bool:
    """Return whether a Chinese name ends there, and does not continue as in `迪奥普`."""
    if text.words[hit.last - 1] <= _FIRST_IDEOGRAPH:
        return True
    end = hit.place[1]
    return text.original[end : end + 1] not in _ONLY_SOUNDS


def _is_capitalised(text: Text, hit: Hit[Name]) -> bool:
    """Return whether a name has its capitals and accents, if the text around it has any."""
    if hit.meaning.accented and hit.text.isascii():
        return False
    first, last = hit.meaning.capitals
    if not (first or last):
        return True
    name = hit.text
    if not name:  # Not in the original; see `Text._places_one_by_one`.
        return False
    lower = (first and name[0].islower()) or (last and name.split()[-1][0].islower())
    return not lower or len(name) == len(text.original.strip()) or text.original.islower()
