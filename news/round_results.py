"""The results of rounds: articles are stored, and each source gets the time of its next check.

Everything that must be decided in order happens here, in one process: which articles are copies,
which event each reports, their ids.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from news import poll_interval
from news.entry import Entry
from news.ingest.decide import MANY_AT_ONCE
from news.ingest.round_writer import Batcher, PendingRound, RoundWriter
from news.ingest.rounds import Outcome, ReadDocument, RoundReport
from news.stories.duplicates import WINDOW
from news.stories.text_sketches import sketch_of
from storage.model import Check, Round, SourceState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from news.fetch.fetcher import Failed, NotModified
    from news.filing.taxonomy import Taxonomy
    from storage.articles.articles import Articles
    from storage.model import Article, Known, NewArticle, Source
    from storage.sources.sources import Sources

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class RoundResults:
    """Stores what rounds brought, and updates their sources.

    `on_new` is called with the ids of new articles, without those of a backlog.
    """

    def __init__(
        self,
        articles: Articles,
        sources: Sources,
        taxonomy: Taxonomy,
        clock: Callable[[], datetime],
        *,
        under_way: Callable[[], int],
        chance: random.Random | None = None,
        on_new: Callable[[list[int]], Awaitable[None]] | None = None,
    ) -> None:
        self._articles = articles
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 — not for secrets
        # One writer for all, so that copies of a story in two rounds are matched.
        self.round_writer = RoundWriter(articles, taxonomy.categories, clock, under_way)
        self._checks = Batcher(sources.checked_all)
        self._news = Batcher(self._report_new)
        self._on_new = on_new

    async def not_modified(self, source: Source, answer: NotModified) -> RoundReport:
        """Record that a source has nothing new."""
        now = self._clock()
        next_ = poll_interval.after_nothing(source.interval, now, self._chance, wish=answer.max_age)
        await self._checks.done(
            Check(
                source.id,
                now,
                next_check=next_.next_check,
                interval=next_.interval,
                etag=answer.etag,
                last_modified=answer.last_modified,
            )
        )
        return RoundReport(source.id, source.name, Outcome.NOT_MODIFIED)

    async def failed(
        self, source: Source, answer: Failed, outcome: Outcome = Outcome.FAILED
    ) -> RoundReport:
        """Record that a source failed, or was not asked because its host asked for a pause."""
        now = self._clock()
        failures = source.failures + answer.asked
        next_ = poll_interval.after_failure(
            source.interval, max(failures, 1), now, self._chance, wish=answer.retry_after
        )
        problem: str | None = (
            f"{answer.reason}: {answer.detail}" if answer.detail else answer.reason
        )
        if not answer.asked:
            # The source's record stays as it was.
            problem, outcome = source.last_error, Outcome.POSTPONED
        await self._checks.done(
            Check(
                source.id,
                now,
                next_check=next_.next_check,
                interval=next_.interval,
                failures=failures,
                error=problem,
                state=SourceState.RETIRED if answer.gone else None,
                asked=answer.asked,
            )
        )
        return RoundReport(
            source.id,
            source.name,
            Outcome.GONE if answer.gone else outcome,
            reason=answer.reason,
            detail=answer.detail,
        )

    async def store(
        self,
        source: Source,
        document: ReadDocument,
        *,
        looked_up: tuple[Sequence[Known], frozenset[str]] | None = None,
    ) -> RoundReport:
        """Store the articles of a source's document, and report the new ones."""
        guids = [one.guid for one in document.entries]
        links = [one.link for one in document.entries]
        known, pruned = looked_up or await self._articles.known_and_pruned(source.id, guids, links)
        # Articles that were pruned for their age are not new, even while a source still lists them.
        entries = tuple(one for one in document.entries if one.link not in pruned)
        held = {name for one in known for name in (one.link, one.guid)}
        # New entries beside known ones are fresh; with no known ones, links may have changed.
        unknown = [one for one in entries if held.isdisjoint((one.link, one.guid))]
        now = self._clock()
        next_ = poll_interval.after_news(
            source.interval,
            [one.published for one in document.entries],
            now,
            self._chance,
            fresh=source.last_ok is not None and 0 < len(unknown) < len(entries),
            wish=document.wish,
        )
        brought = PendingRound(
            source,
            entries,
            known,
            Round(
                source_id=source.id,
                now=now,
                next_check=next_.next_check,
                interval=next_.interval,
                url=document.url,
                etag=document.etag,
                last_modified=document.last_modified,
            ),
            titled=await self._titled(source, unknown, len(entries), now),
        )
        stored, decision = await self.round_writer.write(brought)
        if stored.new and not decision.backlog:
            await self._news.done(stored.new)
        return RoundReport(
            source.id,
            source.name,
            Outcome.STORED,
            new=stored.new,
            updated=stored.updated,
            unchanged=stored.unchanged,
            waiting=stored.waiting,
            refused=document.refused + decision.refused,
            backlog=decision.backlog,
        )

    async def release(self, source: Source, approved: Sequence[NewArticle]) -> None:
        """Store an editor's approved articles as if just brought, with alerts; known ones stay."""
        # The stories in memory may lack what another replica has stored since.
        self.round_writer.forget()
        links = [one.link for one in approved]
        known = await self._articles.known(source.id, [], links)
        held = {one.link for one in known}
        entries = [_entry_of(one) for one in approved if one.link not in held]
        if not entries:
            return
        pending = PendingRound(
            # Not a first round, nor one of old articles only: an editor chose them.
            replace(source, approval=False, last_ok=LONG_AGO),
            entries,
            known,
            Round(
                source_id=source.id,
                now=self._clock(),
                next_check=source.next_check,
                interval=source.interval,
                by_editor=True,
            ),
        )
        stored, _ = await self.round_writer.write(pending)
        if stored.new:
            await self._news.done(stored.new)

    async def likeness(self, entry: Entry) -> tuple[Article, str] | None:
        """Return an article whose story or event an entry would join, and what they share."""
        found = await self.round_writer.likeness(entry)
        if found is None:
            return None
        article = await self._articles.get(found[0])
        return None if article is None else (article, found[1])

    async def has_new(self, article_ids: list[int]) -> None:
        """Note articles that an editor published: their alerts are planned, copies match them."""
        self.round_writer.forget()
        await self._news.done(article_ids)

    async def _report_new(self, groups: Sequence[Sequence[int]]) -> None:
        if self._on_new is not None:
            await self._on_new(sorted(chain.from_iterable(groups)))

    async def _titled(
        self, source: Source, unknown: Sequence[Entry], of: int, now: datetime
    ) -> list[Known]:
        """Return the archive's articles with the titles of unknown entries that look suspicious.

        Unknown entries are suspicious if there are many, if the document has no known ones, or if
        some are older than the stories in memory. For others the result is [].
        """
        old = any(one.published and one.published < now - WINDOW for one in unknown)
        many = len(unknown) >= MANY_AT_ONCE or len(unknown) == of
        if source.last_ok is None or not (old or many):
            return []
        return await self._articles.titled(source.id, [one.title for one in unknown])


def _entry_of(article: NewArticle) -> Entry:
    values = {name: getattr(article, name) for name in Entry._fields if hasattr(article, name)}
    return Entry(**values, sketch=sketch_of(article.body or article.standfirst))
