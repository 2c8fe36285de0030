"""Dates on a page that lists articles, wherever it sets them: each is the mark of one article."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

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
_HEAD_LENGTH = 12
"""Characters of a day's, a month's or a year's own element."""
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.](?:\d{4}|\d{2})(?!\d)")
_CHANGED = re.compile(r"updated|modified", re.IGNORECASE)
_DATE_LABEL = re.compile(r"date|time|publish|posted|meta", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}|['\u2019]\d{2}\b")
_PERIOD = re.compile(
    r"[^\W\d_]{3,12}\.?,?\s(?:de\s|del\s)?(?:19|20)\d\d$|(?:19|20)\d\d\s?\u5e74\s?\d{1,2}\s?\u6708$|"
    r"(?P<year>(?:19|20)\d\d)\u5e74?$"
)
_PERIOD_ENDS = frozenset("0123456789stndrhe.,\u00ba\u5e74\u6708\u65e5\u53f7\u865f")
"""The last letter of a year, a month's year, or a day."""
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|\.|\u00ba|\u65e5|\u53f7|\u865f)?,?")
_DAY_OF_MONTH = re.compile(
    r"[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|er|\.)? [^\W\d_]{3,12}\.?"
)
"""A day without its year."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "th", "dt", "summary"})
_YEAR_LABEL = re.compile(r"year|annee|anno|jahr|a\u00f1o|ann\u00e9e", re.IGNORECASE)
_IN_THREE = re.compile(r"\d{1,2} [^\W\d_]{3,12}\.? (?:\d{4}|['\u2019]\d{2})")
_AROUND_DATE = " \r\n\t|\u00b7\u2013\u2014-,():"
_LINKS = 3
"""Links of an element that is a list by itself."""
_TAILS = 8
"""Texts behind the children of an element that may be dates."""


class _Period(NamedTuple):
    """What a heading says of all dates beneath it."""

    year: str
    """Empty where nothing says it."""
    month: int | None


def dated(tree: html.HtmlElement, now: datetime) -> list[tuple[html.HtmlElement, str]]:
    """The elements of a page that say a date, and what they say, in the page's order.

    Where an article was changed later too, the day of its publication goes first.
    """
    return sorted(_found(tree, now), key=lambda one: bool(_CHANGED.search(_label(one[0]))))


def is_month_first(tree: html.HtmlElement, dates: list[str]) -> bool:
    """Whether `11/05/2026` is of November here, by the page's other dates, or its language."""
    pairs = [
        (int(one[1]), int(one[2])) for date_text in dates for one in _SLASHED.finditer(date_text)
    ]
    if any(first > 12 for first, _ in pairs):
        return False
    american = (tree.get("lang") or "").lower().replace("_", "-") == "en-us"
    return american or any(second > 12 for _, second in pairs)


def _found(tree: html.HtmlElement, now: datetime) -> Iterator[tuple[html.HtmlElement, str]]:
    looked_at = 0
    period = _Period("", None)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "a", "body"}:
            continue
        head = (element.text or "").strip()
        if head and head[-1] in _PERIOD_ENDS and len(head) <= _DATE_LENGTH:
            period = _period(element, head, now) or period
            day = _day_of(period, head, now)
            if day:
                yield element, day
                continue
        if len(element) >= _LINKS and len(lines := _by_lines(element, now)) >= _LINKS:
            # Articles with their dates in one paragraph, a line each.
            yield from lines
            continue
        for date_text, sure in _candidates(element):
            text = date_text.strip()
            if not text or len(text) > _DATE_LENGTH:
                continue
            looked_at += 1
            if looked_at > _MOST_DATES:
                return
            if dated := _dated(text, period.year, now, sure=sure):
                yield element, dated
                break


def _dated(text: str, year: str, now: datetime, *, sure: bool) -> str | None:
    """The date that a text says; a sure one may leave its year to the heading above."""
    sure = sure or bool(year and _DAY_OF_MONTH.fullmatch(text))
    if not (sure or LOOKS_DATED.search(text) or ago(text.casefold())):
        return None
    if parse_date(text, now):
        return text
    return _with_year(text, year, now) if sure else None


def _day_of(period: _Period, head: str, now: datetime) -> str | None:
    """The day that a number is of a heading's month; None for what is none."""
    day = _DAY.fullmatch(head) if period.month else None
    date_text = f"{period.year}-{period.month}-{day[1]}" if day else ""
    return date_text if parse_date(date_text, now) else None


def _by_lines(element: html.HtmlElement, now: datetime) -> list[tuple[html.HtmlElement, str]]:
    """The links among an element's words, each with the date before it, or behind it."""
    if [child.tag for child in element].count("a") < _LINKS:
        return []
    found = [one for one in _in_line(element) if not isinstance(one, str) or _is_date(one, now)]
    if found and not isinstance(found[0], str):
        found.reverse()
    return [
        (link, date_text)
        for date_text, link in pairwise(found)
        if isinstance(date_text, str) and not isinstance(link, str)
    ]


def _in_line(element: html.HtmlElement) -> Iterator[html.HtmlElement | str]:
    """The links of an element and the words between them, in their order."""
    yield (element.text or "").strip(_AROUND_DATE)
    for child in islice(element, _MOST_DATES):
        yield child if child.tag == "a" else (child.text or "").strip(_AROUND_DATE)
        yield (child.tail or "").strip(_AROUND_DATE)


def _is_date(text: str, now: datetime) -> bool:
    return bool(len(text) <= _DATE_LENGTH and LOOKS_DATED.search(text) and parse_date(text, now))


def _candidates(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    """What may be the date of an element, and whether the element calls it one."""
    is_time = element.tag == "time" or (element.get("itemprop") or "").startswith("date")
    if is_time:
        for date_text in markup.dates_of(element):
            yield date_text, True
        return
    for date_text in markup.dates_in_attributes(element):
        yield date_text, True
    labelled = bool(_DATE_LABEL.search(_label(element)))
    if element.text and element.text.strip():
        yield element.text, labelled
    if labelled and len(element) and next(element.iter("time"), None) is None:
        # A day, a month and a year may be elements of their own.
        pieces = list(islice(element.itertext(), 12))
        if len(pieces) < 12:
            yield clean.one_line(" ".join(map(str, pieces)))[: _DATE_LENGTH + 1], True
    yield from _pieces(element)


def _pieces(element: html.HtmlElement) -> Iterator[tuple[str, bool]]:
    """What may be a date in an element that nothing calls one, and holds others."""
    if not len(element) and element.tag != "abbr":
        return
    heads = [(child.text or "").strip() for child in islice(element, 3)]
    if len(heads) == 3 and all(0 < len(head) <= _HEAD_LENGTH for head in heads):
        yield " ".join(heads), bool(_IN_THREE.fullmatch(" ".join(heads)))
    if element.tag == "abbr" and element.get("title"):
        yield element.get("title"), True
    for child in islice(element, _TAILS):
        # A date may stand behind a link, in no element of its own.
        if child.tail and any(map(str.isdigit, child.tail[:_DATE_LENGTH])):
            yield child.tail.strip(_AROUND_DATE), False


def _label(element: html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _with_year(text: str, year: str, now: datetime) -> str | None:
    """`12 November` with the year of the heading above it, else with that in which it was last."""
    if _YEAR.search(text):
        return None
    years = (f"{text} {one}" for one in ((year,) if year else (now.year, now.year - 1)))
    return next((one for one in years if parse_date(one, now)), None)


def _period(element: html.HtmlElement, head: str, now: datetime) -> _Period | None:
    """The year, or the month, of which an element is the heading; None for what is none.

    Args:
        element: What may be one.
        head: Its words.
        now: The present.
    """
    text = clean.one_line(head)
    found = _PERIOD.search(text)
    if not found or len(element) or any(one.tag == "a" for one in element.iterancestors()):
        return None
    if any(map(str.isdigit, text[: found.start()])):
        return None
    if found["year"]:
        is_heading = element.tag in _HEADINGS or _YEAR_LABEL.search(_label(element))
        return _Period(found["year"], None) if is_heading and found[0] == text else None
    # A calendar's caption stands above numbers that are all of its days.
    if element.tag in {"caption", "option", "time"}:
        return None
    first = parse_date(f"1 {found[0]}", now) or parse_date(f"{found[0]}1\u65e5", now)
    return _Period(str(first.year), first.month) if first is not None and first.day == 1 else None
