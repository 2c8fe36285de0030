"""Filing of an article under categories, each with the word, name or tag as its reason.

Pure: the same words give the same filings. A house is either named or not. Sections and markets
need weighing, since one word rarely suffices: the lists of words give points, and
`news.filing.weighing` combines them with the learned layer. The title counts more than the
standfirst, and that more than the body. A publisher's own tag counts as much as a strong word in
the title. From a general source, only articles relevant to the trade get sections and markets.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote

from news.filing import learned, weighing
from news.filing.article_words import Parts, parts_of
from news.filing.evidence import (
    BODY,
    ENOUGH,
    FIRST_PARAGRAPH,
    LINK,
    STANDFIRST,
    TAGS,
    TITLE,
    Evidence,
    Passage,
    Place,
    Score,
)
from news.filing.folding import has_cjk
from news.filing.houses import TAG, is_everyday, leave_the_passing, weigh_houses
from news.filing.lexicon import HINT, PLAIN, Name, Word, lexicon
from news.filing.names import names_apart
from news.filing.prefixes import without_agency, without_label
from news.filing.tokens import Hit, Text
from storage.model import UNSURE, Filing, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from news.filing.taxonomy import NamedCategory, Taxonomy

MOST_FILINGS = 8
_LONGEST_TAG = 200
"""Most characters of a tag that are read."""
_OWN_TAG = 6.0
"""Points of a tag that names a section or market.

It is more than a house in the title gets, so that the section or market is listed first.
"""
_HOME_IN_TITLE, _HOME_ELSEWHERE = 2.5, 1.0
_SECOND_HOME = 0.5
"""Share of a house's points that its second and further homes get."""
_AGAIN = 0.25
"""Share of a word's points that its occurrence at another place adds."""
_REPETITION = 0.1
"""Share of their points that further mentions of a house add to its best one."""


class Found(NamedTuple):
    """Names, words and logits found in the words of an article."""

    label: str
    """Label before the title, such as `Video`; usually empty."""
    logits: Mapping[str, float]
    """Section → logit of the learned layer, from the two `texts`."""
    fields: list[Passage]
    texts: tuple[Text, Text]
    """Title, and standfirst or first paragraph, as the learned layer read them."""


def classify(
    taxonomy: Taxonomy,
    *,
    title: str,
    standfirst: str = "",
    body: str | None = None,
    tags: Sequence[str] = (),
    source_categories: Sequence[str] = (),
    link: str = "",
    general: bool = False,
    marked: bool = False,
) -> tuple[Filing, ...]:
    """Return the categories of an article, the surest first, at most eight.

    Args:
        taxonomy: The categories to choose from.
        title: The headline, as plain text.
        standfirst: One or two sentences, as plain text.
        body: Paragraphs separated by blank lines, or None.
        tags: The source's own categories of the article.
        source_categories: Slugs under which all articles of the source belong.
        link: The article's address; its path may name a section.
        general: Whether the source is general, so that only articles relevant to the trade get
            sections and markets.
        marked: Whether to add `UNSURE` at the end if the trade may not want the article: if its
            words are against it, or, for a general source, not clearly for it.
    """
    (found,) = read([parts_of(title, standfirst, body)], taxonomy)
    return file(
        found,
        taxonomy,
        tags=tags,
        source_categories=source_categories,
        link=link,
        general=general,
        marked=marked,
    )


def against_the_trade(taxonomy: Taxonomy, title: str, standfirst: str = "") -> str | None:
    """Return the words that speak most against an article being relevant to the trade.

    Return None if it is relevant: if someone who works in luxury would want to read it.
    """
    (found,) = read([parts_of(title, standfirst, None)], taxonomy)
    evidence = weigh(found, taxonomy, tags=(), source_categories=(), link="")
    if _gate(evidence) >= weighing.load().open:
        return None
    return ", ".join(learned.load().heaviest(learned.TRADE, *found.texts, against=True))


def read(articles: Sequence[Parts], taxonomy: Taxonomy) -> list[Found]:
    """Return what is found in the words of articles that `parts_of` cut.

    All titles are read, then all standfirsts, and so on. Lookup data then stays in the processor's
    caches, which saves a tenth of the time.
    """
    labels = lexicon(taxonomy).labels
    found: list[Found] = []
    titles: list[Text] = []
    for parts in articles:
        label, title = without_label(labels, without_agency(parts.title))
        titles.append(title)
        more = parts.standfirst if parts.standfirst.original else parts.opening
        logits = learned.load().logits(title, more)
        found.append(Found(label, logits, [], (title, more)))
    for place, texts in (
        (TITLE, titles),
        (STANDFIRST, [without_agency(parts.standfirst) for parts in articles]),
        (FIRST_PARAGRAPH, [without_agency(parts.opening) for parts in articles]),
        (BODY, [parts.body for parts in articles]),
    ):
        for text, one in zip(texts, found, strict=True):
            if text.original:
                one.fields.append(_read(taxonomy, place, text))
    return found


def file(
    found: Found,
    taxonomy: Taxonomy,
    *,
    tags: Sequence[str],
    source_categories: Sequence[str],
    link: str,
    general: bool = False,
    marked: bool = False,
) -> tuple[Filing, ...]:
    """Return the categories of an article that was read; the arguments are those of `classify`."""
    evidence = weigh(found, taxonomy, tags=tags, source_categories=source_categories, link=link)
    filings = _file(taxonomy, evidence, source_categories, found.texts, general=general)
    if not (marked and filings):
        return filings
    rules = weighing.load()
    least = rules.sure if general else rules.open
    unsure = _gate(evidence) < least
    return (*filings, Filing(UNSURE, "perhaps not for the trade")) if unsure else filings


def weigh(
    found: Found,
    taxonomy: Taxonomy,
    *,
    tags: Sequence[str],
    source_categories: Sequence[str],
    link: str,
) -> Evidence:
    """Return the evidence for each category, with the points that houses add kept apart."""
    fields = found.fields + [_read_tag(taxonomy, tag) for tag in tags]
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


def _gate(evidence: Evidence) -> float:
    """Return the logit that an article is relevant to the trade."""
    rules, points = weighing.load(), evidence.as_points()
    return rules.gate_logit(points, evidence.logits, rules.logits(points, evidence.logits))


def _length(title: Text) -> float:
    """Return the number of words in a title; two ideographs count as one word."""
    words = title.words.count(" ") - 1
    return words / 2 if has_cjk(title.original) else words


def _read(taxonomy: Taxonomy, place: Place, text: Text) -> Passage:
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
    field = Passage(place, text, names, signs, partial(names_apart, taxonomy))
    if words:
        field.words = _outside_names(taxonomy, words, field.names)
    return field


def _outside_names(
    taxonomy: Taxonomy, words: list[Hit[Word]], names: list[Hit[Name]]
) -> list[Hit[Word]]:
    """Return the words that are not part of a house's name, such as `Moda` in `Moda Operandi`."""
    for name in names:
        if not name.meaning.block:
            words = [
                word
                for word in words
                if word.since < name.since
                or word.last > name.last
                or (word.since, word.last) == (name.since, name.last)
                or not _is_part(taxonomy, word, name)
            ]
    return words


def _is_part(taxonomy: Taxonomy, word: Hit[Word], name: Hit[Name]) -> bool:
    """Return whether a word in a house's name has no meaning of its own there.

    A longer name may describe the house further, mostly at its end: `Apple Watch`, `Aman Tokyo`. In
    scripts without spaces this holds for towns, and for words that leave another name of the house
    if removed: the rest of 希尔顿集团 is the house 希尔顿, but the rest of 梅西卡 is no name.
    """
    entry = taxonomy.entries[name.meaning.slug]
    section = taxonomy.entries[word.meaning.slug].category
    if section.slug in entry.homes:
        return False
    if name.text == entry.category.name:
        return True
    if name.meaning.weak:
        return False
    if name.since < word.since and word.last < name.last:
        return True
    if " " in name.text or name.text.isascii() or section.kind is not Kind.SECTION:
        return False
    since, last = word.since - name.since, word.last - name.since
    rest = f"{name.words[:since]}{name.words[last:]}".strip()
    found = lexicon(taxonomy).houses.find(Text(rest))
    return not any(hit.words == rest and hit.meaning.slug == entry.category.slug for hit in found)


@lru_cache(maxsize=2_000)
def _read_tag(taxonomy: Taxonomy, tag: str) -> Passage:
    """Return what is found in a tag. Cached, because a source repeats its tags."""
    return _read(taxonomy, TAGS, Text(tag[:_LONGEST_TAG]))


def _weigh_words(taxonomy: Taxonomy, fields: Sequence[Passage], evidence: Evidence) -> None:
    """Add the points of each word once, at its best place; ordinary words come last."""
    ordinary: list[tuple[float, Hit[Word], Place]] = []
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
    """Add points for each tag that is the name of a section or market."""
    for tag in tags:
        category = taxonomy.find(tag)
        if category is not None and category.kind in {Kind.SECTION, Kind.MARKET}:
            evidence.sections[category.slug].add(_OWN_TAG, f"tag “{tag.strip()}”")


def _weigh_link(taxonomy: Taxonomy, link: str, evidence: Evidence) -> None:
    """Add points for each folder in the address that names a section, such as `/fashion/…`.

    Names of countries are ignored, because such folders are editions of the site.
    """
    path = link.partition("://")[2].partition("?")[0].partition("#")[0]
    for folder in path.split("/")[1:-1]:
        slug = _section_of(taxonomy, folder) if folder else None
        if slug is not None:
            evidence.sections[slug].add(PLAIN, f"“{unquote(folder)}” {LINK.name}")


@lru_cache(maxsize=2_000)
def _section_of(taxonomy: Taxonomy, folder: str) -> str | None:
    """Return the section that a folder is named after, or None. Cached: a site has few folders."""
    category = taxonomy.find(unquote(folder))
    return category.slug if category is not None and category.kind is Kind.SECTION else None


def _weigh_neighbours(taxonomy: Taxonomy, evidence: Evidence) -> None:
    """Add points to sections with some points that are near a section with enough."""
    enough = evidence.enough()
    for slug in [*evidence.sections] if enough else ():
        words = taxonomy.words.get(slug)
        if words is not None and not enough.isdisjoint(words.near):
            near = taxonomy.categories[next(iter(enough.intersection(words.near)))]
            evidence.sections[slug].add(PLAIN, f"with {near.name}")


def _weigh_homes(taxonomy: Taxonomy, evidence: Evidence) -> None:
    """Add points to the home sections of each house.

    They are enough on their own if the house is in the title, or if no section has enough.
    """
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


def _file(
    taxonomy: Taxonomy,
    evidence: Evidence,
    source_categories: Sequence[str],
    texts: Sequence[Text],
    *,
    general: bool,
) -> tuple[Filing, ...]:
    # Reasons become text only for the categories that are returned.
    scores: dict[str, tuple[float, Score]] = {}
    rules, found = weighing.load(), evidence.as_points()
    logits = rules.logits(found, evidence.logits)
    gate = rules.gate_logit(found, evidence.logits, logits) if general else None
    if gate is None or gate >= rules.open:
        _add_sections(taxonomy, evidence, logits, texts, scores, gate=gate)
        for slug in source_categories:
            if slug in taxonomy.entries and slug not in scores:
                scores[slug] = (HINT, Score(because="its source"))
    if gate is None or gate >= rules.open_for_markets:
        for slug, score in evidence.sections.items():
            if slug not in logits and score.total >= ENOUGH:
                scores[slug] = (score.total, score)
    for slug, score in evidence.houses.items():
        scores[slug] = (score.best + (score.total - score.best) * _REPETITION, score)
        group = taxonomy.entries[slug].category.group
        if group is not None and group not in evidence.houses and group not in scores:
            owned = f"group of {taxonomy.entries[slug].category.name}"
            scores[group] = (HINT, Score(because=owned))
    order = lexicon(taxonomy).order
    best = sorted(scores, key=lambda slug: (-scores[slug][0], order[slug]))[:MOST_FILINGS]
    return tuple(Filing(slug, scores[slug][1].reason) for slug in best)


def _add_sections(
    taxonomy: Taxonomy,
    evidence: Evidence,
    logits: Mapping[str, float],
    texts: Sequence[Text],
    scores: dict[str, tuple[float, Score]],
    *,
    gate: float | None,
) -> None:
    """Add each section that has a logit high enough for its points.

    An article of a general source that has none gets its likeliest section if the trade surely
    wants it. `gate` is the gate's logit, or None for an article of a trade source.
    """
    rules = weighing.load()
    for slug, logit in logits.items():
        if slug not in taxonomy.entries:
            continue
        points = evidence.points(slug)
        if logit < rules.least(evidence.of_words.get(slug, 0), points):
            continue
        scores[slug] = _scored(evidence, slug, texts)
    likeliest = None if scores or gate is None else rules.section_of_sure(logits, gate)
    if likeliest is not None and likeliest in taxonomy.entries:
        scores[likeliest] = _scored(evidence, likeliest, texts)


def _scored(evidence: Evidence, slug: str, texts: Sequence[Text]) -> tuple[float, Score]:
    """Return the points and the reason of a section that an article gets."""
    points = evidence.points(slug)
    score = evidence.sections[slug] if points else Score()
    if not score.because:
        words = ", ".join(learned.load().heaviest(slug, *texts))
        score = Score(points, because=f"learned: {words}" if words else "learned")
    return max(points, ENOUGH), score
