"""Publication of articles that waited for an editor's approval."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from news.round_results import RoundResults
    from storage.articles.articles import Articles
    from storage.desk.waiting import WaitingArticles
    from storage.model import NewArticle
    from storage.model.desk_model import WaitingArticle
    from storage.sources.sources import Sources

FRESH = timedelta(days=1)
"""Age up to which an article was news when its source brought it."""
AT_ONCE = 200
"""Most articles that one tap on `Publish all` publishes."""

log = logging.getLogger(__name__)


class Approval:
    """Publishes and deletes articles that wait."""

    def __init__(
        self,
        articles: Articles,
        sources: Sources,
        waiting: WaitingArticles,
        results: RoundResults,
        clock: Callable[[], datetime],
    ) -> None:
        self._articles = articles
        self._sources = sources
        self._waiting = waiting
        self._results = results
        self._clock = clock

    async def publish(self, number: int, *, by: int, seen: int | None = None) -> bool:
        """Publish an article that waits; return False if another editor decided about it before.

        Raises ChangedMeanwhileError if its `waits_as` is no longer the one that the editor has
        `seen`.
        """
        claimed = await self._waiting.claim(number, by=by, now=self._clock(), seen=seen)
        await self._store(claimed)
        return bool(claimed)

    async def publish_all(self, newest: int, *, by: int, seen: int | None = None) -> int:
        """Publish what waits, up to `newest`, 200 at most; return how many were published.

        Raises ChangedMeanwhileError if the `list_as` is no longer the one that the editor has
        `seen`.
        """
        now = self._clock()
        claimed = await self._waiting.claim_up_to(newest, by=by, now=now, limit=AT_ONCE, seen=seen)
        await self._store(claimed)
        return len(claimed)

    async def look(
        self, now: datetime, may_publish: Callable[[int | None], Awaitable[bool]]
    ) -> None:
        """Finish publications that broke off, and delete articles that no editor looked at.

        What is not in the archive yet waits again if its editor may not publish any more.
        """
        for one in await self._waiting.to_finish(now):
            known = await self._articles.known(one.source_id, [], [one.article.link])
            if known or await may_publish(one.decided_by):
                await self._store([one])
            else:
                await self._waiting.wait_again(one)
        if gone := await self._waiting.expire(now):
            log.info("deleted %d articles that no editor looked at for two days", gone)

    async def _store(self, claimed: Sequence[WaitingArticle]) -> None:
        """Store claimed articles in the archive; safe to repeat after a crash."""
        now = self._clock()
        by_source: defaultdict[int, list[WaitingArticle]] = defaultdict(list)
        for one in claimed:
            by_source[one.source_id].append(one)
        for source_id, group in by_source.items():
            source = await self._sources.get(source_id)
            if source is not None:
                await self._results.release(source, [_dated(one, now) for one in group])
            links = [one.article.link for one in group]
            known = await self._articles.known(source_id, [], links)
            ids = {one.link: one.article_id for one in known}
            for one in group:
                await self._waiting.published(one, ids.get(one.article.link), now)


def _dated(one: WaitingArticle, now: datetime) -> NewArticle:
    """Return an article, dated now if it was news but has waited too long for editions."""
    article = one.article
    if article.published > one.found - FRESH and article.published < now - FRESH:
        return replace(article, published=now)
    return article
