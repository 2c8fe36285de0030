"""Which of the houses that an article names are meant.

A name that means nothing else is; a doubtful one takes words of what the house makes, another
house of the same trade, or a use that only a company's name has (`news.filing.subjects`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from news.filing import people, subjects
from news.filing.evidence import BODY, ENOUGH, FIRST_PARAGRAPH, IN_BODY, TAGS, TOLD, Evidence, Field
from news.filing.lexicon import EVERYDAY, HINT, PLAIN, STRONG, TRADE, Name
from news.filing.phrases import fold
from news.filing.spelling import is_somebody_s

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from news.filing.phrases import Hit
    from news.filing.taxonomy import Entry, Taxonomy

TAG = 4.0
"""What a tag says for a house; its name in the title says more."""
_WORN = ("style", "beauty", "watches", "jewellery")
"""What houses make besides: a first name near one of them is the house."""
_OF_MODELS = (("motor",), ("yachts",))
"""Homes of houses whose name stands before a model's: `Bugatti Brouillard` is nobody."""
_GIVEN_TOO = frozenset(
    ["bentley", "porsche", "lexus", "tesla", "audi", "mercedes", "cadillac", "infiniti"]
)
"""Those of them that people are called by, too."""
_MANY_TAGS = 12
"""From here on tags are a net cast wide, and a house's tag must be borne out by the words."""
_REPEATED = 2
_AT_ONCE = 20
"""Characters: the house with which a first paragraph begins is what it is about."""


def weigh_houses(
    taxonomy: Taxonomy,
    fields: Sequence[Field],
    tags: Sequence[str],
    source_categories: Sequence[str],
    evidence: Evidence,
) -> None:
    """Add to the evidence each house that is meant, and what it does that is news of business.

    Args:
        taxonomy: The categories.
        fields: The article's words, and what is found in them.
        tags: What the source itself filed the article under.
        source_categories: Slugs under which all articles of the source belong.
        evidence: What the words of sections say; the houses are added to it.
    """
    helped = {sign.slug for field in fields for sign in field.signs if sign.context}
    ruled_out = {sign.slug for field in fields for sign in field.signs if sign.unless}
    everyday = any(EVERYDAY in field.signs for field in fields if field.place in TOLD)
    mentions = _gathered(taxonomy, fields, ruled_out, everyday=everyday)
    sure = {one.hit.meaning.slug for one in mentions if not (one.weak or one.person)}
    groups = {taxonomy.entries[slug].category.group or slug for slug in sure}
    meant = sure | helped
    doubtful = [
        one
        for one in mentions
        if not one.person
        and one.hit.meaning.slug not in meant
        and not (everyday and one.hit.meaning.weak)
    ]
    if doubtful:
        company = {home for slug in sure for home in taxonomy.entries[slug].homes[:1]}
        meant |= {
            one.hit.meaning.slug
            for one in doubtful
            if _is_house(taxonomy, one.at, one.hit, company, evidence)
        }
    trade = TRADE.slug in helped
    races = evidence.tells("sport")
    in_body: Counter[str] = Counter()
    for at, hit, weak, person in mentions:
        slug, place = hit.meaning.slug, at.place
        entry = taxonomy.entries[slug]
        least = ENOUGH if everyday else PLAIN if entry.surname or person else HINT
        trusted = trade and not (everyday and hit.meaning.weak)
        if (weak or person) and not (
            (
                (not person and (trusted or entry.category.group in groups))
                or slug in meant
                or _at_home(entry, source_categories, evidence, least)
            )
            and (place is TAGS or _capitalised(hit.text))
        ):
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
            dealer = entry.homes[:1] == ("art",) or (races and entry.homes[:1] == ("motor",))
            if place in TOLD and not dealer and subjects.trades(at.text.folded, hit.end):
                evidence.sections["business"].add(STRONG * place.weight, f"what {hit.text} does")


def leave_the_passing(taxonomy: Taxonomy, fields: Sequence[Field], evidence: Evidence) -> None:
    """Take out each house that the first paragraph meets on the way to those of the title.

    What it begins with, what is of one group with those, and what is named again, stays.

    Args:
        taxonomy: The categories.
        fields: The article's words, and what is found in them.
        evidence: What is told; houses are taken out of it.
    """
    once = (TAG + 1) * FIRST_PARAGRAPH.weight
    ahead = {slug for slug, score in evidence.houses.items() if score.best > once}
    opened = {slug for slug, score in evidence.houses.items() if score.total == once}
    if not (ahead and opened):
        return
    groups = {taxonomy.entries[slug].category.group or slug for slug in ahead}
    for slug in opened:
        if (taxonomy.entries[slug].category.group or slug) in groups:
            continue
        named = [at for at in fields if at.place in IN_BODY and _times(at, slug)]
        if not named:
            continue
        begins = any(hit.since < _AT_ONCE for hit in named[0].found if hit.meaning.slug == slug)
        if not begins and sum(_times(at, slug) for at in named) < _REPEATED:
            del evidence.houses[slug]


def _times(at: Field, slug: str) -> int:
    """How often a house is named at a place; a longer name may hold a shorter one of it."""
    spans = sorted((hit.since, hit.last) for hit in at.found if hit.meaning.slug == slug)
    times = end = 0
    for since, last in spans:
        times += since >= end
        end = last
    return times


class _Mention(NamedTuple):
    """A name of a house where it stands."""

    at: Field
    hit: Hit[Name]
    weak: bool
    """Whether it may mean something else."""
    person: bool
    """Whether it may be somebody's own."""


def _gathered(
    taxonomy: Taxonomy, fields: Sequence[Field], ruled_out: Collection[str], *, everyday: bool
) -> list[_Mention]:
    """The houses that are named, as far as it matters."""
    found: list[_Mention] = []
    for field in fields:
        if field.place is not BODY:
            found += _mentions(taxonomy, field, ruled_out, everyday=everyday)
    in_doubt = any(one.weak or one.person for one in found)
    for field in fields:
        # What a body names once only helps to tell what is meant elsewhere.
        if field.place is BODY and (in_doubt or field.may_repeat()):
            found += _mentions(taxonomy, field, ruled_out, everyday=everyday)
    return found


def _mentions(
    taxonomy: Taxonomy, field: Field, ruled_out: Collection[str], *, everyday: bool
) -> Iterator[_Mention]:
    """The houses that are named at a place."""
    for hit in field.names:
        if not (hit.meaning.block or hit.meaning.slug in ruled_out):
            weak = _in_doubt(taxonomy, field, hit, everyday=everyday)
            person = is_somebody_s(taxonomy, field.text, hit, field.names)
            yield _Mention(field, hit, weak, person)


def _in_doubt(taxonomy: Taxonomy, at: Field, hit: Hit[Name], *, everyday: bool) -> bool:
    """Whether a name may be no house's: a weak one, or a person's as it stands there."""
    if hit.meaning.weak:
        return True
    name = hit.text
    if not name.isalpha():
        return False
    original, end = at.text.original, hit.end
    capital = name[0].isupper() and not name.isupper()
    followed = original.startswith(" ", end) and capital and not hit.meaning.genitive
    entry = taxonomy.entries[hit.meaning.slug]
    if followed and people.has_a_surname(original, end):
        of_models = entry.homes[:1] in _OF_MODELS and fold(name) not in _GIVEN_TOO
        if not (of_models and original[end + 1].isupper()):
            return True
    if not entry.surname:
        return False
    # A German word joined to it is of what the house makes: `Ferrari-Fahrer`.
    joined = original.startswith("-", end)
    if (everyday and not joined) or people.is_courted(hit.before):
        return True
    return people.follows_a_first_name(original, hit.start)


def _is_house(
    taxonomy: Taxonomy,
    at: Field,
    hit: Hit[Name],
    company: set[str],
    evidence: Evidence,
) -> bool:
    """Whether a weak name is a house by the use that the text makes of it.

    Args:
        taxonomy: The categories.
        at: Where it stands.
        hit: The name.
        company: What the houses are at home in that the article surely names.
        evidence: What the words of sections say.
    """
    if at.place not in TOLD or not _capitalised(hit.text):
        return False
    entry = taxonomy.entries[hit.meaning.slug]
    person, text = entry.surname, at.text
    if subjects.is_introduced(hit.before) or subjects.has_an_owner(text.folded, hit.start):
        return True
    told = evidence.sections["business"].total if "business" in evidence.sections else 0.0
    firm = told >= STRONG
    if subjects.acts(text.folded, hit.start, hit.end, person=person, firm=firm):
        return True
    at_home_abroad = " " in hit.text and subjects.heads(text.folded, hit.start, hit.end)
    if at_home_abroad or ("tourism" in entry.homes and subjects.is_placed(text.folded, hit.end)):
        return True
    if "yachts" in entry.homes and subjects.is_numbered(text.folded, hit.end):
        return True
    return not person and (
        not company.isdisjoint(entry.homes[:1])
        or subjects.stands_out(text.original, hit.start, hit.end)
    )


def _capitalised(name: str) -> bool:
    """Whether every word of it is: `On Running` is, `tips on running` is not."""
    return not any(word[0].islower() for word in name.split())


def _at_home(
    entry: Entry, source_categories: Sequence[str], evidence: Evidence, least: float
) -> bool:
    """Whether the article is about what the house makes, as its source or its words say."""
    return any(
        home in source_categories or evidence.sections[home].total >= least
        for home in (*entry.homes, *(_WORN if entry.given or entry.homes[:1] == ("style",) else ()))
        if home in source_categories or home in evidence.sections
    )
