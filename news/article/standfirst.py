"""What an article's page sets beneath its headline as its summary."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from news.feeds.item import BYLINE
from news.text import clean
from news.text.date_words import LOOKS_DATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_LABEL = re.compile(
    r"\bde[ck]k?\b|-dek|standfirst|sub-?(?:title|head|line)|chapo|sommario|occhiello|teaser|"
    r"excerpt|lead-?in|vorspann|entradilla|abstract|ingress|linha-?fina|bajada|copete",
    re.IGNORECASE,
)
_NAMING = ("class", "id", "data-testid", "data-component", "data-hook", "data-gu-name")
_BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "blockquote", "section", "figure"})
_LEAST = 20
"""Bytes of a summary."""
_BEGIN = 40
"""Characters in which a line of names and dates has its date."""
_BENEATH = 4
"""Elements beneath a headline, and within each of them, that may be its summary."""
_PIECES = 40
"""Runs of words of one that are looked at."""
_SUMMARY = 400
"""Characters of one."""


def beneath(heading: html.HtmlElement | None) -> list[str]:
    """What a page sets beneath its headline as its summary, the likeliest first; [] for nothing."""
    found = sorted(_candidates(heading), key=lambda one: not one[0])
    return [text for _, text, _ in found]


def elements_of(heading: html.HtmlElement | None) -> list[html.HtmlElement]:
    """The elements beneath a headline that call themselves its summary."""
    return [element for labelled, _, element in _candidates(heading) if labelled]


def _candidates(
    heading: html.HtmlElement | None,
) -> Iterator[tuple[bool, str, html.HtmlElement]]:
    """What may be a summary: whether it calls itself one, its words, and its element."""
    for level in () if heading is None else (heading, *islice(heading.iterancestors(), 2)):
        in_header = level.getparent() is not None and level.getparent().tag == "header"
        for beside in islice(level.itersiblings(), _BENEATH):
            for one in islice(beside.iter("p", "h2", "h3", "div", "span"), _BENEATH):
                labelled = is_labelled(one)
                if not (labelled or _may_be_one(one, beside, in_header=in_header)):
                    continue
                text = clean.one_line("".join(map(str, islice(one.itertext(), _PIECES))))
                if len(text.encode()) < _LEAST or len(text) > _SUMMARY:
                    continue
                if labelled or not (BYLINE.match(text) or LOOKS_DATED.search(text[:_BEGIN])):
                    yield labelled, text, one
        if level.tag in {"article", "main", "body"}:
            return


def _may_be_one(element: html.HtmlElement, beside: html.HtmlElement, *, in_header: bool) -> bool:
    """Whether an element that nothing calls a summary may be one, by where it stands."""
    if element.tag == "h2":
        return element is beside or in_header
    return (
        in_header
        and element.tag in {"p", "div"}
        and not any(each.tag in _BLOCKS for each in element)
    )


def is_labelled(element: html.HtmlElement) -> bool:
    """Whether an element calls itself a summary."""
    return bool(_LABEL.search(" ".join(filter(None, map(element.get, _NAMING)))))
