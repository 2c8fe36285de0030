"""Points that an article gets for each category from the lists of words and names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from news.filing.evidence import ENOUGH, HEAD, LINK, Evidence, Passage, Place
from news.filing.houses import TAG, is_everyday, leave_the_passing, weigh_houses
from news.filing.lexicon import PLAIN, Word, lexicon
from news.filing.reading import read_tag
from news.filing.tokenising.folding import has_cjk
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from news.filing.reading import Found
    from news.filing.taxonomy import NamedCategory, Taxonomy
    from news.filing.tokenising.tokens import Hit, Text

_OWN_TAG = 6.0
"""Points of a tag that names a section or market, more than a house's in the title."""
_HOME_IN_TITLE, _HOME_ELSEWHERE = 2.5, 1.0
_SECOND_HOME = 0.5
"""Share of a house's points that its second and further homes get."""
_APART = {"motor": "yachts"}
"""Home section of houses → one beside which it does not count: a carmaker's boat is a boat."""
_AGAIN = 0.25
"""Share of a word's points that its occurrence at another place adds."""


def weigh(
    found: Found,
    taxonomy: Taxonomy,
    *,
    tags: Sequence[str],
    source_categories: Sequence[str],
    link: str,
) -> Evidence:
    """Return the evidence for each category, with the points that houses add kept apart."""
    fields = found.fields + [read_tag(taxonomy, tag) for tag in tags]
    evidence = Evidence(found.logits, length=_length(found.texts[0]))
    for slug in lexicon(taxonomy).labels.get(found.label.lower(), ()):
        evidence.sections[slug].add(_OWN_TAG, f"“{found.label}” before the title")
    _weigh_words(taxonomy, fields, evidence)
    _weigh_tags(taxonomy, tags, evidence)
    _weigh_link(taxonomy, link, evidence)
    _weigh_neighbours(taxonomy, evidence)
    evidence.everyday = is_everyday(fields)
    if any(field.found for field in fields):
        weigh_houses(taxonomy, fields, tags, source_categories, evidence)
        leave_the_passing(taxonomy, fields, evidence)
        _take_back(taxonomy, fields, evidence)
    evidence.of_words.update((slug, score.total) for slug, score in evidence.sections.items())
    _weigh_homes(taxonomy, evidence)
    return evidence


def _length(title: Text) -> float:
    words = title.words.count(" ") - 1
    return words / 2 if has_cjk(title.original) else words


def _weigh_words(taxonomy: Taxonomy, fields: Sequence[Passage], evidence: Evidence) -> None:
    ordinary: list[tuple[float, Hit[Word], Place]] = []
    evidence.elsewise = any(
        not hit.meaning.weight for field in fields if field.place in HEAD for hit in field.words
    )
    for points, hit, place in _best_of_each(fields):
        if hit.meaning.ordinary:
            ordinary.append((points, hit, place))
        else:
            evidence.sections[hit.meaning.slug].add(points, (hit, place.name))
    if ordinary:
        enough = evidence.enough()
        for points, hit, place in ordinary:
            slug = hit.meaning.slug
            if enough.isdisjoint(taxonomy.words[slug].among):
                evidence.sections[slug].add(points, (hit, place.name))


def _best_of_each(fields: Iterable[Passage]) -> Iterable[tuple[float, Hit[Word], Place]]:
    """Return each word with its points and best place, raised a little for another place."""
    best: dict[tuple[str, str], tuple[float, Hit[Word], Place]] = {}
    for field in fields:
        place, words = field.place, field.text.words
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
            word = (slug, words[hit.since : hit.last].rstrip("s"))
            before = best.get(word)
            if before is None or points > before[0]:
                best[word] = (points, hit, place)
            elif place is not before[2]:
                best[word] = (before[0] + points * _AGAIN, *before[1:])
    return best.values()


def _take_back(taxonomy: Taxonomy, fields: Iterable[Passage], evidence: Evidence) -> None:
    """Subtract the points of words that are a house's name, as in `Coach wins over Gen Z`."""
    for field in fields:
        if not (field.words and field.place.weight):
            continue
        for name in field.names:
            slug = name.meaning.slug
            if not name.meaning.weak or slug not in evidence.houses:
                continue
            homes = taxonomy.entries[slug].homes
            for word in field.words:
                section = word.meaning.slug
                same = (word.since, word.last) == (name.since, name.last)
                if same and section not in homes and section in evidence.sections:
                    points = word.meaning.weight * field.place.weight
                    evidence.sections[section].total -= points


def _weigh_tags(taxonomy: Taxonomy, tags: Sequence[str], evidence: Evidence) -> None:
    for tag in tags:
        category = taxonomy.find(tag)
        if category is not None and category.kind in {Kind.SECTION, Kind.MARKET}:
            evidence.sections[category.slug].add(_OWN_TAG, f"tag “{tag.strip()}”")


def _weigh_link(taxonomy: Taxonomy, link: str, evidence: Evidence) -> None:
    path = link.partition("://")[2].partition("?")[0].partition("#")[0]
    for folder in path.split("/")[1:-1]:
        slug = _section_of(taxonomy, folder) if folder else None
        if slug is not None:
            evidence.sections[slug].add(PLAIN, f"“{unquote(folder)}” {LINK.name}")


@lru_cache(maxsize=2_000)
def _section_of(taxonomy: Taxonomy, folder: str) -> str | None:
    category = taxonomy.find(unquote(folder))
    return category.slug if category is not None and category.kind is Kind.SECTION else None


def _weigh_neighbours(taxonomy: Taxonomy, evidence: Evidence) -> None:
    enough = evidence.enough()
    for slug in [*evidence.sections] if enough else ():
        words = taxonomy.words.get(slug)
        if words is not None and not enough.isdisjoint(words.near):
            near = taxonomy.categories[next(iter(enough.intersection(words.near)))]
            evidence.sections[slug].add(PLAIN, f"with {near.name}")


def _weigh_homes(taxonomy: Taxonomy, evidence: Evidence) -> None:
    """Add points to each house's home sections, enough alone if no section has enough."""
    if not evidence.houses:
        return
    enough = {
        slug for slug in evidence.enough() if taxonomy.entries[slug].category.kind is Kind.SECTION
    }
    common = lexicon(taxonomy).homes
    for slug, score in evidence.houses.items():
        entry = taxonomy.entries[slug]
        points = _HOME_IN_TITLE if score.best > TAG else _HOME_ELSEWHERE
        if entry.category.kind is Kind.GROUP and score.best > TAG:
            for section in taxonomy.for_companies:
                evidence.sections[section].add(PLAIN, f"group {entry.category.name}")
        for position, home in enumerate(
            _homes_meant(taxonomy, entry, enough) or common.get(slug, ())
        ):
            if _APART.get(home) in enough and not evidence.points(home):
                continue
            if position == 1:
                points *= _SECOND_HOME
            elif not enough:
                points = ENOUGH
            evidence.sections[home].add(points, f"house {entry.category.name}")


def _homes_meant(taxonomy: Taxonomy, entry: NamedCategory, enough: set[str]) -> tuple[str, ...]:
    """Return the homes of a house, limited to those with enough points and near ones if any has."""
    spoken_for = [home for home in entry.homes if home in enough]
    if not spoken_for:
        return entry.homes
    near = {other for home in spoken_for for other in taxonomy.words[home].near}
    return tuple(home for home in entry.homes if home in spoken_for or home in near)
