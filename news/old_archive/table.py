"""Conversion of a CSV table of articles, with a header, to items of a JSON Feed."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

from news.old_archive import ImportFileError
from news.old_archive.text_stream import LARGEST, BoundedText, TextStream, chunks
from storage.words.search_words import fold

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "titolo", "titulo", "titre", "标题"),
    "url": ("link", "url", "permalink", "address", "collegamento", "enlace", "lien", "链接"),
    "date_published": ("date", "published", "pubdate", "published at", "data", "fecha", "日期"),
    "content_html": ("body", "content", "text", "html", "testo", "contenuto", "texto", "正文"),
    "summary": ("summary", "standfirst", "excerpt", "description", "sommario", "resumen", "摘要"),
    "tags": ("categories", "category", "tags", "sections", "categorie", "categorias", "分类"),
    "author": ("author", "byline", "autore", "autor", "auteur", "作者"),
    "image": ("image", "picture", "thumbnail", "immagine", "imagen", "图片"),
    "language": ("language", "lang", "lingua", "idioma", "langue", "语言"),
    "id": ("id", "guid"),
}
"""Field of a JSON Feed's item → possible folded names of its column."""
NEEDED = ("title", "url")
_DELIMITERS = ",;\t|"
_CELL_END = {each: re.compile(rf"[{re.escape(each)}\r\n]") for each in _DELIMITERS}
_QUOTED = re.compile('[^"]*(?:""[^"]*)*')
_LINE_END = re.compile(r"[\r\n]")
_LINES = re.compile(r"[^\r\n]+")
_BETWEEN = re.compile(r"[;|]")
_NOT_LETTERS = re.compile(r"[\W_]+")


def items(path: Path, passed_over: Counter[str]) -> Iterator[str]:
    """Yield the rows as items of a JSON Feed.

    `passed_over` counts others by reason. Raises ImportFileError without a column for title or
    link, or if a quoted cell has no end; OSError.
    """
    csv.field_size_limit(LARGEST)
    delimiter = _delimiter(path)
    cut = _Rows(TextStream(chunks(path)), delimiter, passed_over)
    read = csv.reader(cut.rows(), delimiter=delimiter)
    names = next(read, [])
    columns = _columns(names)
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        wanted = " or ".join(NAMES[missing[0]][:3])
        raise ImportFileError(
            f"{path}: no column of its header ({', '.join(names)[:200]}) is called {wanted}; "
            "rename the one that holds it"
        )
    try:
        for found in read:
            cells = {field: found[at].strip() for field, at in columns.items() if at < len(found)}
            if not any(cells.values()):
                continue
            lacking = next((field for field in NEEDED if not cells.get(field)), None)
            if lacking is not None:
                passed_over["no title" if lacking == "title" else "no link"] += 1
                continue
            if "tags" in cells:
                cells["tags"] = _BETWEEN.sub(",", cells["tags"])
            yield json.dumps(cells, ensure_ascii=False)
    except csv.Error as error:
        raise ImportFileError(
            f"{path} cannot be read in row {cut.number} ({error}); correct it and run this again"
        ) from None


def _delimiter(path: Path) -> str:
    header = BoundedText(LARGEST)
    TextStream(chunks(path)).until(_LINE_END, header)
    return max(_DELIMITERS, key=header.text.count)


class _Rows:
    """Cuts rows out of a text; a quoted cell may contain line breaks."""

    def __init__(self, stream: TextStream, delimiter: str, passed_over: Counter[str]) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._passed_over = passed_over
        self.number = 0

    def rows(self) -> Iterator[str]:
        """Yield each row as text; raise csv.Error if a quoted cell has no end."""
        while self._stream.peek():
            # Fast path: most rows are one line without quotes.
            for line in _LINES.findall(self._stream.before('"', "\n")):
                self.number += 1
                yield line
            if self._stream.peek():
                self.number += 1
                kept = self._row()
                if kept.refused:
                    self._passed_over[kept.refused] += 1
                else:
                    yield kept.text

    def _row(self) -> BoundedText:
        kept = BoundedText()
        while True:
            if self._stream.peek() == '"':
                kept.add(self._stream.take())
                self._stream.run(_QUOTED, kept)
                kept.add(self._stream.take())
                if kept.refused and not self._stream.peek():
                    raise csv.Error("a quoted cell never ends")
            end = self._stream.until(_CELL_END[self._delimiter], kept)
            if end is None:
                return kept
            if end[0] != self._delimiter:
                if end[0] == "\r" and self._stream.peek() == "\n":
                    self._stream.take()
                return kept
            kept.add(end[0])


def _columns(names: list[str]) -> dict[str, int]:
    folded = [_NOT_LETTERS.sub(" ", fold(name)).strip() for name in names]
    return {
        field: folded.index(known)
        for field, called in NAMES.items()
        for known in [next((name for name in called if name in folded), None)]
        if known is not None
    }
