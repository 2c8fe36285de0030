"""Dates on a listing page; each date marks one article."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from news.html import markup
from news.text import clean
from news.text.date_words import LOOKS_DATED, ago
from news.text.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_MOST_DATES = 5_000
_DATE_LENGTH = 60
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.](?:\d{4}|\d{2})(?!\d)")
_DATE_LABEL = re.compile(r"date|time|publish|posted|meta", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}|['\u2019]\d{2}\b")
_PERIOD = re.compile(
    r"(?P<month>[^\W\d_]{3,12}\.?,?\s(?:de\s|del\s)?)?(?P<year>(?:19|20)\d\d)"
    r"(?:\u5e74(?:\s?\d{1,2}\s?\u6708)?)?$"
)
_DAY_OF_MONTH = re.compile(
    r"[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|er|\.)? [^\W\d_]{3,12}\.?"
)
"""Matches a day and month without a year."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "th", "dt", "summary"})
_YEAR_LABEL = re.compile(r"year|annee|anno|jahr|a\u00f1o|ann\u00e9e", re.IGNORECASE)
_AROUND_DATE = " \r\n\t|\u00b7\u2013\u2014-,():"
_TAILS = 8
"""Most texts after child elements that are tried as dates."""


def is_month_first(tree: html.HtmlElement, dates: list[str]) -> bool:
    """Return whether `11/05/2026` means 5 November here, from the other dates or the language."""
    pairs = [
        (int(one[1]), int(one[2])) for date_text in dates for one in _SLASHED.finditer(date_text)
    ]
    if any(first > 12 for first, _ in pairs):
        return False
    return markup.is_american(tree) or any(second > 12 for _, second in pairs)


def dated(tree: html.HtmlElement, now: datetime) -> Iterator[tuple[html.HtmlElement, str]]:
    """Yield each element of a page that has a date, with the date's text, in page order."""
    looked_at = 0
    year = ""
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "a", "body"}:
            continue
        year = _year_of(element, now) or year
        for date_text, sure in _candidates(element):
            text = date_text.strip()
            if not text or len(text) > _DATE_LENGTH:
                continue
            looked_at += 1
            if looked_at > _MOST_DATES:
                return
            if found := _dated(text, year, now, sure=sure):
                yield element, found
                break


def _dated(text: str, year: str, now: datetime, *, sure: bool) -> str | None:
    """Return the date text, with a year added if needed, or None if it is not a date."""
    sure = sure or bool(year and _DAY_OF_MONTH.fullmatch(text))
    if not (sure or LOOKS_DATED.search(text) or ago(text.casefold())):
        return None
    if parse_date(text, now):
        return text
    return _with_year(text, year, now) if sure else None


def _candidates(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    is_time = element.tag == "time" or (element.get("itemprop") or "").startswith("date")
    if is_time:
        for date_text in markup.dates_of(element):
            yield date_text, True
        return
    for date_text in markup.dates_in_attributes(element):
        yield date_text, True
    labelled = bool(_DATE_LABEL.search(markup.names_of(element)))
    if element.text and element.text.strip():
        yield element.text, labelled
    if labelled and len(element) and next(element.iter("time"), None) is None:
        # Day, month and year may be separate elements.
        pieces = list(islice(element.itertext(), 12))
        if len(pieces) < 12:
            yield clean.one_line(" ".join(map(str, pieces)))[: _DATE_LENGTH + 1], True
    yield from _pieces(element)


def _pieces(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield possible dates from an unlabelled element: an `abbr` title, texts after children."""
    if not len(element) and element.tag != "abbr":
        return
    if element.tag == "abbr" and element.get("title"):
        yield element.get("title"), True
    for child in islice(element, _TAILS):
        # A date may follow a link without an element of its own.
        if child.tail and any(map(str.isdigit, child.tail[:_DATE_LENGTH])):
            yield child.tail.strip(_AROUND_DATE), False


def _with_year(text: str, year: str, now: datetime) -> str | None:
    """Return `12 November` with the year of the heading above, or its latest past year; or None."""
    if _YEAR.search(text):
        return None
    years = (f"{text} {one}" for one in ((year,) if year else (now.year, now.year - 1)))
    return next((one for one in years if parse_date(one, now)), None)


def _year_of(element: html.HtmlElement, now: datetime) -> str:
    """Return the year that an element names as a heading (`2026`, `May 2026`); else empty."""
    text = (element.text or "").strip()
    found = _PERIOD.search(text) if len(text) <= _DATE_LENGTH else None
    if not found or len(element) or any(one.tag == "a" for one in element.iterancestors()):
        return ""
    if any(map(str.isdigit, text[: found.start()])):
        return ""
    if found["month"]:
        return found["year"] if parse_date(f"1 {found.group()}", now) else ""
    is_heading = element.tag in _HEADINGS or _YEAR_LABEL.search(markup.names_of(element))
    return found["year"] if is_heading and found.group() == text else ""
