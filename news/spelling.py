"""Which names in a text can be houses by how they are written and what stands around them.

A longer name hides the shorter one in it; a name needs the capitals and accents that make it one;
a name before an age is a person's, as is a surname after a first name or a title.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news import people, subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.lexicon import Name
    from news.phrases import Hit, Text
    from news.taxonomy import Taxonomy

_NO_HOUSE = re.compile(
    r",\s\d{1,2}(?:\s(?:ans|anni|anos|jahre)\b|,)|\s\(\d{1,2}\)"
    r"|\s(?:street|stras{1,2}e|crescent|county)\b"
    r"|·\w|女士|先生|小姐|同学|教练|老师|太太|师傅|阿姨|大爷|大妈|奶奶|爷爷|医生|警官"
    r"|教練|老師|同學|師傅|醫生|ちゃん|さん|くん|選手|監督|容疑者|被告|先生|教授|議員|投手|市長"
    r"|中[学學]|小[学學]|村|镇|鎮|县|縣|島|町|岳|河|湖"
    r"|[」』]?と(?:いう(?:名|犬|猫|馬|少|女|男)|名[付づ]け|呼ばれ)"
)
"""An age or an honorific, as it follows a person's name, or what follows a name in an address."""


def names_apart(taxonomy: Taxonomy, text: Text, found: Sequence[Hit[Name]]) -> list[Hit[Name]]:
    """The names in a text, none inside a longer one or after somebody's first name."""
    if len(found) > 1:
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
            if _is_of_something_else(text, hit):
                continue
            entry = taxonomy.entries[hit.meaning.slug]
            if not (entry.surname and _is_surname(taxonomy, text, hit)):
                names.append(hit)
    if len(names) > 1:
        names.sort(key=lambda hit: hit.since)
    return names


def _is_of_something_else(text: Text, hit: Hit[Name]) -> bool:
    """Whether what stands beside it says that it is no house's, whichever house has it too."""
    behind, before = hit.behind, hit.before
    if _NO_HOUSE.match(behind):
        return True
    written = text.original[hit.end :]
    if not before:
        ahead = hit.ahead if hit.start else ""
        return (
            subjects.is_somebody("", "", behind)
            or people.is_no_house(people.quoted(ahead) if ahead else "", behind, written)
            or (bool(ahead) and people.is_after_an_age(ahead))
        )
    return (
        subjects.is_somebody(hit.ahead, before, behind)
        or subjects.holds_an_office(before)
        or (before in people.OF and people.is_owned(hit.ahead))
        or people.is_no_house(before, behind, written)
        or people.is_in_a_street(
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
    words = hit.text.split()
    if not (first and words[0][0].islower()) and not (last and words[-1][0].islower()):
        return True
    return len(hit.text) == len(text.original.strip()) or text.original.islower()


def _is_surname(taxonomy: Taxonomy, text: Text, hit: Hit[Name]) -> bool:
    """Whether a first name or a title stands before it."""
    if subjects.is_titled(hit.before):
        return hit.meaning.weak or not people.is_courteous(hit.before)
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
    if text.original[hit.start - 1] in "·・" and people.is_a_second_name(
        text.original[max(hit.start - 2, 0) : hit.start]
    ):
        return all(other.end != hit.start - 1 for other in others)
    before = hit.before
    return bool(before) and (
        people.is_courteous(before, text.original[: hit.start])
        or follows_a_first_name(taxonomy, text, hit)
    )


def follows_a_first_name(taxonomy: Taxonomy, text: Text, hit: Hit[Name]) -> bool:
    """Whether it is one word, and somebody's first name stands before it."""
    return (
        hit.text.isalpha()
        and hit.before in taxonomy.first_names
        and text.original[hit.start - len(hit.before) - 1].isupper()
    )
