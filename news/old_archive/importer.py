"""Import of an older archive: parts are read in workers, filed, and stored as a backlog."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from news import documents
from news.entry import Parsed, Reading, Refused, UnreadableError
from news.ingest.decide import article_of
from storage.model import Filing, Round
from storage.words.search_words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from news.entry import Entry
    from news.old_archive.archive_file import ArchivePart, OldArchive
    from storage.articles.articles import Articles
    from storage.db.key_value import KeyValue
    from storage.model import Source
    from workers.pool import Workers

READ_SECONDS = 60.0
"""Seconds that a worker may take for a part of a hundred articles."""
UNDER_WAY = 4
"""Parts that are read at the same time."""
PLACE = "import:"
"""Prefix of the keys under which the progress of imports is stored."""
MOST_UNPLACED = 10_000
"""Most unmapped categories of a file that are counted."""
_IDENTITY = 1 << 20
"""Bytes from the start of a file that, with its size, identify it."""


@dataclass
class ImportReport:
    """Counts of the file's items so far."""

    resumed: int = 0
    """Parts that an earlier run had stored."""
    new: int = 0
    known: int = 0
    """Items that the archive already has; they are left unchanged."""
    refused: Counter[str] = field(default_factory=Counter)
    """Reason of a refusal → number of items."""
    unplaced: Counter[str] = field(default_factory=Counter)
    """Unknown category of the file → its articles, for the first `MOST_UNPLACED` categories."""


class Importer:
    """Imports the articles of one file into the archive.

    `table` maps a folded category of the file to a slug here, or to "" to drop it.
    """

    def __init__(
        self,
        articles: Articles,
        notes: KeyValue,
        workers: Workers,
        *,
        source: Source,
        table: Mapping[str, str],
    ) -> None:
        self._articles = articles
        self._notes = notes
        self._workers = workers
        self._source = source
        self._table = table

    async def run(
        self, archive: OldArchive, now: datetime, progress: Callable[[ImportReport], None]
    ) -> ImportReport:
        """Import the articles that are not in the archive yet, resuming an interrupted run.

        Raises ImportFileError or WorkerError if the file or a part cannot be read.
        """
        report = ImportReport()
        file = await asyncio.to_thread(identity, archive.path)
        key = f"{PLACE}{self._source.id}:{file}"
        done = int(await self._notes.get(key) or 0)
        parts = enumerate(archive.parts(), start=1)
        under_way: list[tuple[int, asyncio.Task[Parsed]]] = []
        try:
            while True:
                while len(under_way) < UNDER_WAY:
                    found = await asyncio.to_thread(next, parts, None)
                    if found is None:
                        break
                    number, part = found
                    if number <= done:
                        report.resumed += 1
                        continue
                    under_way.append((number, asyncio.create_task(self._read(part, now))))
                if not under_way:
                    break
                number, reading = under_way.pop(0)
                await self._store(await reading, now, report)
                await self._notes.put(key, str(number))
                progress(report)
        finally:
            for _, task in under_way:
                task.cancel()
        # After a complete import, the next run starts from the beginning.
        await self._notes.put(key, "0")
        report.refused.update(archive.passed_over)
        return report

    async def _read(self, part: ArchivePart, now: datetime) -> Parsed:
        """Return a part's articles; one that makes its feed unreadable is found by halving."""
        reading = Reading(
            url=self._source.site or self._source.url,
            language=self._source.language,
            categories=self._source.categories,
        )
        try:
            return await self._workers.run(
                documents.read, part.feed, reading, now, timeout=READ_SECONDS
            )
        except UnreadableError as error:
            if len(part.items) == 1:
                return Parsed(refused=(Refused(error.reason, ""),))
        first, second = [await self._read(half, now) for half in part.halves()]
        return Parsed(first.entries + second.entries, refused=first.refused + second.refused)

    async def _store(self, parsed: Parsed, now: datetime, report: ImportReport) -> None:
        report.refused.update(one.reason for one in parsed.refused)
        known = await self._articles.known(
            self._source.id,
            [entry.guid for entry in parsed.entries],
            [entry.link for entry in parsed.entries],
        )
        held = {name for one in known for name in (one.link, one.guid)}
        fresh = [e for e in parsed.entries if e.link not in held and e.guid not in held]
        report.known += len(parsed.entries) - len(fresh)
        dated = [entry for entry in fresh if entry.published is not None]
        # Without a date it would be listed first, as today's news.
        report.refused["no date"] += len(fresh) - len(dated)
        if not dated:
            return
        entries = [self._placed(entry, report) for entry in dated]
        (stored,) = await self._articles.store_all(
            [
                Round(
                    source_id=self._source.id,
                    now=now,
                    next_check=self._source.next_check,
                    interval=self._source.interval,
                    articles=tuple(article_of(entry, None, now) for entry in entries),
                    backlog=True,
                    imported=True,
                )
            ],
            {entry.link: entry.words for entry in entries if entry.words},
        )
        report.new += len(stored.new)

    def _placed(self, entry: Entry, report: ImportReport) -> Entry:
        named: dict[str, Filing] = {}
        for tag in entry.tags:
            slug = self._table.get(fold(tag))
            # A category without a mapping may still be the reason of a filing.
            speaks = any(tag.casefold() in one.reason.casefold() for one in entry.filings)
            if slug is None and not speaks:
                if tag in report.unplaced or len(report.unplaced) < MOST_UNPLACED:
                    report.unplaced[tag] += 1
            elif slug:
                named[slug] = Filing(slug, f"“{tag}” in the imported archive")
        others = [one for one in entry.filings if one.category not in named]
        return entry._replace(filings=(*named.values(), *others))


def identity(path: Path) -> str:
    """Return a hash that identifies a file by its content, whatever its path; OSError."""
    with path.open("rb") as file:
        print_ = hashlib.blake2b(file.read(_IDENTITY), digest_size=16)
    print_.update(str(path.stat().st_size).encode())
    return print_.hexdigest()


def folded_table(table: Mapping[str, str], slugs: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a table's pairs with folded names; ValueError(slug) for a slug that is no category."""
    for name, slug in table.items():
        if slug and slug not in slugs:
            raise ValueError(slug)
        yield fold(name), slug
