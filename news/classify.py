"""Which categories an article belongs under, and the word or tag that says so.

Pure: the same words give the same filings. Houses are named or not; sections and markets are
weighed, since one word rarely tells. The title counts more than the standfirst, that more than
the body. A publisher's own tag counts as much as a strong word of the title.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from dataclasses import field as made
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from news import subjects
from news.lexicon import EVERYDAY, HINT, PLAIN, STRONG, TRADE, Name, Word, lexicon
from news.parts import Parts, parts_of
from news.phrases import Hit, Text
from news.spelling import is_somebody_s, names_apart
from storage.model import Filing, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from news.taxonomy import Entry, Taxonomy

MOST_FILINGS = 8
_ENOUGH = 2.5
"""A section or market is told from this score on."""
_TAG = 4.0
_OWN_TAG = 6.0
"""For a section or market: more than a house in the title, so that it comes first."""
_HOME_IN_TITLE, _HOME_ELSEWHERE = 2.5, 1.0
_SECOND_HOME = 0.5
"""What a house says for its other homes, as a share."""
_EITHER = frozenset({"watches", "jewellery"})
"""Homes of one house of which its news is mostly about one."""
_WORN = ("style", "beauty", "watches", "jewellery")
"""What houses make besides: a first name near one of them is the house."""
_MANY_TAGS = 12
"""From here on tags are a net cast wide, and a house's tag must be borne out by the words."""
_REPETITION = 0.1
"""What a house's further mentions add to its best one, as a share."""
_LABEL = re.compile(
    r"\s*(watch|listen|video|videos|vidéo|vídeo|podcast|in pictures|en images|guarda|ascolta)"
    r"(?:\s?[:|]|\s[-\u2013\u2014])\s+(?=\S)",
    re.IGNORECASE,
)
"""What a piece is, said before its title: no watch is meant by `Watch: …`."""
_REPEATED = 2
_SHARE = re.compile(
    r"\d\s?(?:%|\uff05|割|(?:prozent|per cent|percent|per cento|por ciento|pour cent)\b)",
    re.IGNORECASE,
)
"""What rose or fell by a share: figures of business, but for `100 %`, which is all of it."""
_ALL = re.compile(r"\b100\s?(?:%|\uff05|prozent\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where words stand: what to call it, and how much its words tell."""

    name: str
    weight: float


_TITLE = _Place("in the title", 1.0)
_STANDFIRST = _Place("in the standfirst", 0.7)
_FIRST_PARAGRAPH = _Place("in the first paragraph", 0.6)
_BODY = _Place("in the body", 0.0)
_TOLD = (_TITLE, _STANDFIRST)
_TAGS = _Place("in a tag", 1.0)
_LINK = _Place("in the link", 0.5)


@dataclass(frozen=True, eq=False, slots=True)
class _Field:
    """A title, a paragraph or a tag, and what is found in it."""

    place: _Place
    text: Text
    words: list[Hit[Word]]
    names: list[Hit[Name]]
    signs: list[Name]
    """What speaks for or against a name that is doubtful."""


_NOTHING = {
    place.name: _Field(place, Text(""), [], [], [])
    for place in (_TITLE, _STANDFIRST, _FIRST_PARAGRAPH, _BODY, _TAGS)
}
"""What is read where nothing stands: most headlines come without a body."""


@dataclass(slots=True)
class _Score:
    """How strongly something speaks for a category, and what says it best."""

    total: float = 0.0
    best: float = 0.0
    said: str | tuple[Hit[Word], str] = ""
    """What says it best; of a word, the word and where it stands, since few are asked for."""

    def add(self, points: float, said: str | tuple[Hit[Word], str]) -> None:
        self.total += points
        if points > self.best:
            self.best = points
            self.said = said

    @property
    def reason(self) -> str:
        """The same in words."""
        if isinstance(self.said, str):
            return self.said
        hit, where = self.said
        return f"“{hit.text}” {where}"


@dataclass(slots=True)
class _Evidence:
    """All that the words of one article say."""

    houses: defaultdict[str, _Score] = made(default_factory=lambda: defaultdict(_Score))
    sections: defaultdict[str, _Score] = made(default_factory=lambda: defaultdict(_Score))


def classify(
    taxonomy: Taxonomy,
    *,
    title: str,
    standfirst: str = "",
    body: str | None = None,
    tags: Sequence[str] = (),
    source_categories: Sequence[str] = (),
    link: str = "",
) -> tuple[Filing, ...]:
    """The categories of an article, the most telling first, at most eight.

    Args:
        taxonomy: The categories to choose from.
        title: The headline, as plain text.
        standfirst: One or two sentences, as plain text.
        body: Paragraphs with a blank line between them, if there is a body.
        tags: What the source itself filed the article under.
        source_categories: Slugs under which all articles of the source belong.
        link: The article's address; its path may name a section.
    """
    parts = parts_of(title, standfirst, body)
    return file(taxonomy, parts, tags=tags, source_categories=source_categories, link=link)


def file(
    taxonomy: Taxonomy,
    parts: Parts,
    *,
    tags: Sequence[str],
    source_categories: Sequence[str],
    link: str,
) -> tuple[Filing, ...]:
    """The same for an article that is cut into words already."""
    label = _LABEL.match(parts.title.original)
    if label is not None:
        parts = parts._replace(title=Text(parts.title.original[label.end() :]))
    fields = [
        _read(taxonomy, _TITLE, parts.title),
        _read(taxonomy, _STANDFIRST, parts.standfirst),
        _read(taxonomy, _FIRST_PARAGRAPH, parts.opening),
        _read(taxonomy, _BODY, parts.body),
        *(_read_tag(taxonomy, tag) for tag in tags),
    ]
    evidence = _Evidence()
    if label is not None:
        evidence.sections["videos"].add(STRONG, f"“{label[1]}” before the title")
    if _SHARE.search(parts.title.original) and not _ALL.search(parts.title.original):
        evidence.sections["business"].add(_ENOUGH, "a share in the title")
    _weigh_words(fields, evidence)
    _weigh_tags(taxonomy, tags, evidence)
    _weigh_link(taxonomy, link, evidence)
    _weigh_neighbours(taxonomy, evidence)
    if any(field.names for field in fields):
        _weigh_houses(taxonomy, fields, tags, source_categories, evidence)
    _weigh_homes(taxonomy, evidence)
    return _file(taxonomy, evidence, source_categories)


def _read(taxonomy: Taxonomy, place: _Place, text: Text) -> _Field:
    if not text.original:
        return _NOTHING[place.name]
    found: list[Hit[Word]] = []
    names: list[Hit[Name]] = []
    signs: list[Name] = []
    known = lexicon(taxonomy)
    phrases = known.houses if place is _BODY else known.phrases
    for hit in phrases.find(text):
        meaning = hit.meaning
        if isinstance(meaning, Word):
            found.append(cast("Hit[Word]", hit))
        elif meaning.context or meaning.unless:
            signs.append(meaning)
        else:
            names.append(cast("Hit[Name]", hit))
    return _Field(place, text, found, names_apart(taxonomy, text, names) if names else [], signs)


@lru_cache(maxsize=2_000)
def _read_tag(taxonomy: Taxonomy, tag: str) -> _Field:
    """A source's tags are the same ones again and again."""
    return _read(taxonomy, _TAGS, Text(tag))


def _weigh_words(fields: Iterable[_Field], evidence: _Evidence) -> None:
    """Adds each word once, at the place where it tells most."""
    best: dict[tuple[str, str], tuple[float, Hit[Word], _Place]] = {}
    for field in fields:
        place = field.place
        if place.weight == 0:
            continue
        taken: dict[str, int] = {}
        for hit in field.words:
            slug = hit.meaning.slug
            if hit.since < taken.get(slug, 0):
                continue
            taken[slug] = hit.last
            points = hit.meaning.weight * place.weight
            if not points:
                continue
            told = (slug, hit.words.rstrip("s"))
            before = best.get(told)
            if before is None or points > before[0]:
                best[told] = (points, hit, place)
    for (slug, _), (points, hit, place) in best.items():
        evidence.sections[slug].add(points, (hit, place.name))


def _weigh_tags(taxonomy: Taxonomy, tags: Sequence[str], evidence: _Evidence) -> None:
    """A tag that is a section's or market's own name files the article there."""
    for tag in tags:
        category = taxonomy.find(tag)
        if category is not None and category.kind in {Kind.SECTION, Kind.MARKET}:
            evidence.sections[category.slug].add(_OWN_TAG, f"tag “{tag.strip()}”")


def _weigh_link(taxonomy: Taxonomy, link: str, evidence: _Evidence) -> None:
    """A folder of the address that is a section's name: `/fashion/…`. A country's is an edition."""
    path = link.partition("://")[2].partition("?")[0].partition("#")[0]
    for folder in path.split("/")[1:-1]:
        slug = _section_of(taxonomy, folder) if folder else None
        if slug is not None:
            evidence.sections[slug].add(PLAIN, f"“{unquote(folder)}” {_LINK.name}")


@lru_cache(maxsize=2_000)
def _section_of(taxonomy: Taxonomy, folder: str) -> str | None:
    """The section that a folder is called after; a site has few folders."""
    category = taxonomy.find(unquote(folder))
    return category.slug if category is not None and category.kind is Kind.SECTION else None


def _weigh_neighbours(taxonomy: Taxonomy, evidence: _Evidence) -> None:
    """A section that is told speaks for its neighbours, if something else does too."""
    told = {slug for slug, score in evidence.sections.items() if score.total >= _ENOUGH}
    for slug in [*evidence.sections] if told else ():
        words = taxonomy.words.get(slug)
        if words is not None and told.intersection(words.near):
            near = taxonomy.categories[next(iter(told.intersection(words.near)))]
            evidence.sections[slug].add(PLAIN, f"with {near.name}")


def _weigh_houses(
    taxonomy: Taxonomy,
    fields: Sequence[_Field],
    tags: Sequence[str],
    source_categories: Sequence[str],
    evidence: _Evidence,
) -> None:
    helped = {sign.slug for field in fields for sign in field.signs if sign.context}
    ruled_out = {sign.slug for field in fields for sign in field.signs if sign.unless}
    named = [
        (field, hit)
        for field in fields
        for hit in field.names
        if not hit.meaning.block and hit.meaning.slug not in ruled_out
    ]
    everyday = any(EVERYDAY in field.signs for field in fields if field.place in _TOLD)
    weak = [_in_doubt(taxonomy, at, hit, everyday=everyday) for at, hit in named]
    persons = [is_somebody_s(taxonomy, at.text, hit, at.names) for at, hit in named]
    sure = {
        hit.meaning.slug
        for (_, hit), doubt, person in zip(named, weak, persons, strict=True)
        if not (doubt or person)
    }
    groups = {taxonomy.entries[slug].category.group or slug for slug in sure}
    meant = sure | helped
    doubtful = [
        (at, hit)
        for (at, hit), person in zip(named, persons, strict=True)
        if not person and hit.meaning.slug not in meant
    ]
    if doubtful and not everyday:
        company = {home for slug in sure for home in taxonomy.entries[slug].homes[:1]}
        meant |= {
            hit.meaning.slug
            for at, hit in doubtful
            if _is_house(taxonomy, at, hit, company, evidence)
        }
    trade = TRADE.slug in helped and not everyday
    in_body: Counter[str] = Counter()
    for (at, hit), doubt, person in zip(named, weak, persons, strict=True):
        slug, place = hit.meaning.slug, at.place
        entry = taxonomy.entries[slug]
        least = _ENOUGH if everyday else PLAIN if entry.surname or person else HINT
        if (doubt or person) and not (
            (
                (not person and (trade or entry.category.group in groups))
                or slug in meant
                or _at_home(entry, source_categories, evidence, least)
            )
            and (place is _TAGS or _capitalised(hit.text))
        ):
            continue
        if place is _BODY:
            in_body[slug] += 1
            if in_body[slug] == _REPEATED:
                evidence.houses[slug].add(HINT, f"“{hit.text}” repeatedly {place.name}")
        elif place is _TAGS:
            if len(tags) < _MANY_TAGS:
                evidence.houses[slug].add(_TAG, f"tag “{hit.text}”")
        else:
            evidence.houses[slug].add((_TAG + 1) * place.weight, f"“{hit.text}” {place.name}")
            dealer = entry.homes[:1] == ("art",)
            if place in _TOLD and not dealer and subjects.trades(at.text.folded, hit.end):
                evidence.sections["business"].add(STRONG * place.weight, f"what {hit.text} does")


def _in_doubt(taxonomy: Taxonomy, at: _Field, hit: Hit[Name], *, everyday: bool) -> bool:
    """Whether a name may be no house's: a weak one, or a person's as it stands there."""
    entry = taxonomy.entries[hit.meaning.slug]
    return (
        hit.meaning.weak
        or (everyday and entry.surname and hit.text.isalpha() and not hit.behind.startswith("-"))
        or (entry.given and subjects.has_a_surname(at.text.original, hit.end))
    )


def _is_house(
    taxonomy: Taxonomy,
    at: _Field,
    hit: Hit[Name],
    company: set[str],
    evidence: _Evidence,
) -> bool:
    """Whether a weak name is a house by the use that the text makes of it.

    Args:
        taxonomy: The categories.
        at: Where it stands.
        hit: The name.
        company: What the houses are at home in that the article surely names.
        evidence: What the words of sections say.
    """
    if at.place not in _TOLD or not _capitalised(hit.text):
        return False
    entry = taxonomy.entries[hit.meaning.slug]
    person, text = entry.surname, at.text
    if subjects.is_introduced(hit.before) or subjects.has_an_owner(text.folded, hit.start):
        return True
    told = evidence.sections["business"].total if "business" in evidence.sections else 0.0
    firm = told >= STRONG
    if subjects.acts(text.folded, hit.start, hit.end, person=person, firm=firm):
        return True
    if "tourism" in entry.homes and subjects.is_placed(text.folded, hit.end):
        return True
    return not person and (
        not company.isdisjoint(entry.homes[:1])
        or subjects.stands_out(text.original, hit.start, hit.end)
    )


def _capitalised(name: str) -> bool:
    """Whether every word of it is: `On Running` is, `tips on running` is not."""
    return not any(word[0].islower() for word in name.split())


def _at_home(
    entry: Entry, source_categories: Sequence[str], evidence: _Evidence, least: float
) -> bool:
    """Whether the article is about what the house makes, as its source or its words say."""
    return any(
        home in source_categories or evidence.sections[home].total >= least
        for home in (*entry.homes, *(_WORN if entry.given else ()))
        if home in source_categories or home in evidence.sections
    )


def _weigh_homes(taxonomy: Taxonomy, evidence: _Evidence) -> None:
    """A house speaks for its home: enough in the title, or where no other section is told."""
    if not evidence.houses:
        return
    told = any(
        score.total >= _ENOUGH and taxonomy.entries[slug].category.kind is Kind.SECTION
        for slug, score in evidence.sections.items()
    )
    common = lexicon(taxonomy).homes
    for slug, score in evidence.houses.items():
        entry = taxonomy.entries[slug]
        points = _HOME_IN_TITLE if score.best > _TAG else _HOME_ELSEWHERE
        if entry.category.kind is Kind.GROUP and score.best > _TAG:
            evidence.sections["business"].add(PLAIN, f"group {entry.category.name}")
        one_of_two = _told_of_two(entry, evidence)
        for position, home in enumerate(entry.homes or common.get(slug, ())):
            if one_of_two is not None and home in _EITHER and home != one_of_two:
                continue
            if position == 1 and home != "ecommerce":  # A web shop is both in full.
                points *= _SECOND_HOME
            elif not told:
                points = _ENOUGH
            evidence.sections[home].add(points, f"house {entry.category.name}")


def _told_of_two(entry: Entry, evidence: _Evidence) -> str | None:
    """Which of watches and jewels the words tell, if a house makes both: the news is of that."""
    if not _EITHER.issubset(entry.homes):
        return None
    told = [
        home
        for home in entry.homes
        if home in _EITHER
        and home in evidence.sections
        and evidence.sections[home].total >= _ENOUGH
    ]
    return told[0] if len(told) == 1 else None


def _file(
    taxonomy: Taxonomy, evidence: _Evidence, source_categories: Sequence[str]
) -> tuple[Filing, ...]:
    scores: dict[str, tuple[float, str]] = {
        slug: (score.total, score.reason)
        for slug, score in evidence.sections.items()
        if score.total >= _ENOUGH
    }
    for slug, score in evidence.houses.items():
        scores[slug] = (score.best + (score.total - score.best) * _REPETITION, score.reason)
        group = taxonomy.entries[slug].category.group
        if group is not None and group not in evidence.houses:
            reason = f"group of {taxonomy.entries[slug].category.name}"
            if group not in scores:
                scores[group] = (HINT, reason)
    for slug in source_categories:
        if slug in taxonomy.entries and slug not in scores:
            scores[slug] = (HINT, "its source")
    order = lexicon(taxonomy).order
    best = sorted(scores, key=lambda slug: (-scores[slug][0], order[slug]))[:MOST_FILINGS]
    return tuple(Filing(slug, scores[slug][1]) for slug in best)
