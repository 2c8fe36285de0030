"""The newsroom: asks the sources that are due and stores what they bring.

Each source is a round of its own: fetched, read in a worker, decided, stored. What goes wrong in
one round is written down for that source and delays no other.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, defaultdict
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from news import documents, poll_interval
from news.entry import Parsed, Refused, UnreadableError
from news.fetch.concurrency import Gate
from news.fetch.fetcher import Failed, Fetched, NotModified
from news.full_text import PageReader
from news.ingest.decide import MANY_AT_ONCE
from news.ingest.round_writer import Batcher, PendingRound, RoundWriter
from news.ingest.rounds import Outcome, RoundReport
from news.sources.discover import Trial, try_source
from news.stories.matching import WINDOW
from news.text.links import host_of
from storage.db.outage import DatabaseUnavailableError
from storage.model import Check, Round, SourceKind, SourceState
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.fetch.concurrency import Slot
    from news.fetch.fetcher import Fetcher
    from news.filing.taxonomy import Taxonomy
    from storage.articles.articles import Articles
    from storage.model import Known, Source
    from storage.sources.sources import Sources
    from workers.pool import Workers

READ_SECONDS = 20.0
"""For one document in a worker."""
AT_ONCE = 48
"""Rounds that are under way at once."""

log = logging.getLogger(__name__)


class Newsroom:
    """From sources to the archive.

    Args:
        articles: The archive.
        sources: Who is due, and what was learned of each.
        fetcher: Talks to them.
        workers: Read what they say.
        taxonomy: Which categories are houses and groups.
        clock: The present.
        chance: Where the spread of checks over time comes from.
    """

    def __init__(  # noqa: PLR0917 — the composition root names what it gives
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
        """Told the ids of new articles, those of a backlog left out."""
        self._chance = chance or random.Random()  # noqa: S311 — it spreads checks, it hides nothing
        self._gate = Gate(AT_ONCE)
        self._under_way: Counter[str] = Counter()
        # Two sources that bring one story at once must see each other.
        self._round_writer = RoundWriter(
            articles, taxonomy.categories, clock, lambda: self._gate.taken
        )
        self._checks = Batcher(sources.checked_all)
        self._news = Batcher(self._tell)

    async def refresh_due(
        self, now: datetime, *, on_report: Callable[[RoundReport], None] | None = None
    ) -> tuple[RoundReport, ...]:
        """Ask every source that is due, while an earlier call may still wait for some.

        What is due at a host that is still being asked is left for later: a host that hangs keeps
        only its own sources waiting.

        Args:
            now: What is due is judged by it.
            on_report: Told of each round as it ends, for a progress bar.
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
        """Ask these sources; one host's one after the other, the failing ones last.

        Raises:
            ExceptionGroup: Of `DatabaseUnavailableError`: the archive cannot be used just now. All
                rounds under way are broken off, and their sources are due as before.
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
            # The slot is taken before the fetch and given back after the storing, so that
            # bodies never pile up before the workers.
            *others, last = of_one
            async with asyncio.TaskGroup() as rounds:
                for source in others:
                    answer, slot = await self._asked(source)
                    # By a callback, since a task that is cancelled at once never begins.
                    rounds.create_task(reported(source, answer)).add_done_callback(
                        partial(self._give_back, slot)
                    )
                # Nothing of the host waits for the last one, which most hosts have alone.
                answer, slot = await self._asked(last)
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
        """What a source at `url` would bring, or which feeds are there instead. Stores nothing.

        Args:
            url: Its address.
            known: The source itself, where it is one already: then it is read as that.
        """
        return await try_source(url, self._fetcher, self._workers, self._clock(), known)

    async def _asked(self, source: Source) -> tuple[Fetched | NotModified | Failed, Slot]:
        """What a source answers, and the slot that it takes, to be left after the storing."""
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
            log.exception("asking %s ended in a defect", source.name)
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
        """The rest of a round. A defect of ours is the source's error; only the archive raises."""
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
            # Nothing can be written of any source: all are due again once the database is back.
            raise
        except Exception as error:
            # One source's round must not end the others; what it was stands in the log.
            log.exception("the round of %s ended in a defect", source.name)
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
            # What is known of it stays as it was.
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
        """What one part of a source says; nothing, and why, where it cannot be had."""
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
        # What was let go of for its age is no news, however long its source goes on listing it.
        entries = tuple(one for one in parsed.entries if one.link not in pruned)
        if source.read_pages:
            entries = await self._pages.complete(source, entries, {one.link for one in known})
        held = {name for one in known for name in (one.link, one.guid)}
        # Beside what is known it is fresh; where nothing is, links may change.
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
                # Where a source has parts, its own document knows nothing of what they say.
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
            refused=parsed.refused + decision.refused,
            backlog=decision.backlog,
        )

    async def _tell(self, groups: Sequence[Sequence[int]]) -> None:
        """Tell what is new of rounds that were stored together."""
        if self.on_new is not None:
            await self.on_new(sorted(chain.from_iterable(groups)))

    async def _titled(
        self, source: Source, unknown: Sequence[Entry], of: int, now: datetime
    ) -> list[Known]:
        """What the archive holds under the titles of unknown entries, where they are suspicious.

        They are where there are many, where nothing else is known of the document, or where they
        are too old for `Stories` to remember.

        Args:
            source: Whose they are.
            unknown: The entries.
            of: How many the document has.
            now: The present.
        """
        old = any(one.published and one.published < now - WINDOW for one in unknown)
        many = len(unknown) >= MANY_AT_ONCE or len(unknown) == of
        if source.last_ok is None or not (old or many):
            return []
        return await self._articles.titled(source.id, [one.title for one in unknown])


def _kept(source: Source, moved: str | None) -> str | None:
    """The new address of a source that moved; a listing page that is gone has not moved home."""
    if moved is None or source.kind is not SourceKind.PAGE:
        return moved
    return None if moved.partition("://")[2].partition("/")[2] == "" else moved
