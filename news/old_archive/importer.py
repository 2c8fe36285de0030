"""Import of an older archive: parts are read in workers, filed, and stored as a backlog."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from news import documents
from news.entry import Parsed, Reading, Refused, UnreadableError
from news.ingest.decide import article_of
from news.old_archive import ImportFileError, json_items, table, xml_items
from news.old_archive.text_stream import LARGEST, TOO_LARGE
from storage.model import Filing, Round
from storage.words.search_words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from news.entry import Entry
    from news.old_archive.xml_items import Around
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
PER_PART = 100
"""Most articles in a part; a worker reads them in a fraction of a second."""
Form = Literal["xml", "json", "csv"]
"""Format of a file. WordPress exports, RSS and Atom are `xml`."""
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
"""Matches control characters that no text file has."""
FEED = ('{"items": [', ",", "]}")
"""What a JSON Feed has before, between and after its items."""
_OPENING = 4_096
"""Bytes from the start of a file that are read to recognise its format."""


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


class ArchivePart(NamedTuple):
    """Some articles of a file, as the file has them."""

    around: Around
    items: list[bytes]

    @property
    def feed(self) -> bytes:
        """The articles as a small feed."""
        before, between, after = (each.encode() for each in self.around)
        return before + between.join(self.items) + after

    def halves(self) -> tuple[ArchivePart, ArchivePart]:
        """Return the part as two."""
        half = len(self.items) // 2
        return ArchivePart(self.around, self.items[:half]), ArchivePart(
            self.around, self.items[half:]
        )


@dataclass
class OldArchive:
    """A file, and the items of it that were skipped: reason → number."""

    path: Path
    form: Form
    passed_over: Counter[str] = field(default_factory=Counter)

    def parts(self, size: int = PER_PART) -> Iterator[ArchivePart]:
        """Yield the articles in the file's order, at most `size` and `LARGEST` bytes at once.

        Raises ImportFileError or OSError.
        """
        items: list[bytes] = []
        around, total = FEED, 0
        for around, text in self._items():
            item = text.encode()
            if len(item) > LARGEST:
                self.passed_over[TOO_LARGE] += 1
                continue
            if items and (len(items) == size or total + len(item) > LARGEST):
                yield ArchivePart(around, items)
                items, total = [], 0
            items.append(item)
            total += len(item)
        if items:
            yield ArchivePart(around, items)

    def _items(self) -> Iterator[tuple[Around, str]]:
        if self.form == "xml":
            return xml_items.items(self.path, self.passed_over)
        cut = json_items if self.form == "json" else table
        return ((FEED, item) for item in cut.items(self.path, self.passed_over))


def form_of(path: Path) -> Form:
    """Return a file's format by its beginning; ImportFileError if empty or unknown, OSError."""
    with path.open("rb") as file:
        opening = file.read(_OPENING)
    text = opening.decode("utf-16" if opening[:2] in {b"\xff\xfe", b"\xfe\xff"} else "latin-1")
    text = text.lstrip("\ufeff\u00ef\u00bb\u00bf \t\r\n")
    if not text:
        raise ImportFileError(f"{path} is empty")
    if text.startswith("<"):
        if "<html" in text.lower():
            raise ImportFileError(
                f"{path} is a web page; save the export itself, such as WordPress's "
                "Tools, Export, All content"
            )
        if "<opml" in text.lower():
            raise ImportFileError(f"{path} is a list of sources; `onnews sources import` reads it")
        return "xml"
    if text[0] in "{[":
        return "json"
    first = text.splitlines()[0]
    if any(sign in first for sign in ",;\t|") and not _CONTROL.search(first):
        return "csv"
    raise ImportFileError(
        f"{path} is in no format that can be imported: WordPress's export (WXR), RSS, Atom, "
        "JSON Feed, or a table (CSV) with a header"
    )
