"""Splitting of a file of many articles into small feeds that a worker can read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from news.old_archive import ImportFileError, json_items, table, xml_items
from news.old_archive.text_stream import LARGEST, TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from news.old_archive.xml_items import Around

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
