"""Splitting of long texts to Telegram's limits, at natural pauses."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from templates.markup.telegram_html import MarkedText, parse
from templates.markup.text import clean, seam, visible, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNITS = 4096
"""Maximum number of UTF-16 units of a text, after parsing."""
ENTITIES = 100
"""Maximum number of tags that take effect; Telegram drops later ones without an error."""
RAW_BYTES = 32_768
"""Maximum number of bytes of a text before parsing, including tags and escapes."""

_PAUSES = (
    re.compile(r"\n[^\S\n]*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…]['\"»”\u2019)]*(?=\s)|[。\uff01\uff1f]"),
    re.compile(r"\s"),
)


# Cached: many readers ask for the same list at a full hour. 128 texts take a few MB.
@lru_cache(maxsize=128)
def fit(html: str) -> tuple[str, ...]:
    """Split HTML into parts within Telegram's limits, each with something visible.

    A part ends in its second half, at a blank line, or else a line, a sentence or a word. Tags open
    there are closed and reopened in the next part. Markup that Telegram does not know becomes text.
    """
    marked = parse(html)
    return tuple(html for text, html in _slices(marked, UNITS) if visible(text))


def paginate(paragraphs: Sequence[str], limit: int = 3200) -> tuple[str, ...]:
    """Split a plain body into pages of at most `limit` UTF-16 units, at natural pauses."""
    text = "\n\n".join(filter(None, (clean(paragraph).strip() for paragraph in paragraphs)))
    return tuple(page for page, _ in _slices(MarkedText(text, ()), limit) if visible(page))


def _slices(marked: MarkedText, limit: int) -> Iterator[tuple[str, str]]:
    text = marked.text
    total = len(text.rstrip())
    start = total - len(text[:total].lstrip())
    while start < total:
        end = max(within(text, start, limit), start + 1)
        end = min(end, total, _entities_end(marked, start))
        if end < total:
            end = _pause(text, start, end)
        piece, html = _piece(marked, start, end)
        while len(html.encode()) > RAW_BYTES:
            end = _pause(text, start, start + max((end - start) // 2, 1))
            piece, html = _piece(marked, start, end)
        yield piece, html
        start = end
        while start < total and text[start].isspace():
            start += 1


def _piece(marked: MarkedText, start: int, end: int) -> tuple[str, str]:
    piece = marked.text[start:end].rstrip()
    return piece, marked.html(start, start + len(piece))


def _entities_end(marked: MarkedText, start: int) -> int:
    count = 0
    for span in marked.spans:
        if span.end > start:
            count += 1
            if count > ENTITIES:
                return max(span.start, start + 1)
    return len(marked.text)


def _pause(text: str, start: int, end: int) -> int:
    middle = start + (end - start) // 2
    for pattern in _PAUSES:
        # Look one character past the end, for the space after a last word that just fits.
        ends = [match.end() for match in pattern.finditer(text, middle, min(end + 1, len(text)))]
        if ends:
            return min(ends[-1], end)
    return max(seam(text, end), start + 1)
