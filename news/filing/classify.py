"""Which categories an article belongs under, and the word or tag that says so.

Pure: the same words give the same filings. Houses are named or not; sections and markets are
weighed, since one word rarely tells. The title counts more than the standfirst, that more than
the body. A publisher's own tag counts as much as a strong word of the title.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote

from news.filing.evidence import (
    BODY,
    ENOUGH,
    FIRST_PARAGRAPH,
    LINK,
    STANDFIRST,
    TAGS,
    TITLE,
    Evidence,
    Field,
    Place,
    Score,
)
from news.filing.houses import TAG, leave_the_passing, weigh_houses
from news.filing.lexicon import HINT, PLAIN, STRONG, Name, Word, lexicon
from news.filing.parts import Parts, parts_of
from news.filing.phrases import Hit, Text
from news.filing.spelling import names_apart
from news.filing.turns import weigh_turns
from storage.model import Filing, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from news.filing.taxonomy import Entry, Taxonomy

MOST_FILINGS = 8
_OWN_TAG = 6.0
"""For a section or market: more than a house in the title, so that it comes first."""
_HOME_IN_TITLE, _HOME_ELSEWHERE = 2.5, 1.0
_SECOND_HOME = 0.5
"""What a house says for its other homes, as a share."""
_EITHER = frozenset({"watches", "jewellery"})
"""Homes of one house of which its news is mostly about one."""
_AGAIN = 0.25
"""What a word adds that stands at another place too, as a share."""
_REPETITION = 0.1
"""What a house's further mentions add to its best one, as a share."""
_LABEL = re.compile(
    r"\s*(watch|listen|video|videos|vidéo|vídeo|podcast|in pictures|en images|guarda|ascolta)"
    r"(?:\s?[:|]|\s[-\u2013\u2014])\s+(?=\S)",
    re.IGNORECASE,
)
"""What a piece is, said before its title: no watch is meant by `Watch: …`."""


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
    (told,) = read([parts_of(title, standfirst, body)], taxonomy)
    return file(told, taxonomy, tags=tags, source_categories=source_categories, link=link)


class Told(NamedTuple):
    """What is found in the words of an article."""

    title: str
    """Without the label before it."""
    label: str
    """What a piece is, said before its title; mostly nothing."""
    fields: list[Field]


def read(articles: Sequence[Parts], taxonomy: Taxonomy) -> list[Told]:
    """What the words of articles tell, which were cut by `parts_of`.

    All titles are read, then all standfirsts, and so on: what is looked up for the one stays in the
    processor's caches for the next, which takes a tenth less time.
    """
    labels = [_LABEL.match(parts.title.original) for parts in articles]
    titles = [
        parts.title if label is None else Text(parts.title.original[label.end() :])
        for parts, label in zip(articles, labels, strict=True)
    ]
    told = [
        Told(title.original, "" if label is None else label[1], [])
        for title, label in zip(titles, labels, strict=True)
    ]
    for place, texts in (
        (TITLE, titles),
        (STANDFIRST, [parts.standfirst for parts in articles]),
        (FIRST_PARAGRAPH, [parts.opening for parts in articles]),
        (BODY, [parts.body for parts in articles]),
    ):
        for text, one in zip(texts, told, strict=True):
            if text.original:
                one.fields.append(_read(taxonomy, place, text))
    return told


def file(
    told: Told,
    taxonomy: Taxonomy,
    *,
    tags: Sequence[str],
    source_categories: Sequence[str],
    link: str,
) -> tuple[Filing, ...]:
    """The categories of an article that was read; as `classify`."""
    fields = told.fields + [_read_tag(taxonomy, tag) for tag in tags]
    evidence = Evidence()
    if told.label:
        evidence.sections["videos"].add(STRONG, f"“{told.label}” before the title")
    _weigh_words(taxonomy, fields, evidence)
    weigh_turns(told.title, evidence)
    _weigh_tags(taxonomy, tags, evidence)
    _weigh_link(taxonomy, link, evidence)
    _weigh_neighbours(taxonomy, evidence)
    if any(field.found for field in fields):
        weigh_houses(taxonomy, fields, tags, source_categories, evidence)
        leave_the_passing(taxonomy, fields, evidence)
        _take_back(taxonomy, fields, evidence)
    _weigh_homes(taxonomy, evidence)
    return _file(taxonomy, evidence, source_categories)


def _read(taxonomy: Taxonomy, place: Place, text: Text) -> Field:
    words: list[Hit[Word]] = []
    names: list[Hit[Name]] = []
    signs: list[Name] = []
    known = lexicon(taxonomy)
    phrases = known.houses if place is BODY else known.phrases
    for hit in phrases.find(text):
        meaning = hit.meaning
        if isinstance(meaning, Word):
            words.append(cast("Hit[Word]", hit))
        elif meaning.context or meaning.unless:
            signs.append(meaning)
        else:
            names.append(cast("Hit[Name]", hit))
    field = Field(place, text, names, signs, partial(names_apart, taxonomy))
    if words:
        field.words = _outside_names(taxonomy, words, field.names)
    return field


def _outside_names(
    taxonomy: Taxonomy, words: list[Hit[Word]], names: list[Hit[Name]]
) -> list[Hit[Word]]:
    """The words that are no part of a house's name: no fashion is meant by `Moda Operandi`."""
    for name in names:
        entry = taxonomy.entries[name.meaning.slug]
        if name.behind.startswith("-chef"):
            # In German that is who leads the house.
            words = [word for word in words if word.since != name.last + 1]
        # Longer names of it say more: `Apple Watch`, `Kate Spade New York`.
        if " " in name.words and name.text == entry.category.name and not name.meaning.block:
            homes = entry.homes
            words = [
                word
                for word in words
                if word.since < name.since
                or word.last > name.last
                or word.meaning.slug in homes
                or (word.since, word.last) == (name.since, name.last)
            ]
    return words


@lru_cache(maxsize=2_000)
def _read_tag(taxonomy: Taxonomy, tag: str) -> Field:
    """A source's tags are the same ones again and again."""
    return _read(taxonomy, TAGS, Text(tag))


def _weigh_words(taxonomy: Taxonomy, fields: Sequence[Field], evidence: Evidence) -> None:
    """Adds each word once, at the place where it tells most; ordinary ones last of all."""
    ordinary: list[tuple[float, Hit[Word], Place]] = []
    for points, hit, place in _best_of_each(fields):
        if hit.meaning.ordinary:
            ordinary.append((points, hit, place))
        else:
            evidence.sections[hit.meaning.slug].add(points, (hit, place.name))
    if ordinary:
        told = _told(taxonomy, fields, evidence)
        for points, hit, place in ordinary:
            slug = hit.meaning.slug
            if told.isdisjoint(taxonomy.words[slug].among):
                evidence.sections[slug].add(points, (hit, place.name))


def _best_of_each(fields: Iterable[Field]) -> Iterable[tuple[float, Hit[Word], Place]]:
    """Each word once, with its points at the place where it tells most, and a few if told again."""
    best: dict[tuple[str, str], tuple[float, Hit[Word], Place]] = {}
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
            elif place is not before[2]:
                best[told] = (before[0] + points * _AGAIN, *before[1:])
    return best.values()


def _told(taxonomy: Taxonomy, fields: Iterable[Field], evidence: Evidence) -> set[str]:
    """The sections that words tell, or the name of a house that sells what others make."""
    told = evidence.told()
    for field in fields:
        for hit in field.names:
            if not hit.meaning.block and taxonomy.entries[hit.meaning.slug].homes[:1] == ("art",):
                told.add("art")
    return told


def _take_back(taxonomy: Taxonomy, fields: Iterable[Field], evidence: Evidence) -> None:
    """What a word said that is a house's name: no sport is meant by `Coach wins over Gen Z`."""
    for field in fields:
        if not (field.words and field.place.weight):
            continue
        for name in field.names:
            slug = name.meaning.slug
            if not name.meaning.weak or slug not in evidence.houses:
                continue
            homes = taxonomy.entries[slug].homes
            for word in field.words:
                if (word.since, word.last) == (name.since, name.last):
                    told = word.meaning.slug
                    if told in evidence.sections and told not in homes:
                        points = word.meaning.weight * field.place.weight
                        evidence.sections[told].total -= points


def _weigh_tags(taxonomy: Taxonomy, tags: Sequence[str], evidence: Evidence) -> None:
    """A tag that is a section's or market's own name files the article there."""
    for tag in tags:
        category = taxonomy.find(tag)
        if category is not None and category.kind in {Kind.SECTION, Kind.MARKET}:
            evidence.sections[category.slug].add(_OWN_TAG, f"tag “{tag.strip()}”")


def _weigh_link(taxonomy: Taxonomy, link: str, evidence: Evidence) -> None:
    """A folder of the address that is a section's name: `/fashion/…`. A country's is an edition."""
    path = link.partition("://")[2].partition("?")[0].partition("#")[0]
    for folder in path.split("/")[1:-1]:
        slug = _section_of(taxonomy, folder) if folder else None
        if slug is not None:
            evidence.sections[slug].add(PLAIN, f"“{unquote(folder)}” {LINK.name}")


@lru_cache(maxsize=2_000)
def _section_of(taxonomy: Taxonomy, folder: str) -> str | None:
    """The section that a folder is called after; a site has few folders."""
    category = taxonomy.find(unquote(folder))
    return category.slug if category is not None and category.kind is Kind.SECTION else None


def _weigh_neighbours(taxonomy: Taxonomy, evidence: Evidence) -> None:
    """A section that is told speaks for its neighbours, if something else does too."""
    told = evidence.told()
    for slug in [*evidence.sections] if told else ():
        words = taxonomy.words.get(slug)
        if words is not None and told.intersection(words.near):
            near = taxonomy.categories[next(iter(told.intersection(words.near)))]
            evidence.sections[slug].add(PLAIN, f"with {near.name}")


def _weigh_homes(taxonomy: Taxonomy, evidence: Evidence) -> None:
    """A house speaks for its home: enough in the title, or where no other section is told."""
    if not evidence.houses:
        return
    said = {
        slug for slug in evidence.told() if taxonomy.entries[slug].category.kind is Kind.SECTION
    }
    common = lexicon(taxonomy).homes
    for slug, score in evidence.houses.items():
        entry = taxonomy.entries[slug]
        points = _HOME_IN_TITLE if score.best > TAG else _HOME_ELSEWHERE
        if entry.category.kind is Kind.GROUP and score.best > TAG:
            evidence.sections["business"].add(PLAIN, f"group {entry.category.name}")
        one_of_two = _told_of_two(entry, evidence)
        for position, home in enumerate(entry.homes or common.get(slug, ())):
            if one_of_two is not None and home in _EITHER and home != one_of_two:
                continue
            if home == "technology" and "motor" in said:  # What else makes phones, and now a car.
                continue
            if position == 1 and home != "ecommerce":  # A web shop is both in full.
                points *= _SECOND_HOME
            elif not said:
                points = ENOUGH
            evidence.sections[home].add(points, f"house {entry.category.name}")


def _told_of_two(entry: Entry, evidence: Evidence) -> str | None:
    """Which of watches and jewels the words tell, if a house makes both: the news is of that."""
    if not _EITHER.issubset(entry.homes):
        return None
    told = [home for home in entry.homes if home in _EITHER and evidence.tells(home)]
    return told[0] if len(told) == 1 else None


def _file(
    taxonomy: Taxonomy, evidence: Evidence, source_categories: Sequence[str]
) -> tuple[Filing, ...]:
    # A reason is put into words for those alone that are told.
    scores: dict[str, tuple[float, Score | str]] = {
        slug: (score.total, score)
        for slug, score in evidence.sections.items()
        if score.total >= ENOUGH
    }
    for slug, score in evidence.houses.items():
        scores[slug] = (score.best + (score.total - score.best) * _REPETITION, score)
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
    return tuple(Filing(slug, _in_words(scores[slug][1])) for slug in best)


def _in_words(reason: Score | str) -> str:
    return reason if isinstance(reason, str) else reason.reason
