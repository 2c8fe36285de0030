"""Where a picture on a page is, however late the page means to load it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

LATE = ("data-src", "data-lazy-src", "data-original", "data-image")
"""Attributes that hold the address until a program of the page moves it to `src`."""
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
"""In the address of an empty picture."""
_IN_BLOCK = 60
"""Elements of one article's block that are looked at."""
_WIDEST = 2_100
"""Pixels; a wider one is for print."""
_PICTURES = 8
"""Sources of one picture that are looked at."""


def largest(srcset: str) -> str:
    """The address of the largest size of a `srcset` that is no larger than any screen."""
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
    """The address of a picture: the element's, or of the first picture within it."""
    for name in (*LATE, "src", "content", "href"):
        link = (element.get(name) or "").strip()
        if (
            link
            and not link.startswith("data:")
            and not (name == "src" and _is_placeholder(element))
        ):
            return link
    # To the parser a `source` does not end, and holds what follows it.
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
    """The addresses of the pictures within an element; else of those it is painted with."""
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
    """Whether a picture is an empty one until the right one is loaded."""
    src = element.get("src") or ""
    return any(element.get(name) for name in SETS) and bool(_BLANK.search(src))
