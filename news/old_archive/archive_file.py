"""Splitting of a file of many articles into small feeds that a worker can read."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from news.old_archive import ImportFileError
from news.old_archive.json_items import items
from news.old_archive.table import rows
from news.old_archive.text_stream import LARGEST, TOO_LARGE
from news.old_archive.xml_items import documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PER_PART = 100
"""Most articles in a part; a worker reads them in a fraction of a second."""
Form = Literal["xml", "json", "csv"]
"""Format of a file. WordPress exports, RSS and Atom are `xml`."""
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
"""Matches control characters that no text file has."""
_OPENING = 4_096
"""Bytes from the start of a file that are read to recognise its format."""


@dataclass
class OldArchive:
    """A file, and the items of it that were skipped: reason → number."""

    path: Path
    form: Form
    passed_over: Counter[str] = field(default_factory=Counter)

    def parts(self) -> Iterator[bytes]:
        """Yield feeds of at most `PER_PART` articles and `LARGEST` bytes, in the file's order.

        Raises ImportFileError or OSError.
        """
        if self.form == "xml":
            yield from documents(self.path, PER_PART, self.passed_over)
            return
        read = items if self.form == "json" else rows
        part: list[bytes] = []
        total = 0
        for item in read(self.path, self.passed_over):
            # A lone surrogate, which JSON can hold but UTF-8 cannot, becomes a question mark.
            text = json.dumps(item, ensure_ascii=False).encode(errors="replace")
            if len(text) > LARGEST:
                self.passed_over[TOO_LARGE] += 1
                continue
            if part and (len(part) == PER_PART or total + len(text) > LARGEST):
                yield _feed(part)
                part, total = [], 0
            part.append(text)
            total += len(text)
        if part:
            yield _feed(part)


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


def _feed(items: list[bytes]) -> bytes:
    between = b",".join(items)
    return b'{"version": "https://jsonfeed.org/version/1.1", "title": "", "items": [%b]}' % between
