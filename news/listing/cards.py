"""Text of one article's block on a listing page: its headline among labels, dates and summaries."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from news.html import markup
from news.text import clean
from news.text.date_words import LOOKS_DATED
from news.text.letters import CJK

if TYPE_CHECKING:
    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

TITLE_LEAST = 12
"""Fewest letters of a headline; a CJK letter counts as three."""
_PIECES = 40
"""Most elements of a link or block that are looked at."""
_LONGEST_PIECE = 160
"""Most characters of a headline; a longer text is a summary."""
_THREE_LETTERS = re.compile(r"[^\W\d_]{3}")
_CUT_OFF = re.compile(r"(?:(?<!\s)\s++)?(?:\u2026|\.\.\.)$")
_TITLE_LABEL = re.compile(r"title|headline|heading", re.IGNORECASE)
_SIGNED = re.compile(r"(?:[Bb]y|BY|[Dd]i|[Pp]ar|[Pp]or|[Vv]on)\s+[A-Z\u00c0-\u00de]\w+\s+[A-Z]")


def is_signed(block: html.HtmlElement) -> bool:
    """Return whether a block names a writer, as in `By Anna Rossi`."""
    texts = (one.text for one in islice(block.iter("p", "span", "div", "a", "address"), _PIECES))
    return any(text and _SIGNED.match(text.strip()) for text in texts)


def words_of(anchor: html.HtmlElement, heading: str) -> str:
    """Return a link's text, or its block's heading if the link has only a label or no text."""
    text = markup.text_of(anchor)
    label = clean.one_line(anchor.get("aria-label") or "")
    if not heading and is_title(label) and not is_title(text):
        return label
    has_heading = any(map(markup.text_of, markup.headings_of(anchor)))
    wordless = not text or anchor.get("aria-label") or has_heading
    return (heading or text) if wordless else text


def is_title(text: str) -> bool:
    """Return whether a text may be a headline: long enough, and more than a date."""
    if len(text) > _LONGEST_PIECE:
        return True
    if letters(text) < TITLE_LEAST:
        return False
    return bool(_THREE_LETTERS.search(LOOKS_DATED.sub("", text))) or bool(CJK.search(text))


def whole(title: str, anchors: list[html.HtmlElement]) -> str:
    """Return a title in full: a truncated one is completed from an attribute of its links."""
    begin = _CUT_OFF.sub("", title)
    if begin == title:
        return title
    named = (clean.one_line(one.get("title") or one.get("aria-label") or "") for one in anchors)
    return next((one for one in named if one.startswith(begin)), title)


def named_title(block: html.HtmlElement) -> str:
    """Return the text of the first element with a title-like class; empty if there is none."""
    for one in block.iter("span", "div", "p", "strong", "b"):
        if _TITLE_LABEL.search(one.get("class") or ""):
            text = markup.text_of(one)
            if letters(text) >= TITLE_LEAST:
                return text
    return ""


def own_title(anchor: html.HtmlElement) -> str:
    """Return a link's `title` attribute if it is part of its visible text; else empty."""
    named = clean.one_line(anchor.get("title") or "")
    return named if is_title(named) and named in markup.text_of(anchor) else ""


def piece(anchor: html.HtmlElement) -> str:
    """Return the headline among the elements in a link, beside its label and date; else empty."""
    own = [anchor.text, *(child.tail for child in anchor)]
    if any(text and text.strip() for text in own):
        return ""
    leaves = (markup.text_of(one) for one in islice(anchor.iter(), _PIECES) if not len(one))
    titles = [text for text in leaves if len(text) <= _LONGEST_PIECE and is_title(text)]
    return max(titles, key=len, default="")


def without(title: str, date_text: str) -> str:
    """Return a text without the date at its beginning or end."""
    bare = title.removeprefix(date_text).removesuffix(date_text).strip(" |\u00b7\u2013\u2014-:")
    return bare if date_text and bare else title


def letters(text: str) -> int:
    """Return the length of a text in characters, counting a CJK letter as three."""
    return len(text) + 2 * len(CJK.findall(text))
