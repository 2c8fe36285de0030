"""Which names in a text can be houses by how they are written and what stands around them.

A longer name hides the shorter one in it; a name needs the capitals and accents that make it one;
a name before an age is a person's, as is a surname after a first name or a title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from news import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.lexicon import Name
    from news.phrases import Hit, Text
    from news.taxonomy import Taxonomy


def names_apart(taxonomy: Taxonomy, text: Text, found: Sequence[Hit[Name]]) -> list[Hit[Name]]:
    """The names in a text, none inside a longer one or after somebody's first name."""
    found = sorted(found, key=lambda hit: (hit.since - hit.last, hit.since))
    names: list[Hit[Name]] = []
    taken: dict[tuple[int, int], set[str]] = {}
    covered: set[int] = set()
    for hit in found:
        span = (hit.since, hit.last)
        if hit.meaning.slug in taken.get(span, ()) or not _spelled_as_a_name(text, hit):
            continue
        if span in taken or covered.isdisjoint(range(*span)):
            taken.setdefault(span, set()).add(hit.meaning.slug)
            covered.update(range(*span))
            behind, before = hit.behind, hit.before
            if people.is_another(text.original, hit.end, behind):
                continue
            joined = behind[:1] == "-" and not _joins(hit, found)
            if joined and people.is_double(text.original, hit.end):
                continue
            if people.is_somebody(hit.ahead if before else "", before, behind):
                continue
            if before and people.holds_an_office(before):
                continue
            entry = taxonomy.entries[hit.meaning.slug]
            if not (entry.surname and before and _is_surname(taxonomy, text, hit, before)):
                names.append(hit)
    return sorted(names, key=lambda hit: hit.since)


def _joins(hit: Hit[Name], found: Sequence[Hit[Name]]) -> bool:
    """Whether another name stands right behind: `the Prada-Versace deal`."""
    return any(other.since == hit.last + 1 for other in found)


def _spelled_as_a_name(text: Text, hit: Hit[Name]) -> bool:
    """Whether capitals and accents are there: `Canada goose` is a bird, `Hermes` a god as well."""
    first, last = hit.meaning.capitals
    if not (first or last):
        return not (hit.meaning.accented and hit.text.isascii())
    words = hit.text.split()
    if not (first and words[0][0].islower()) and not (last and words[-1][0].islower()):
        return True
    return len(hit.text) == len(text.original.strip()) or text.original.islower()


def _is_surname(taxonomy: Taxonomy, text: Text, hit: Hit[Name], before: str) -> bool:
    """Whether a first name or a title stands before it."""
    if people.is_titled(before):
        # The founder of a house of fashion is called with courtesy: what else is told decides.
        style = "style" in taxonomy.entries[hit.meaning.slug].homes
        return not (style and people.is_courted(before))
    return (
        hit.text.isalpha()
        and before in taxonomy.first_names
        and text.original[hit.start - len(before) - 1].isupper()
    )
