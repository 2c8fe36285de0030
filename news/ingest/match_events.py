"""Matching of a round's articles to events, with the evidence for each match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.entry import Report
from news.ingest.decision import ArticleEvent
from news.stories.report import report_of
from storage.model import NewArticle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from news.ingest.decision import Decision
    from news.stories.duplicates import Fingerprint
    from news.stories.events import Events
    from storage.model import Article, Category


def match_events(
    decision: Decision,
    events: Events,
    categories: Mapping[str, Category],
    *,
    since: datetime,
) -> dict[str, ArticleEvent]:
    """Match the new articles of a round to events, the oldest first; return link → event.

    Those from before `since`, as in a source's first round, stay events of their own. In
    `decision`, each fingerprint's `story_id` is a placeholder.
    """
    articles = {article.link: article for article in decision.articles}
    by_link: dict[str, ArticleEvent] = {}
    fresh = (one for one in decision.fingerprints if one.published >= since)
    for fingerprint in sorted(fresh, key=lambda one: one.published):
        packed = decision.reports.get(fingerprint.link)
        if packed is None:
            article = articles[fingerprint.link]
            filed = {one.category for one in article.filings}
            report = _report(fingerprint, article, filed, categories)
        else:
            report = Report.opened(packed, fingerprint.published)
        joined = events.match(report, fingerprint.story_id, decision.stories.get(fingerprint.link))
        by_link[fingerprint.link] = ArticleEvent(
            fingerprint.story_id if joined is None else joined.event,
            "" if joined is None else ", ".join(joined.why),
            report.figures,
        )
    return by_link


def known_report(
    article: Article | NewArticle, fingerprint: Fingerprint, categories: Mapping[str, Category]
) -> Report:
    """Return the report of an article of the archive, or of one that is not stored yet."""
    filed = (
        {one.category for one in article.filings}
        if isinstance(article, NewArticle)
        else article.categories
    )
    return _report(fingerprint, article, filed, categories)


def _report(
    fingerprint: Fingerprint,
    article: Article | NewArticle,
    filed: Collection[str],
    categories: Mapping[str, Category],
) -> Report:
    # The archive may have categories that the taxonomy no longer has.
    known = [categories[slug] for slug in sorted(filed) if slug in categories]
    return report_of(
        fingerprint.title,
        article.standfirst,
        fingerprint.published,
        known,
        fingerprint.order,
        language=article.language,
    )
