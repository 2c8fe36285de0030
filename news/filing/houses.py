"""Decision which of the houses that an article names are meant.

A name without another meaning is always meant. A weak name needs words for what the house makes,
another house of the same trade, or a use that only a company's name has (`_acts`).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from news.filing.evidence import (
    BODY,
    ENOUGH,
    FIRST_PARAGRAPH,
    HEAD,
    IN_BODY,
    TAGS,
    Evidence,
    Passage,
)
from news.filing.lexicon import EVERYDAY, HINT, PLAIN, SHOPS, STRONG, Name
from news.filing.names import is_surname

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from news.filing.taxonomy import Companies, NamedCategory, Taxonomy
    from news.filing.tokenising.tokens import Hit

TAG = 4.0
"""Points of a tag for a house; its name in the title has more."""
_MANY_TAGS = 12
"""Tags of an article; with as many, a house's tag counts only if the words confirm it."""
_LIKELY = 0.0
"""Lowest logit of a house's home section at which a weak name of the house is believed."""
_REPEATED = 2
_AT_ONCE = 20
"""Characters from the start of a first paragraph; a house named there is its subject."""
_CLAUSE = re.compile(r"(?:^|[:;.!?|\u2013\u2014]\s|\s-\s)[\"'\u201c\u2018«„\s]*$")
_NEXT = re.compile(r"(?:'s?)?[\s-]+([^\W\d_]+)(?:\s+([^\W\d_]+))?(?:\s+([^\W\d_]+))?")
_FAR = 60
"""Characters on either side of a name that are looked at."""
_FUTURE = frozenset({"to", "will"})


class _Mention(NamedTuple):
    field: Passage
    hit: Hit[Name]
    weak: bool
    """Whether the name may mean something else."""
    person: bool
    """Whether the name may be a person's."""


def weigh_houses(
    taxonomy: Taxonomy,
    fields: Sequence[Passage],
    tags: Sequence[str],
    source_categories: Sequence[str],
    evidence: Evidence,
) -> None:
    """Add to the evidence each house that is meant."""
    everyday = evidence.everyday
    shops = any(SHOPS in field.signs for field in fields)
    mentions = _mentions(taxonomy, fields, everyday=everyday)
    meant = _meant(taxonomy, fields, mentions, evidence, everyday=everyday)
    groups = {
        taxonomy.entries[one.hit.meaning.slug].category.group or one.hit.meaning.slug
        for one in mentions
        if not (one.weak or one.person)
    }
    in_body: Counter[str] = Counter()
    for field, hit, weak, person in mentions:
        slug, place = hit.meaning.slug, field.place
        entry = taxonomy.entries[slug]
        if weak or person:
            believed = slug in meant or _at_home(
                entry, source_categories, evidence, everyday=everyday, person=person
            )
            if not believed and not person:
                shop = shops and not (everyday and hit.meaning.weak)
                believed = shop or entry.category.group in groups
            if not (believed and (place is TAGS or _is_capitalised(hit.text))):
                continue
        if place is BODY:
            in_body[slug] += 1
            if in_body[slug] == _REPEATED:
                evidence.houses[slug].add(HINT, f"“{hit.text}” repeatedly {place.name}")
        elif place is TAGS:
            if len(tags) < _MANY_TAGS:
                evidence.houses[slug].add(TAG, f"tag “{hit.text}”")
        else:
            evidence.houses[slug].add((TAG + 1) * place.weight, f"“{hit.text}” {place.name}")


def is_everyday(fields: Sequence[Passage]) -> bool:
    """Return whether title or standfirst has a word of everyday news, such as crime."""
    return any(EVERYDAY in field.signs for field in fields if field.place in HEAD)


def leave_the_passing(taxonomy: Taxonomy, fields: Sequence[Passage], evidence: Evidence) -> None:
    """Remove houses that only the first paragraph mentions, in passing, beside those of the title.

    A house stays if it begins the paragraph, is in one group with a house of the title, or is named
    again.
    """
    once = (TAG + 1) * FIRST_PARAGRAPH.weight
    ahead = {slug for slug, score in evidence.houses.items() if score.best > once}
    opened = {slug for slug, score in evidence.houses.items() if score.total == once}
    if not (ahead and opened):
        return
    groups = {taxonomy.entries[slug].category.group or slug for slug in ahead}
    in_body = [
        hit
        for field in fields
        if field.place in IN_BODY and not opened.isdisjoint(hit.meaning.slug for hit in field.found)
        for hit in field.names
    ]
    named = Counter(hit.meaning.slug for hit in in_body)
    begun = {hit.meaning.slug for hit in in_body if hit.since < _AT_ONCE}
    for slug in opened - begun:
        of_one_group = (taxonomy.entries[slug].category.group or slug) in groups
        if not of_one_group and named[slug] < _REPEATED:
            del evidence.houses[slug]


def _mentions(taxonomy: Taxonomy, fields: Sequence[Passage], *, everyday: bool) -> list[_Mention]:
    ruled_out = {sign.slug for field in fields for sign in field.signs if sign.unless}
    found: list[_Mention] = []
    for field in fields:
        if field.place is not BODY:
            found += _mentions_in(taxonomy, field, ruled_out, everyday=everyday)
    in_doubt = any(one.weak or one.person for one in found)
    for field in fields:
        # A single mention in a body only helps to interpret other mentions.
        if field.place is BODY and (in_doubt or field.may_repeat()):
            found += _mentions_in(taxonomy, field, ruled_out, everyday=everyday)
    return found


def _mentions_in(
    taxonomy: Taxonomy, field: Passage, ruled_out: Collection[str], *, everyday: bool
) -> Iterator[_Mention]:
    for hit in field.names:
        if hit.meaning.block or hit.meaning.slug in ruled_out:
            continue
        # A German compound with a hyphen is about the house: `Ferrari-Fahrer`.
        joined = field.text.original.startswith("-", hit.place[1])
        entry = taxonomy.entries[hit.meaning.slug]
        doubtful = everyday and not joined and entry.surname
        yield _Mention(
            field, hit, hit.meaning.weak or doubtful, is_surname(taxonomy, field.text, hit)
        )


def _meant(
    taxonomy: Taxonomy,
    fields: Sequence[Passage],
    mentions: Sequence[_Mention],
    evidence: Evidence,
    *,
    everyday: bool,
) -> set[str]:
    sure = {one.hit.meaning.slug for one in mentions if not (one.weak or one.person)}
    meant = sure | {sign.slug for field in fields for sign in field.signs if sign.context}
    company = {home for slug in sure for home in taxonomy.entries[slug].homes[:1]}
    for one in mentions:
        slug = one.hit.meaning.slug
        in_everyday_news = everyday and one.hit.meaning.weak
        if slug in meant or one.person or in_everyday_news or one.field.place not in HEAD:
            continue
        if _is_capitalised(one.hit.text) and _is_used_as_a_house(
            taxonomy, one.field, one.hit, company, evidence
        ):
            meant.add(slug)
    return meant


def _is_used_as_a_house(
    taxonomy: Taxonomy, field: Passage, hit: Hit[Name], company: set[str], evidence: Evidence
) -> bool:
    """Return whether the text uses a weak name as a house's; `company` are sure houses' homes."""
    entry = taxonomy.entries[hit.meaning.slug]
    words, text = taxonomy.companies, field.text
    if _is_introduced(words, text.folded, hit.place[0]):
        return True
    business = any(evidence.points(section) >= STRONG for section in taxonomy.for_companies)
    if _acts(words, text.folded, *hit.place, person=entry.surname, business=business):
        return True
    if any(taxonomy.words[home].towns for home in entry.homes) and _is_placed(
        words, text.folded, hit.place[1]
    ):
        return True
    return not entry.surname and not company.isdisjoint(entry.homes[:1])


def _is_capitalised(name: str) -> bool:
    """Return whether every word has a capital, as in `On Running` but not in `tips on running`."""
    return not any(word[0].islower() for word in name.split())


def _at_home(
    entry: NamedCategory,
    source_categories: Sequence[str],
    evidence: Evidence,
    *,
    everyday: bool,
    person: bool,
) -> bool:
    """Return whether the article is about what the house makes, by its source or its words."""
    least = ENOUGH if everyday else PLAIN if entry.surname or person else HINT
    return any(
        home in source_categories
        or evidence.points(home) >= least
        or (not everyday and evidence.is_likely(home, _LIKELY))
        for home in entry.homes
    )


def _acts(
    companies: Companies, folded: str, start: int, end: int, *, person: bool, business: bool
) -> bool:
    """Return whether a name begins a clause and is followed by what a company does or has.

    A name that begins a headline and does what companies do (`Lotus cuts jobs`) is a company's.
    People do some of these things too, so a name that is also a person's or a place's needs more.
    What companies do and have is listed in `context.toml`. `person` says that the name is also a
    person's or a place's.
    """
    if not _begins_a_clause(folded, start):
        return False
    following = _following(folded, end)
    if following & companies.only_they_do:
        return True
    if following & companies.others_do or (person and not business):
        return False
    return bool(following & (companies.do | companies.have))


def _is_placed(companies: Companies, folded: str, end: int) -> bool:
    """Return whether a town follows, as in `Fairmont Doha` or `Aman opens in Kyoto`."""
    following = _NEXT.match(folded, end, end + _FAR)
    if following is None:
        return False
    first, *others = following.groups()
    return first in companies.towns or (
        first in companies.do and not companies.towns.isdisjoint(others)
    )


def _is_introduced(companies: Companies, folded: str, start: int) -> bool:
    """Return whether the words before a name make it a company's: `carmaker Lotus`."""
    words = folded[max(start - _FAR, 0) : start].split()
    return bool(words) and (
        words[-1] in companies.makers or " ".join(words[-2:]) in companies.makers
    )


def _begins_a_clause(text: str, start: int) -> bool:
    return _CLAUSE.search(text[max(start - _FAR, 0) : start]) is not None if start else True


def _following(folded: str, end: int) -> frozenset[str]:
    """Return the next one, two and three words, each as a string; `will cut` gives `to cut`."""
    following = _NEXT.match(folded, end, end + _FAR)
    if following is None:
        return frozenset()
    words = [word for word in following.groups() if word]
    if words[0] in _FUTURE:
        words[0] = "to"
    return frozenset(" ".join(words[: count + 1]) for count in range(len(words)))
