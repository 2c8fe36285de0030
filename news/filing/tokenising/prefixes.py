"""Removal of prefixes from a text: a news agency's mark, or a label such as `Video:`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.filing.tokenising.tokens import Text

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
"""Matches the mark of a news agency, with the city before it: `PARIS (AP) — …`."""


def without_agency(text: Text) -> Text:
    """Return a text without the mark of a news agency."""
    original = text.original
    if not ("(" in original or "[" in original or "【" in original or "\uff08" in original):
        # Fast path: most texts have no bracket.
        return text
    written = _AGENCY.sub(" ", original)
    return text if written == original else Text(written.strip())


def without_label(labels: Container[str], title: Text) -> tuple[str, Text]:
    """Return the label before a title, or an empty one, and the title without it.

    So `Watch: …` is not taken for an article about a watch.
    """
    label = _LABEL.match(title.original)
    if label is None or label[1].lower() not in labels:
        return "", title
    return label[1], Text(title.original[label.end() :])
