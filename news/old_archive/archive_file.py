"""A file of many articles in parts of a hundred, each a small feed that a worker can read."""

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
"""Articles of a part: a worker reads them in a fraction of a second."""
Form = Literal["xml", "json", "csv"]
"""WordPress's export, RSS and Atom are `xml`."""
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
"""What no text has."""
_OPENING = 4_096
"""Bytes by which a file's form is told."""


@dataclass
class OldArchive:
    """A file, and what was passed over while it is read.

    Attributes:
        path: The file.
        form: What it is.
        passed_over: Why items are no articles → how many.
    """

    path: Path
    form: Form
    passed_over: Counter[str] = field(default_factory=Counter)

    def parts(self) -> Iterator[bytes]:
        """Small feeds of at most `PER_PART` articles and `LARGEST` bytes, in the file's order.

        Raises:
            ImportFileError: The file is not what it seemed.
            OSError: It cannot be read.
        """
        if self.form == "xml":
            yield from documents(self.path, PER_PART, self.passed_over)
            return
        read = items if self.form == "json" else rows
        part: list[bytes] = []
        total = 0
        for item in read(self.path, self.passed_over):
            # Half of a letter that JSON can write and nothing else can becomes a question mark.
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
    """What a file is, by how it begins.

    Raises:
        ImportFileError: It is empty, or nothing that can be imported.
        OSError: It cannot be read.
    """
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
        f"{path} is none of what can be imported: WordPress's export (WXR), RSS, Atom, JSON Feed, "
        "or a table (CSV) with a header"
    )


def _feed(items: list[bytes]) -> bytes:
    """A JSON Feed of these items."""
    between = b",".join(items)
    return b'{"version": "https://jsonfeed.org/version/1.1", "title": "", "items": [%b]}' % between
