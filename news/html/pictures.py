"""Addresses of pictures on a page, including pictures that scripts load later."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

LATE = ("data-src", "data-lazy-src", "data-original", "data-image")
"""Attributes that hold the address until a script moves it to `src`."""
SETS = ("srcset", "data-srcset", "data-lazy-srcset")
"""Attributes that hold the addresses of several sizes."""
_SET_LIMIT = 6_000
_CANDIDATE = re.compile(r"([^\s,]\S*)(?:\s+(\d{1,5})(?:\.\d+)?([wx]))?")
_PAINTED = re.compile(r"url\(\s*[\"']?([^\"')\s]{1,1000})", re.IGNORECASE)
_STYLE_LIMIT = 2_000
_BLANK = re.compile(
    r"(?<![\w-])(?=[\w-]++\.\w{3,4}(?:\?|$))(?:^|(?<=/)|[\w-]*?[_-])"
    r"(?:blank|spacer|transparent|placeholder|loading|1x1)",
    re.IGNORECASE,
)
"""Matches the address of a placeholder picture."""
_IN_BLOCK = 60
"""Most elements of one article's block that are looked at."""
_WIDEST = 2_100
"""Most pixels of a picture's width; wider ones are for print."""
_PICTURES = 8
"""Most sources of one picture that are looked at."""


def largest(srcset: str) -> str:
    """Return the largest size in a `srcset` up to 2,100 pixels wide, else the first, else ""."""
    best, width = "", -1
    for found in _CANDIDATE.finditer(srcset[:_SET_LIMIT]):
        stated = int(found[2] or 0) * (1_000 if found[3] == "x" else 1)
        if found[3] == "x" or stated <= _WIDEST:
            if stated > width:
                best, width = found[1].rstrip(","), stated
        elif not best:
            best = found[1].rstrip(",")
    return best


def source_of(element: html.HtmlElement) -> str:
    """Return the picture address of an element or of the first picture within it; else empty."""
    for name in (*LATE, "src", "content", "href"):
        link = (element.get(name) or "").strip()
        if (
            link
            and not link.startswith("data:")
            and not (name == "src" and _is_placeholder(element))
        ):
            return link
    # The parser nests what follows a `source`, because it never closes the element.
    around = next(
        (one for one in islice(element.iterancestors(), _PICTURES) if one.tag == "picture"), None
    )
    beside = list(islice(around.iter("source"), _PICTURES)) if around is not None else []
    for one in (element, *beside):
        for name in SETS:
            link = largest(one.get(name) or "")
            if link and not link.startswith("data:"):
                return link
    src = (element.get("src") or "").strip()
    painted = _PAINTED.search((element.get("style") or "")[:_STYLE_LIMIT])
    if painted and (not src or src.startswith("data:") or _BLANK.search(src)):
        return str(painted[1])
    if src:
        return src
    return next((source_of(one) for one in element.iter("img") if one is not element), "")


def sources_in(block: html.HtmlElement) -> list[str]:
    """Return the addresses of the pictures within an element, or of its background pictures."""
    shown = [
        link
        for one in islice(block.iter("img"), _IN_BLOCK)
        if (link := source_of(one)) and not _BLANK.search(link)
    ]
    if shown:
        return shown
    painted: list[str] = []
    for one in islice(block.iter(), _IN_BLOCK):
        found = _PAINTED.search((one.get("style") or "")[:_STYLE_LIMIT])
        painted += [found[1]] if found else []
    return painted


def _is_placeholder(element: html.HtmlElement) -> bool:
    src = element.get("src") or ""
    return any(element.get(name) for name in SETS) and bool(_BLANK.search(src))
