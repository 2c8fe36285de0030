"""A table of articles, with a header, as items of a JSON Feed."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from news.old_archive import ImportFileError
from news.text.charset import decode
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
"""A field of a JSON Feed's item → what a column of it may be called, folded."""
NEEDED = ("title", "url")
LONGEST_CELL = 5_000_000
"""Characters of one cell; Python's own bound is far below a long article."""

_BETWEEN = re.compile(r"[;|,]")
_NOT_LETTERS = re.compile(r"[\W_]+")


def rows(path: Path, passed_over: Counter[str]) -> Iterator[dict[str, Any]]:
    """The rows as items.

    Args:
        path: The file; its columns may be separated by commas, semicolons, tabs or bars.
        passed_over: Is told of rows without a title or a link.

    Raises:
        ImportFileError: The header names no column for the title or for the link.
    """
    text = decode(path.read_bytes(), None).lstrip("\ufeff")
    csv.field_size_limit(LONGEST_CELL)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = next(reader, [])
    columns = _columns(names)
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        wanted = " or ".join(NAMES[missing[0]][:3])
        raise ImportFileError(
            f"{path}: no column of its header ({', '.join(names)[:200]}) is called {wanted}; "
            "rename the one that holds it"
        )
    try:
        for row in reader:
            cells = {field: row[at].strip() for field, at in columns.items() if at < len(row)}
            if not any(cells.values()):
                continue
            lacking = next((field for field in NEEDED if not cells.get(field)), None)
            if lacking is not None:
                passed_over["no title" if lacking == "title" else "no link"] += 1
                continue
            yield _item(cells)
    except csv.Error as error:
        raise ImportFileError(
            f"{path} cannot be read in line {reader.line_num} ({error}); mend it and run this again"
        ) from None


def _columns(names: list[str]) -> dict[str, int]:
    """Field → which column it is; the first of two that could be it."""
    folded = [_NOT_LETTERS.sub(" ", fold(name)).strip() for name in names]
    return {
        field: folded.index(known)
        for field, called in NAMES.items()
        for known in [next((name for name in called if name in folded), None)]
        if known is not None
    }


def _item(cells: dict[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {name: text for name, text in cells.items() if text}
    item.setdefault("id", cells["url"])
    if "tags" in item:
        item["tags"] = [tag.strip() for tag in _BETWEEN.split(item["tags"]) if tag.strip()]
    if "author" in item:
        item["authors"] = [{"name": item.pop("author")}]
    return item
