"""What people type, cut to a length that is read at once, and folded for comparison."""

from __future__ import annotations

import unicodedata

from news.text.letters import without_accents

LONGEST = 300
"""The most characters of a text that are read; a search has 200 at most, anything else fewer."""
FOLDED = 3 * LONGEST
"""The most characters of what is read once it is folded: `ế` becomes 3, and `ﷺ` 18."""


def bounded(text: str) -> str:
    """Return the beginning of a text that is read, of which the rest is never looked at."""
    text = text[:LONGEST]
    if text.isascii():
        return text
    while len(unicodedata.normalize("NFKD", text)) > FOLDED:
        text = text[: len(text) // 2]
    return text


def folded(text: str) -> str:
    """Return the part of a text that is read, without case and accents."""
    return without_accents(bounded(text))
