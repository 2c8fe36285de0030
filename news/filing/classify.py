"""Filing of an article under categories, each with the word, name or tag as its reason.

Pure: the same words give the same filings. A house is either named or not. Sections and markets
need weighing, since one word rarely suffices: the lists of words give points, and
`news.filing.weighing` combines them with the learned layer. The title counts more than the
standfirst, and that more than the body. A publisher's own tag counts as much as a strong word in
the title. From a general source, only articles relevant to the trade get sections and markets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.filing import learned, weighing
from news.filing.evidence import ENOUGH, Evidence, Score
from news.filing.lexicon import HINT, lexicon
from news.filing.points import weigh
from news.filing.reading import read
from news.filing.tokenising.article_words import parts_of
from storage.model import UNSURE, Filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from news.filing.reading import Found
    from news.filing.taxonomy import Taxonomy
    from news.filing.tokenising.tokens import Text

MOST_FILINGS = 8
_REPETITION = 0.1
"""Share of their points that further mentions of a house add to its best one."""


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
    """Return the words that speak most against relevance to the trade; None if it is relevant."""
    (found,) = read([parts_of(title, standfirst, None)], taxonomy)
    evidence = weigh(found, taxonomy, tags=(), source_categories=(), link="")
    _, gate = _decided(evidence)
    if gate >= weighing.load().open:
        return None
    return ", ".join(learned.load().heaviest(learned.TRADE, *found.texts, against=True))


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
    logits, gate = _decided(evidence)
    filings = _file(
        taxonomy, evidence, logits, source_categories, found.texts, gate=gate if general else None
    )
    if not (marked and filings):
        return filings
    rules = weighing.load()
    unsure = gate < (rules.sure if general else rules.open)
    return (*filings, Filing(UNSURE, "perhaps not for the trade")) if unsure else filings


def _decided(evidence: Evidence) -> tuple[dict[str, float], float]:
    rules, points = weighing.load(), evidence.as_points()
    logits = rules.logits(points, evidence.logits)
    return logits, rules.gate_logit(points, evidence.logits, logits)


def _file(
    taxonomy: Taxonomy,
    evidence: Evidence,
    logits: Mapping[str, float],
    source_categories: Sequence[str],
    texts: Sequence[Text],
    *,
    gate: float | None,
) -> tuple[Filing, ...]:
    """Return the categories. `gate` is the gate's logit, or None for a trade source's article."""
    # Reasons become text only for the categories that are returned.
    scores: dict[str, tuple[float, Score]] = {}
    rules = weighing.load()
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
    wants it, unless a word that may have opened the gate has another meaning, as in `Sea Watch`.
    `gate` is the gate's logit, or None for an article of a trade source.
    """
    rules = weighing.load()
    for slug, logit in logits.items():
        if slug not in taxonomy.entries:
            continue
        points = evidence.points(slug)
        if logit < rules.least(evidence.of_words.get(slug, 0), points):
            continue
        scores[slug] = _scored(evidence, slug, texts)
    if scores or gate is None or evidence.elsewise:
        return
    likeliest = rules.section_of_sure(logits, gate)
    if likeliest is not None and likeliest in taxonomy.entries:
        scores[likeliest] = _scored(evidence, likeliest, texts)


def _scored(evidence: Evidence, slug: str, texts: Sequence[Text]) -> tuple[float, Score]:
    points = evidence.points(slug)
    score = evidence.sections[slug] if points else Score()
    if not score.because:
        words = ", ".join(learned.load().heaviest(slug, *texts))
        score = Score(points, because=f"learned: {words}" if words else "learned")
    return max(points, ENOUGH), score
