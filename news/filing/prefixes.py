"""What precedes a text and is none of its words: an agency's mark, or what kind of piece it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.filing.tokens import Text

if TYPE_CHECKING:
    from collections.abc import Container

_LABEL = re.compile(r"\s*([^\W\d_]+(?: [^\W\d_]+)?)(?:\s?[:|]|\s[-\u2013\u2014])\s+(?=\S)")
_MARK = (
    r"[(\uff08\[【](?:AP|AFP|ANSA|DPA|dpa|EFE|Reuters|REUTERS|Xinhua|Bloomberg|共同|时事|新华社)"
    r"[)\uff09\]】]"
)
_AGENCY = re.compile(
    rf"^\s*[^\W\d_][^()\n]{{0,40}}{_MARK}\s*[-\u2013\u2014]+\s*(?=\S)|{_MARK}\s*[-\u2013\u2014:]*"
)
"""The mark of the agency that wrote a text, with the city before it: `PARIS (AP) — …`."""


def without_agency(text: Text) -> Text:
    """A text without the mark of the agency that wrote it."""
    original = text.original
    if not ("(" in original or "[" in original or "【" in original or "\uff08" in original):
        # Most texts have no bracket, and this finds it out much faster.
        return text
    written = _AGENCY.sub(" ", original)
    return text if written == original else Text(written.strip())


def without_label(labels: Container[str], title: Text) -> tuple[str, Text]:
    """A title without what the piece is called before it: no watch is meant by `Watch: …`."""
    label = _LABEL.match(title.original)
    if label is None or label[1].lower() not in labels:
        return "", title
    return label[1], Text(title.original[label.end() :])
