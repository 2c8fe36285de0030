"""Which names in a text can be houses by how they are written and what stands around them.

A longer name hides the shorter one in it; a name needs the capitals and accents that make it one;
a name before an age is a person's, as is a surname after a first name or a title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.filing import callings, people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.filing.lexicon import Name
    from news.filing.phrases import Hit, Text
    from news.filing.taxonomy import Taxonomy


def names_apart(taxonomy: Taxonomy, text: Text, found: Sequence[Hit[Name]]) -> list[Hit[Name]]:
    """The names in a text, none inside a longer one or after somebody's first name."""
    if len(found) > 1:
        found = sorted(found, key=lambda hit: (hit.since - hit.last, hit.since))
    names: list[Hit[Name]] = []
    taken: dict[tuple[int, int], set[str]] = {}
    for hit in found:
        span = (hit.since, hit.last)
        if hit.meaning.slug in taken.get(span, ()) or not _spelled_as_a_name(text, hit):
            continue
        if span in taken or not any(hit.since < end and hit.last > start for start, end in taken):
            taken.setdefault(span, set()).add(hit.meaning.slug)
            behind, before = hit.behind, hit.before
            joined = behind[:1] == "-" and not _joins(hit, found)
            if joined and people.is_double(text.original, hit.end):
                continue
            if people.is_other_half(taxonomy.first_names, text.original, hit.start):
                continue
            if _is_somebody_elses(text, hit, before, behind):
                continue
            entry = taxonomy.entries[hit.meaning.slug]
            if not (entry.surname and before and _is_surname(taxonomy, text, hit, before)):
                names.append(hit)
    if len(names) > 1:
        names.sort(key=lambda hit: hit.since)
    return names


def _joins(hit: Hit[Name], found: Sequence[Hit[Name]]) -> bool:
    """Whether another name stands right behind: `the Prada-Versace deal`."""
    return any(other.since == hit.last + 1 for other in found)


def _is_somebody_elses(text: Text, hit: Hit[Name], before: str, behind: str) -> bool:
    """Whether what stands beside it says that it is no house's, whichever house has it too."""
    if people.is_another(text.original, hit.end, behind):
        return True
    # What stands before a name is looked at only where it can say something.
    ahead = hit.ahead if before in people.CALLS or before in callings.OF else ""
    if people.is_somebody(ahead, before, behind):
        return True
    written = text.original[hit.end :]
    if not before:
        ahead = hit.ahead if callings.may_say_more(text.original, hit.start) else ""
        said = callings.quoted(ahead) if ahead else ""
        return callings.is_no_house(said, behind, written) or (
            bool(ahead) and callings.is_after_an_age(ahead)
        )
    return (
        people.holds_an_office(before)
        or callings.is_no_house(before, behind, written)
        or (before in callings.OF and callings.is_owned(ahead))
        or callings.is_in_a_street(
            before, capital=text.original[hit.start - len(before) - 1].isupper()
        )
    )


def _spelled_as_a_name(text: Text, hit: Hit[Name]) -> bool:
    """Whether capitals and accents are there: `Canada goose` is a bird, `Hermes` a god as well."""
    if hit.meaning.accented and hit.text.isascii():
        return False
    first, last = hit.meaning.capitals
    if not (first or last):
        return True
    if not last:
        written = hit.text[0].islower()
        return not written or len(hit.text) == len(text.original.strip()) or text.original.islower()
    words = hit.text.split()
    if not (first and words[0][0].islower()) and not words[-1][0].islower():
        return True
    return len(hit.text) == len(text.original.strip()) or text.original.islower()


def _is_surname(taxonomy: Taxonomy, text: Text, hit: Hit[Name], before: str) -> bool:
    """Whether a first name or a title stands before it."""
    if people.is_titled(before):
        # The founder of a house of fashion is called with courtesy: what else is told decides.
        style = "style" in taxonomy.entries[hit.meaning.slug].homes
        courted = people.is_courted(before) or callings.is_courteous(before)
        return hit.meaning.weak or not (style and courted)
    return hit.meaning.weak and follows_a_first_name(taxonomy, text, hit)


def is_somebody_s(
    taxonomy: Taxonomy, text: Text, hit: Hit[Name], others: Sequence[Hit[Name]]
) -> bool:
    """Whether a courtesy or a first name stands before it; a founder has both.

    Args:
        taxonomy: The categories.
        text: Where it stands.
        hit: The name.
        others: All names there; the same dot stands between houses in a row.
    """
    if not hit.start:
        return False
    if text.original[hit.start - 1] in "·・" and callings.is_a_second_name(
        text.original[max(hit.start - 2, 0) : hit.start]
    ):
        return all(other.end != hit.start - 1 for other in others)
    before = hit.before
    return bool(before) and (
        callings.is_courteous(before, text.original, hit.start)
        or follows_a_first_name(taxonomy, text, hit)
    )


def follows_a_first_name(taxonomy: Taxonomy, text: Text, hit: Hit[Name]) -> bool:
    """Whether it is one word, and somebody's first name stands before it."""
    before = hit.before
    return (
        hit.text.isalpha()
        and before in taxonomy.first_names
        and text.original[hit.start - len(before) - 1].isupper()
    )
