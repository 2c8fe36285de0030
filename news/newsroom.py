"""The newsroom, which polls the sources that are due and stores their articles.

Each source is a round of its own: fetched, read in a worker, decided, stored. A failure in one
round is recorded for its source and delays no other.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from news import documents, poll_interval
from news.entry import Entry, Parsed, Refused, UnreadableError
from news.fetch.concurrency import Gate
from news.fetch.fetcher import Failed, Fetched, NotModified
from news.full_text import PageReader
from news.ingest.decide import MANY_AT_ONCE
from news.ingest.round_writer import Batcher, PendingRound, RoundWriter
from news.ingest.rounds import Outcome, RoundReport
from news.sources.discover import Trial, try_source
from news.stories.matching import WINDOW
from news.stories.near_duplicates import sketch_of
from news.text.links import host_of
from storage.db.outage import DatabaseUnavailableError
from storage.model import Check, Round, SourceKind, SourceState
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from news.fetch.concurrency import Slot
    from news.fetch.fetcher import Fetcher
    from news.filing.taxonomy import Taxonomy
    from storage.articles.articles import Articles
    from storage.model import Article, Known, NewArticle, Source
    from storage.sources.sources import Sources
    from workers.pool import Workers

READ_SECONDS = 20.0
"""Seconds that a worker may take for one document."""
AT_ONCE = 48
"""Most rounds that run at the same time."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger(__name__)


class Newsroom:
    """Polls sources and stores their articles.

    Args:
        articles: The archive.
        sources: The sources, with when each is due.
        fetcher: Fetches their documents.
        workers: Parse the documents.
        taxonomy: The categories, including houses and groups.
        clock: Returns the present.
        chance: Random numbers that spread the checks over time.
    """

    def __init__(  # noqa: PLR0917 — the composition root passes them by name
        self,
        articles: Articles,
        sources: Sources,
        fetcher: Fetcher,
        workers: Workers,
        taxonomy: Taxonomy,
        clock: Callable[[], datetime],
        *,
        chance: random.Random | None = None,
    ) -> None:
        self._articles = articles
        self._sources = sources
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock
        self._pages = PageReader(fetcher, workers, clock)
        self.on_new: Callable[[list[int]], Awaitable[None]] | None = None
        """Called with the ids of new articles, without those of a backlog."""
        self._chance = chance or random.Random()  # noqa: S311 — not for secrets
        self._gate = Gate(AT_ONCE)
        self._under_way: Counter[str] = Counter()
        # One writer for all, so that copies of a story in two rounds are matched.
        self._round_writer = RoundWriter(
            articles, taxonomy.categories, clock, lambda: self._gate.taken
        )
        self._checks = Batcher(sources.checked_all)
        self._news = Batcher(self._report_new)

    async def refresh_due(
        self, now: datetime, *, on_report: Callable[[RoundReport], None] | None = None
    ) -> tuple[RoundReport, ...]:
        """Poll every source that is due, and return a report of each round.

        Calls may overlap. Sources of a host that is still being asked are left for later, so that a
        host that hangs delays only its own sources.

        Args:
            now: Sources due at this time are polled.
            on_report: Called with each report as its round ends, for a progress bar.
        """
        busy = set(self._under_way)
        due = await self._sources.due(now)
        busy.update(self._under_way)
        return await self.refresh_all(
            [source for source in due if host_of(source.url) not in busy], on_report=on_report
        )

    async def refresh_all(
        self, sources: Sequence[Source], *, on_report: Callable[[RoundReport], None] | None = None
    ) -> tuple[RoundReport, ...]:
        """Poll these sources, those of one host one after another, the failing ones last.

        Returns:
            A report of each round, in the order in which the rounds ended.

        Raises:
            ExceptionGroup: Of `DatabaseUnavailableError`: the archive cannot be used. All rounds in
                progress are cancelled, and their sources stay due.
        """
        by_host: dict[str, list[Source]] = defaultdict(list)
        for source in sorted(sources, key=lambda one: one.failures):
            by_host[host_of(source.url)].append(source)
        reports: list[RoundReport] = []

        async def reported(source: Source, answer: Fetched | NotModified | Failed) -> None:
            report = await self._finished(source, answer)
            reports.append(report)
            if on_report is not None:
                on_report(report)

        async def host(of_one: Sequence[Source]) -> None:
            # A slot is held from the fetch until the round is stored, so that bodies do not pile up
            # before the workers.
            *others, last = of_one
            async with asyncio.TaskGroup() as rounds:
                for source in others:
                    answer, slot = await self._fetched(source)
                    # Released by a callback: a task that is cancelled at once never runs its body.
                    rounds.create_task(reported(source, answer)).add_done_callback(
                        partial(self._give_back, slot)
                    )
                # The last source, the only one of most hosts, needs no task of its own.
                answer, slot = await self._fetched(last)
                try:
                    await reported(last, answer)
                finally:
                    self._give_back(slot)

        async with asyncio.TaskGroup() as hosts:
            for name, of_one in by_host.items():
                self._under_way[name] += 1
                asking = hosts.create_task(host(of_one))
                asking.add_done_callback(partial(self._left, name))
        return tuple(reports)

    async def try_source(self, url: str, known: Source | None = None) -> Trial:
        """Return what a source at `url` would bring, or the feeds found there. Store nothing.

        Args:
            url: Its address.
            known: The source at this address if there is one; its settings are used.
        """
        return await try_source(url, self._fetcher, self._workers, self._clock(), known)

    async def release(self, source: Source, approved: Sequence[NewArticle]) -> None:
        """Store articles of a source that an editor approved, as if it had brought them now.

        Articles that the archive has already are left as they are. Alerts are planned.
        """
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
        stored, _ = await self._round_writer.write(pending)
        if stored.new:
            await self._news.done(stored.new)

    async def likeness(self, entry: Entry) -> tuple[Article, str] | None:
        """Return an article whose story or event an entry would join, and what they share."""
        found = await self._round_writer.likeness(entry)
        if found is None:
            return None
        article = await self._articles.get(found[0])
        return None if article is None else (article, found[1])

    async def has_new(self, article_ids: list[int]) -> None:
        """Note articles that an editor published: their alerts are planned, copies match them."""
        self._round_writer.forget()
        await self._news.done(article_ids)

    async def _fetched(self, source: Source) -> tuple[Fetched | NotModified | Failed, Slot]:
        """Fetch a source and return its answer with its slot, to be released after storing."""
        slot = await self._gate.enter()
        try:
            answer = await self._answer(source)
            await self._gate.keep(slot)
        except BaseException:
            self._give_back(slot)
            raise
        return answer, slot

    async def _answer(self, source: Source) -> Fetched | NotModified | Failed:
        try:
            return await self._fetcher.fetch(source, self._clock())
        except Exception as error:
            log.exception("fetching %s failed with a bug", source.name)
            return Failed("defect", type(error).__name__)

    def _give_back(self, slot: Slot, _: object = None) -> None:
        self._gate.leave(slot)
        self._round_writer.look()

    def _left(self, host: str, _: object) -> None:
        self._under_way[host] -= 1
        if not self._under_way[host]:
            del self._under_way[host]

    async def _finished(
        self, source: Source, answer: Fetched | NotModified | Failed
    ) -> RoundReport:
        """Process an answer to the end of the round.

        Bugs are recorded as the source's error; only archive errors propagate.
        """
        try:
            if isinstance(answer, NotModified):
                return await self._not_modified(source, answer)
            if isinstance(answer, Failed):
                return await self._failed(source, answer)
            try:
                parsed = await self._read(source, answer)
            except UnreadableError as error:
                return await self._failed(source, Failed(error.reason, error.detail))
            except WorkerError as error:
                return await self._failed(source, Failed("unreadable", str(error)))
            return await self._stored(source, answer, parsed)
        except DatabaseUnavailableError:
            # No source can be updated; all stay due until the database is back.
            raise
        except Exception as error:
            # A bug in one round must not end the others; the log has its traceback.
            log.exception("the round of %s failed with a bug", source.name)
            return await self._failed(source, Failed("defect", type(error).__name__))

    async def _not_modified(self, source: Source, answer: NotModified) -> RoundReport:
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

    async def _failed(
        self, source: Source, answer: Failed, outcome: Outcome = Outcome.FAILED
    ) -> RoundReport:
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

    async def _read(self, source: Source, answer: Fetched) -> Parsed:
        now = self._clock()
        parsed = await self._parsed(source, answer, now)
        for part in parsed.more:
            of_part = await self._part(source, part, now)
            parsed = replace(
                parsed,
                entries=parsed.entries + of_part.entries,
                refused=parsed.refused + of_part.refused,
            )
        return parsed

    async def _part(self, source: Source, part: str, now: datetime) -> Parsed:
        """Return the content of one part of a source, or an empty one that says why it failed."""
        piece = await self._fetcher.get(part, now)
        if not isinstance(piece, Fetched):
            return Parsed(refused=(Refused("part not fetched", part),))
        try:
            return await self._parsed(source, piece, now)
        except (UnreadableError, WorkerError):
            return Parsed(refused=(Refused("part not read", part),))

    async def _parsed(self, source: Source, answer: Fetched, now: datetime) -> Parsed:
        return await self._workers.run(
            documents.read, answer.body, answer.reading(source), now, timeout=READ_SECONDS
        )

    async def _stored(self, source: Source, answer: Fetched, parsed: Parsed) -> RoundReport:
        if not parsed.entries:
            if parsed.refused:
                reasons = ", ".join(sorted({one.reason for one in parsed.refused}))
                report = await self._failed(source, Failed("nothing usable", reasons))
                return replace(report, refused=parsed.refused)
            return await self._failed(
                source, Failed("empty feed", "status 200 without an item"), Outcome.EMPTY
            )
        guids = [one.guid for one in parsed.entries]
        links = [one.link for one in parsed.entries]
        known, pruned = await self._articles.known_and_pruned(source.id, guids, links)
        # Articles that were pruned for their age are not new, even while a source still lists them.
        entries = tuple(one for one in parsed.entries if one.link not in pruned)
        if source.read_pages:
            entries = await self._pages.complete(source, entries, {one.link for one in known})
        held = {name for one in known for name in (one.link, one.guid)}
        # New entries beside known ones are fresh; with no known ones, links may have changed.
        unknown = [one for one in entries if held.isdisjoint((one.link, one.guid))]
        now = self._clock()
        wish = max(answer.max_age or 0, parsed.ttl or 0)
        next_ = poll_interval.after_news(
            source.interval,
            [one.published for one in parsed.entries],
            now,
            self._chance,
            fresh=source.last_ok is not None and 0 < len(unknown) < len(entries),
            wish=wish,
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
                url=_kept(source, answer.moved),
                # For a source with parts, its own document's validators say nothing about the
                # parts.
                etag=None if parsed.more else answer.etag,
                last_modified=None if parsed.more else answer.last_modified,
            ),
            titled=await self._titled(source, unknown, len(entries), now),
        )
        stored, decision = await self._round_writer.write(brought)
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
            refused=parsed.refused + decision.refused,
            backlog=decision.backlog,
        )

    async def _report_new(self, groups: Sequence[Sequence[int]]) -> None:
        """Report the new articles of rounds that were stored together."""
        if self.on_new is not None:
            await self.on_new(sorted(chain.from_iterable(groups)))

    async def _titled(
        self, source: Source, unknown: Sequence[Entry], of: int, now: datetime
    ) -> list[Known]:
        """Return the archive's articles with the titles of unknown entries that look suspicious.

        Unknown entries are suspicious if there are many, if the document has no known ones, or if
        some are older than the stories in memory. For others the result is [].

        Args:
            source: The source.
            unknown: Entries that the archive knows by neither link nor id.
            of: Number of entries in the document.
            now: The present.
        """
        old = any(one.published and one.published < now - WINDOW for one in unknown)
        many = len(unknown) >= MANY_AT_ONCE or len(unknown) == of
        if source.last_ok is None or not (old or many):
            return []
        return await self._articles.titled(source.id, [one.title for one in unknown])


def _entry_of(article: NewArticle) -> Entry:
    """Return an article that waited as its source brought it."""
    values = {name: getattr(article, name) for name in Entry._fields if hasattr(article, name)}
    return Entry(**values, sketch=sketch_of(article.body or article.standfirst))


def _kept(source: Source, moved: str | None) -> str | None:
    """Return the new address of a moved source, or None to keep the old one.

    A listing page that redirects to the front page of its site is gone and not moved.
    """
    if moved is None or source.kind is not SourceKind.PAGE:
        return moved
    return None if moved.partition("://")[2].partition("/")[2] == "" else moved
