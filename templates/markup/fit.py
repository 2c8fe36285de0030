"""Within Telegram's limits: long texts are split where a reader would pause."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from templates.markup.telegram_html import MarkedText, parse
from templates.markup.text import clean, seam, visible, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNITS = 4096
"""The longest text, in UTF-16 units after parsing."""
ENTITIES = 100
"""Tags that take effect; Telegram drops later ones without an error."""
RAW_BYTES = 32_768
"""The longest text before parsing, tags and escapes included."""

_PAUSES = (
    re.compile(r"\n[^\S\n]*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…]['\"»”\u2019)]*(?=\s)|[。\uff01\uff1f]"),
    re.compile(r"\s"),
)


# At a full hour many ask for the same list. The longest texts take a few MB together.
@lru_cache(maxsize=128)
def fit(html: str) -> tuple[str, ...]:
    """Split HTML into parts that Telegram takes; each has something to see.

    A part ends at a blank line, else a line, a sentence, a word, in its second half; tags that
    are open there are closed and opened again. What is not Telegram's markup becomes text.
    """
    marked = parse(html)
    return tuple(html for text, html in _slices(marked, UNITS) if visible(text))


def paginate(paragraphs: Sequence[str], limit: int = 3200) -> tuple[str, ...]:
    """Plain text of a body in pages of at most `limit` UTF-16 units, cut where one would pause."""
    text = "\n\n".join(filter(None, (clean(paragraph).strip() for paragraph in paragraphs)))
    return tuple(page for page, _ in _slices(MarkedText(text, ()), limit) if visible(page))


def _slices(marked: MarkedText, limit: int) -> Iterator[tuple[str, str]]:
    """The parts of a text, each as plain text and as HTML."""
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
    """The text between two places, without white space at its end: plain, and as HTML."""
    piece = marked.text[start:end].rstrip()
    return piece, marked.html(start, start + len(piece))


def _entities_end(marked: MarkedText, start: int) -> int:
    """Where the entity after the last one allowed begins."""
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
        # One character past the end: the space after a last word that just fits.
        ends = [match.end() for match in pattern.finditer(text, middle, min(end + 1, len(text)))]
        if ends:
            return min(ends[-1], end)
    return max(seam(text, end), start + 1)
