"""From an older archive to ours: parts are read in workers, filed, and stored as a backlog."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from news import documents
from news.entry import Reading
from news.ingest.decide import article_of
from storage.model import Filing, Round
from storage.words.search_words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from news.entry import Entry, Parsed
    from news.old_archive.archive_file import OldArchive
    from storage.articles.articles import Articles
    from storage.db.key_value import KeyValue
    from storage.model import Source
    from workers.pool import Workers

READ_SECONDS = 60.0
"""For a part: a hundred articles, however long they are."""
UNDER_WAY = 4
"""Parts that are read at once."""
PLACE = "import:"
"""What the notes of how far an import has come begin with."""
MOST_UNPLACED = 10_000
"""Categories of a file without a place that are counted one by one."""
_IDENTITY = 1 << 20
"""Bytes of a file by which it is known again, beside its size."""


@dataclass
class ImportReport:
    """What became of the file's items so far."""

    resumed: int = 0
    """Parts that an earlier run had stored."""
    new: int = 0
    known: int = 0
    """There already, from here or from a source: they are left as they are."""
    refused: Counter[str] = field(default_factory=Counter)
    """Why items were not taken → how many."""
    unplaced: Counter[str] = field(default_factory=Counter)
    """Categories of the file that led to none of ours → how many articles bear them; the first
    `MOST_UNPLACED` of them."""


class Importer:
    """Brings the articles of one file into the archive.

    Args:
        articles: Where they go.
        notes: Keep how far it has come.
        workers: Read the parts.
        source: Whose articles they are to be.
        table: Categories of the file, folded → slugs of ours; an empty one is left out.
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
        """Import what is not there yet; a run that was killed is gone on with.

        Raises:
            ImportFileError: The file cannot be read.
            DatabaseUnavailableError: The database takes nothing just now.
            WorkerError: No part can be read.
        """
        report = ImportReport()
        file = await asyncio.to_thread(identity, archive.path)
        key = f"{PLACE}{self._source.id}:{file}"
        done = int(await self._notes.get(key) or 0)
        parts = enumerate(archive.parts(), start=1)
        loop = asyncio.get_running_loop()
        under_way: list[tuple[int, asyncio.Task[Parsed]]] = []
        # One thread from the first part to the last: what lxml reads belongs to its thread.
        reader = ThreadPoolExecutor(1, thread_name_prefix="import")
        try:
            while True:
                while len(under_way) < UNDER_WAY:
                    found = await loop.run_in_executor(reader, next, parts, None)
                    if found is None:
                        break
                    number, document = found
                    if number <= done:
                        report.resumed += 1
                        continue
                    under_way.append((number, asyncio.create_task(self._read(document, now))))
                if not under_way:
                    break
                number, reading = under_way.pop(0)
                await self._store(await reading, now, report)
                await self._notes.put(key, str(number))
                progress(report)
        finally:
            reader.shutdown(wait=False)
            for _, task in under_way:
                task.cancel()
        # Once it is whole, another run looks at all of it again.
        await self._notes.put(key, "0")
        report.refused.update(archive.passed_over)
        return report

    async def _read(self, document: bytes, now: datetime) -> Parsed:
        reading = Reading(
            url=self._source.site or self._source.url,
            language=self._source.language,
            categories=self._source.categories,
        )
        return await self._workers.run(documents.read, document, reading, now, timeout=READ_SECONDS)

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
        # Without a date it would stand first in every list as today's news.
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
        """The entry, with the categories that the table names for its own, before all others."""
        named: dict[str, Filing] = {}
        for tag in entry.tags:
            slug = self._table.get(fold(tag))
            # A category may be why the article stands somewhere, without a place in the table.
            speaks = any(tag.casefold() in one.reason.casefold() for one in entry.filings)
            if slug is None and not speaks:
                if tag in report.unplaced or len(report.unplaced) < MOST_UNPLACED:
                    report.unplaced[tag] += 1
            elif slug:
                named[slug] = Filing(slug, f"“{tag}” in the imported archive")
        others = [one for one in entry.filings if one.category not in named]
        return entry._replace(filings=(*named.values(), *others))


def identity(path: Path) -> str:
    """What a file is known by again, wherever it lies.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        print_ = hashlib.blake2b(file.read(_IDENTITY), digest_size=16)
    print_.update(str(path.stat().st_size).encode())
    return print_.hexdigest()


def folded_table(table: Mapping[str, str], slugs: Collection[str]) -> Iterator[tuple[str, str]]:
    """A table of categories as `Importer` takes it.

    Raises:
        ValueError: It leads to a category that we do not have; its argument is that name.
    """
    for name, slug in table.items():
        if slug and slug not in slugs:
            raise ValueError(slug)
        yield fold(name), slug
