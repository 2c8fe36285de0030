"""The newsroom, which polls the sources that are due and stores their articles.

Each source is a round of its own: fetched, read in a worker, decided, stored. A failure in one
round is recorded for its source and delays no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from news import documents
from news.entry import Parsed, Refused, UnreadableError
from news.fetch.concurrency import Gate
from news.fetch.fetcher import Failed, Fetched, NotModified
from news.full_text import PageReader
from news.ingest.read_document import ReadDocument
from news.ingest.round_writer import TOGETHER, Batcher
from news.ingest.rounds import Outcome, RoundReport
from news.round_results import RoundResults
from news.sources.discover import Trial, try_source
from news.text.links import host_of
from storage.db.outage import DatabaseUnavailableError
from storage.model import SourceKind
from storage.serving.lease import LeaseLostError
from workers.pool import WorkerError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.fetch.concurrency import Slot
    from news.fetch.fetcher import Fetcher
    from news.filing.taxonomy import Taxonomy
    from storage.articles.articles import Articles
    from storage.model import Known, Source
    from storage.replicas.read_documents import ReadDocuments, WaitingDocument
    from storage.sources.sources import Sources
    from workers.pool import Workers

READ_SECONDS = 20.0
"""Seconds that a worker may take for one document."""
AT_ONCE = 48
"""Most rounds that run at the same time."""

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
        self._gate = Gate(AT_ONCE)
        self._under_way: Counter[str] = Counter()
        self.results = RoundResults(
            articles,
            sources,
            taxonomy,
            clock,
            under_way=lambda: self._gate.taken,
            chance=chance,
        )
        """Stores what rounds bring; articles that editors publish as well."""
        self._passing_on = Batcher(self._pass_on, TOGETHER, coming=lambda: self._gate.taken)

    async def refresh_due(
        self, now: datetime, *, on_report: Callable[[RoundReport], None] | None = None
    ) -> tuple[RoundReport, ...]:
        """Poll every source that is due, and return a report of each round.

        Calls may overlap. Sources of a host that is still being asked are left for later, so that a
        host that hangs delays only its own sources. Of several replicas each polls the sources of
        its own hosts.

        Args:
            now: Sources due at this time are polled.
            on_report: Called with each report as its round ends, for a progress bar.
        """
        before, busy = self.results.share.hosts, set(self._under_way)
        if not before:
            return ()
        due = await self._sources.due(now)
        # A host that was taken meanwhile may have been asked since the sources were read.
        still = self.results.share.hosts
        busy.update(self._under_way)
        return await self.refresh_all(
            [
                source
                for source in due
                if (host := host_of(source.url)) not in busy and host in before and host in still
            ],
            on_report=on_report,
        )

    @property
    def hosts_under_way(self) -> frozenset[str]:
        """The hosts that are being asked, or have answers that are not stored yet."""
        return frozenset(self._under_way)

    async def store_read(self, passed_on: ReadDocuments) -> None:
        """Store the documents that other replicas have read, the oldest first, until none is left.

        Raises:
            ExceptionGroup: Of `DatabaseUnavailableError`: the archive cannot be used. The documents
                that are not stored stay.
            DatabaseUnavailableError: As above.
        """
        while found := await passed_on.oldest(TOGETHER):
            sources = await self._sources.many({one.source_id for one in found})
            async with asyncio.TaskGroup() as rounds:
                for one in found:
                    source = sources.get(one.source_id)
                    rounds.create_task(
                        passed_on.drop([one.id])
                        if source is None
                        else self._store_read(source, one, passed_on)
                    )

    async def _store_read(
        self, source: Source, waiting: WaitingDocument, passed_on: ReadDocuments
    ) -> None:
        slot = await self._gate.enter()
        try:
            await self._gate.keep(slot)
            # In a thread, as it was packed.
            document = await asyncio.to_thread(ReadDocument.opened, waiting.document)
            await self.results.store(source, document, read_document=waiting.id)
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            # A bug in one round must not end the others, nor be met for ever.
            log.exception("the round of %s failed with a bug", source.name)
            await self.results.failed(source, Failed("defect", type(error).__name__))
            await passed_on.drop([waiting.id])
        finally:
            self._give_back(slot)

    async def refresh_all(
        self, sources: Sequence[Source], *, on_report: Callable[[RoundReport], None] | None = None
    ) -> tuple[RoundReport, ...]:
        """Poll these sources, those of one host one after another, the failing ones last.

        Returns:
            A report of each round, in the order in which the rounds ended.

        Raises:
            ExceptionGroup: Of `DatabaseUnavailableError`: the archive cannot be used. Of
                `LeaseLostError`: others have taken the hosts of this process. All rounds in
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

    async def _fetched(self, source: Source) -> tuple[Fetched | NotModified | Failed, Slot]:
        """Fetch a source and return its answer with its slot, to be released after storing."""
        slot = await self._gate.enter()
        try:
            await self.results.share.permit()
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
        self.results.round_writer.look()

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
            await self.results.share.permit()
            if isinstance(answer, NotModified):
                return await self.results.not_modified(source, answer)
            if isinstance(answer, Failed):
                return await self.results.failed(source, answer)
            try:
                parsed = await self._read(source, answer)
            except UnreadableError as error:
                return await self.results.failed(source, Failed(error.reason, error.detail))
            except WorkerError as error:
                return await self.results.failed(source, Failed("unreadable", str(error)))
            return await self._brought(source, answer, parsed)
        except (DatabaseUnavailableError, LeaseLostError):
            # No source can be updated; all stay due until the database is back, or for others.
            raise
        except Exception as error:
            # A bug in one round must not end the others; the log has its traceback.
            log.exception("the round of %s failed with a bug", source.name)
            return await self.results.failed(source, Failed("defect", type(error).__name__))

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

    async def _brought(self, source: Source, answer: Fetched, parsed: Parsed) -> RoundReport:
        """Store what a document brought, or pass it on to the replica that stores."""
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
        if self.results.share.stores:
            return await self.results.store(source, document, looked_up=looked_up)
        # In a thread: a document of hundreds of articles would block the loop too long.
        packed = await asyncio.to_thread(document.packed)
        await self._passing_on.done((source.id, packed))
        return RoundReport(source.id, source.name, Outcome.PASSED_ON, refused=parsed.refused)

    async def _with_pages(
        self, source: Source, entries: Sequence[Entry]
    ) -> tuple[tuple[Entry, ...], tuple[list[Known], frozenset[str]]]:
        """Return entries with texts from their pages, and what the archive knows of them."""
        guids = [one.guid for one in entries]
        links = [one.link for one in entries]
        known, pruned = await self._articles.known_and_pruned(source.id, guids, links)
        left = [one for one in entries if one.link not in pruned]
        whole = await self._pages.complete(source, left, {one.link for one in known})
        return whole, (known, pruned)

    async def _pass_on(self, read: Sequence[tuple[int, str]]) -> None:
        await self.results.share.pass_on(dict(read))


def _kept(source: Source, moved: str | None) -> str | None:
    """Return the new address of a moved source, or None to keep the old one.

    A listing page that redirects to the front page of its site is gone and not moved.
    """
    if moved is None or source.kind is not SourceKind.PAGE:
        return moved
    return None if moved.partition("://")[2].partition("/")[2] == "" else moved
