"""The newsroom, which polls the sources that are due and stores their articles.

Each source is a round of its own: fetched, read in a worker, decided, stored. A failure in one
round is recorded for its source and delays no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from news import documents
from news.entry import Parsed, Refused, UnreadableError
from news.fetch.fetcher import Failed, Fetched, NotModified
from news.ingest.rounds import Outcome, ReadDocument, RoundReport
from news.newsletters import Newsletters
from news.page_reader import PageReader
from news.round_results import RoundResults
from news.sources.discover import Trial, try_source
from news.text.links import host_of
from storage.db.outage import DatabaseUnavailableError
from storage.model import MAIL, SourceKind
from storage.serving.lease import LeaseLostError
from workers.pool import WorkerError

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.fetch.fetcher import Fetcher
    from news.filing.taxonomy import Taxonomy
    from news.mail.mailbox import Mailbox
    from storage.articles.articles import Articles
    from storage.model import Known, Source
    from storage.sources.sources import Sources
    from workers.pool import Workers

Answer = Fetched | NotModified | Failed | ReadDocument
"""What asking a source brought; the letters of a sender are read already."""
READ_SECONDS = 20.0
"""Seconds that a worker may take for one document."""
AT_ONCE = 128
"""Most rounds that run at the same time; while fewer hosts hang, the others are not delayed."""
WEIGHED = timedelta(days=8)
"""Age up to which an article gets a weight that it lacks."""
PART = 250
"""Articles weighed by one call of a worker."""

log = logging.getLogger(__name__)


async def at_once() -> None:
    """Permit a round at once."""


class Newsroom:
    """Polls sources and stores their articles."""

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
        on_new: Callable[[list[int]], Awaitable[None]] | None = None,
        mailbox: Mailbox | None = None,
    ) -> None:
        self._articles = articles
        self._sources = sources
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock
        self._pages = PageReader(fetcher, workers, clock)
        self.newsletters = Newsletters(mailbox, sources, self._pages, workers, clock)
        """The letters of MAIL_IN; without a mailbox there are none."""
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running = 0
        self._under_way: Counter[str] = Counter()
        self.results = RoundResults(
            articles,
            sources,
            taxonomy,
            clock,
            under_way=lambda: self._running,
            chance=chance,
            on_new=on_new,
        )
        """Stores what rounds bring; articles that editors publish as well."""

    async def refresh_due(
        self,
        now: datetime,
        *,
        on_report: Callable[[RoundReport], None] | None = None,
        permit: Callable[[], Awaitable[None]] = at_once,
    ) -> tuple[RoundReport, ...]:
        """Poll every source that is due, and return a report of each round.

        Calls may overlap. Sources of a host that is still being asked are left for later, so that a
        host that hangs delays only its own sources.

        Args:
            permit: Waits until no other process can store articles, or raises LeaseLostError.
        """
        due, busy = await self._sources.due(now), set(self._under_way)
        async with asyncio.TaskGroup() as looking:
            looking.create_task(self.newsletters.find_senders(now, permit))
            return await self.refresh_all(
                [source for source in due if _host(source) not in busy],
                on_report=on_report,
                permit=permit,
            )

    async def refresh_all(
        self,
        sources: Sequence[Source],
        *,
        on_report: Callable[[RoundReport], None] | None = None,
        permit: Callable[[], Awaitable[None]] = at_once,
    ) -> tuple[RoundReport, ...]:
        """Poll these sources, those of one host one after another, the failing ones last.

        Reports are in the order in which the rounds ended.

        Raises:
            ExceptionGroup: Of `DatabaseUnavailableError`: the archive cannot be used. Of
                `LeaseLostError`: another process stores articles now. All rounds in progress are
                cancelled, and their sources stay due.
        """
        by_host: dict[str, list[Source]] = defaultdict(list)
        for source in sorted(sources, key=lambda one: one.failures):
            by_host[_host(source)].append(source)
        reports: list[RoundReport] = []

        async def reported(source: Source, answer: Answer) -> None:
            report = await self._finished(source, answer, permit)
            reports.append(report)
            if on_report is not None:
                on_report(report)

        async def host(of_one: Sequence[Source]) -> None:
            # A slot is held from the fetch until the round is stored, so that bodies do not pile up
            # before the workers.
            *others, last = of_one
            async with asyncio.TaskGroup() as rounds:
                for source in others:
                    answer = await self._fetched(source, permit)
                    # Released by a callback: a task that is cancelled at once never runs its body.
                    rounds.create_task(reported(source, answer)).add_done_callback(self._give_back)
                # The last source, the only one of most hosts, needs no task of its own.
                answer = await self._fetched(last, permit)
                try:
                    await reported(last, answer)
                finally:
                    self._give_back()

        async with asyncio.TaskGroup() as hosts:
            for name, of_one in by_host.items():
                self._under_way[name] += 1
                asking = hosts.create_task(host(of_one))
                asking.add_done_callback(partial(self._left, name))
        return tuple(reports)

    async def weigh_older(self, now: datetime) -> None:
        """Give recent articles without a weight a kind and a weight, in parts.

        An older program stores such articles, and so do editors.
        """
        while part := await self._articles.unweighed(now - WEIGHED, most=PART):
            ids, *texts = zip(*part, strict=True)
            found = await self._workers.run(documents.rate, *texts, timeout=READ_SECONDS)
            await self._articles.weigh(dict(zip(ids, found, strict=True)))

    async def try_source(self, url: str, known: Source | None = None) -> Trial:
        """Return what a source at `url` would bring, or the feeds found there. Store nothing."""
        return await try_source(url, self._fetcher, self._workers, self._clock(), known)

    async def _fetched(self, source: Source, permit: Callable[[], Awaitable[None]]) -> Answer:
        """Fetch a source in a slot, which the caller gives back."""
        await self._slots.acquire()
        self._running += 1
        try:
            await permit()
            return await self._answer(source)
        except BaseException:
            self._give_back()
            raise

    async def _answer(self, source: Source) -> Answer:
        try:
            if source.url.startswith(MAIL):
                return await self.newsletters.read(source)
            return await self._fetcher.fetch(source, self._clock())
        except Exception as error:
            log.exception("fetching %s failed with a bug", source.name)
            return Failed("defect", type(error).__name__)

    def _give_back(self, _: object = None) -> None:
        self._running -= 1
        self._slots.release()
        self.results.round_writer.look()

    def _left(self, host: str, _: object) -> None:
        self._under_way[host] -= 1
        if not self._under_way[host]:
            del self._under_way[host]

    async def _finished(
        self,
        source: Source,
        answer: Answer,
        permit: Callable[[], Awaitable[None]],
    ) -> RoundReport:
        """Process an answer. Bugs become the source's error; only archive errors propagate."""
        try:
            await permit()
            if isinstance(answer, NotModified):
                return await self.results.not_modified(source, answer)
            if isinstance(answer, Failed):
                return await self.results.failed(source, answer)
            if isinstance(answer, ReadDocument):
                return await self.results.store(source, answer)
            return await self._stored(source, answer)
        except (DatabaseUnavailableError, LeaseLostError):
            # No source can be updated; all stay due until the database is back, or for others.
            raise
        except Exception as error:
            # A bug in one round must not end the others; the log has its traceback.
            log.exception("the round of %s failed with a bug", source.name)
            return await self.results.failed(source, Failed("defect", type(error).__name__))

    async def _stored(self, source: Source, answer: Fetched) -> RoundReport:
        try:
            parsed = await self._read(source, answer)
        except UnreadableError as error:
            return await self.results.failed(source, Failed(error.reason, error.detail))
        except WorkerError as error:
            return await self.results.failed(source, Failed("unreadable", str(error)))
        return await self._brought(source, answer, parsed)

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

    async def _brought(self, source: Source, answer: Fetched, parsed: Parsed) -> RoundReport:
        if not parsed.entries:
            if parsed.refused:
                reasons = ", ".join(sorted({one.reason for one in parsed.refused}))
                report = await self.results.failed(source, Failed("nothing usable", reasons))
                return replace(report, refused=parsed.refused)
            return await self.results.failed(
                source, Failed("empty feed", "status 200 without an item"), Outcome.EMPTY
            )
        entries, looked_up = parsed.entries, None
        if source.read_pages:
            entries, looked_up = await self._with_pages(source, entries)
        document = ReadDocument(
            entries,
            parsed.refused,
            url=_kept(source, answer.moved),
            # For a source with parts, its own document's validators say nothing about the parts.
            etag=None if parsed.more else answer.etag,
            last_modified=None if parsed.more else answer.last_modified,
            wish=max(answer.max_age or 0, parsed.ttl or 0),
        )
        return await self.results.store(source, document, looked_up=looked_up)

    async def _with_pages(
        self, source: Source, entries: Sequence[Entry]
    ) -> tuple[tuple[Entry, ...], tuple[list[Known], frozenset[str]]]:
        guids = [one.guid for one in entries]
        links = [one.link for one in entries]
        known, pruned = await self._articles.known_and_pruned(source.id, guids, links)
        left = [one for one in entries if one.link not in pruned]
        whole = await self._pages.complete(source, left, {one.link for one in known})
        return whole, (known, pruned)


def _host(source: Source) -> str:
    """Return the host of a source, or a sender of letters itself."""
    return host_of(source.url) or source.url


def _kept(source: Source, moved: str | None) -> str | None:
    """Return a moved source's new address; None for a listing that moved to the front page."""
    if moved is None or source.kind is not SourceKind.PAGE:
        return moved
    return None if moved.partition("://")[2].partition("/")[2] == "" else moved
