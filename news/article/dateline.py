"""Publication date of an article's page, from its metadata or its visible text."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from htmldate import find_date

from news.article import boilerplate
from news.html import json_ld, markup
from news.text import clean
from news.text.date_words import LOOKS_DATED
from news.text.dates import day_in, parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_PUBLISHED = (
    *("article:published_time", "datepublished", "pubdate", "publishdate", "publish_date"),
    *("parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created"),
    *("dc.date", "date", "cxenseparse:recs:publishtime", "dc.date.created", "pub_date"),
    *("article_date_original", "og:article:published_time", "shareaholic:article_published_time"),
)
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_DATE_LABEL = re.compile(
    r"date|publish|posted|timestamp|byline|pubtime|fecha|datum|meta\b|data\b", re.IGNORECASE
)
_OTHER_LABEL = re.compile(r"comment|updated|modified|copyright|event|expire", re.IGNORECASE)
_PUBLISHES = re.compile(r"publish|pubdate|entry-date", re.IGNORECASE)
"""Matches class names of a publication date, such as `published updated`."""
_SHORT = (
    *("dd", "dt", "abbr", "span", "p", "div", "h2", "h3", "h4", "h5", "h6"),
    *("li", "td", "small", "em", "i", "b", "font", "a"),
)
_WHOLE_DATE = re.compile(
    r"\d{4}[-/.\u5e74]\s?\d{1,2}[-/.\u6708]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|"
    r"\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}|[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
)
"""Matches a day with its year. `LOOKS_DATED` is looser, and needs a label beside the date."""
_UPDATED = re.compile(
    r"\W{0,3}(?:last |ultimo )?(?:updated?|modified|aggiornat[oa]|aggiornamento|mis \u00e0 jour|"
    r"actualizad[oa]|aktualisiert|\u66f4\u65b0)",
    re.IGNORECASE,
)
"""Matches the words before the date of a later version."""
_LABELS = ("itemprop", "class", "id")
_LONGEST = 70
"""Most characters of a text with a date and little else."""
_BARE_LONGEST = 40
"""Most characters of a text with a date and little else, if it has no label."""
_ZONES = timedelta(hours=14)
"""Largest difference between local time and UTC."""
_NEAR = 40
"""Most elements between the headline and a text that is near it."""
_PIECES = 12
_MOST = 400
"""Most candidates of one page that are looked at."""


class _Candidate(NamedTuple):
    """Texts that may be the date, with their distance from the headline; likeliest first."""

    updated: bool
    aside: bool
    elsewhere: bool
    distance: int
    written: tuple[str, ...]


def published(
    tree: html.HtmlElement,
    thing: dict[str, Any],
    heading: html.HtmlElement | None,
    url: str,
    now: datetime,
) -> datetime | None:
    """Return when the article was published, or None if there is no plausible date."""
    written = [
        json_ld.words(thing.get("datePublished")),
        json_ld.words(thing.get("uploadDate")),
        *markup.meta(tree, *_PUBLISHED),
    ]
    found = first(written, now)
    if found and found.time() != time.min:
        return found
    shown = sorted(_shown(tree, heading))
    if found:
        # The metadata has only the day; the visible text may have the time.
        exact = (
            date
            for candidate in shown
            if not candidate.aside and (date := first(candidate.written, now))
        )
        return next((date for date in exact if _is_hour_of(date, found)), found)
    american = markup.is_american(tree)
    for candidate in shown:
        if not candidate.aside and (found := first(candidate.written, now, month_first=american)):
            return found
    return (
        parse_date(day_in(url), now)
        or first((json_ld.words(thing.get("dateCreated")),), now)
        or first((json_ld.words(thing.get("dateModified")), *markup.meta(tree, *_MODIFIED)), now)
        or next((date for one in shown if (date := first(one.written, now))), None)
        or _guessed(tree, url, now)
    )


def _guessed(tree: html.HtmlElement, url: str, now: datetime) -> datetime | None:
    """Return the day that htmldate finds, or None. htmldate knows many publishing systems."""
    page = deepcopy(tree)
    for one in list(page.iter("*")):
        if _answers(one) and one.getparent() is not None and next(one.iter("h1"), None) is None:
            one.drop_tree()
    day = find_date(
        page,
        extensive_search=False,
        original_date=True,
        url=url,
        max_date=(now + timedelta(days=1)).strftime("%Y-%m-%d"),
    )
    return parse_date(day or "", now)


def _is_hour_of(date: datetime, day: datetime) -> bool:
    """Return whether `date` has a time of day and falls on `day` in some time zone."""
    return date.time() != time.min and -_ZONES <= date - day < timedelta(days=1) + _ZONES


def first(written: Iterable[str], now: datetime, *, month_first: bool = False) -> datetime | None:
    """Return the first plausible date, or None.

    Args:
        month_first: Whether `11/05/2026` means 5 November.
    """
    dates = (parse_date(one, now, month_first=month_first) for one in written)
    return next((date for date in dates if date), None)


def _answers(element: html.HtmlElement) -> bool:
    return element.tag == "blockquote" or bool(
        boilerplate.COMMENTS.search(markup.names_of(element))
    )


def _shown(tree: html.HtmlElement, heading: html.HtmlElement | None) -> Iterator[_Candidate]:
    own = set() if heading is None else set(heading.iterancestors())
    article = next(heading.iterancestors("article"), None) if heading is not None else None
    at = (
        next(place for place, one in enumerate(tree.iter()) if one is heading)
        if heading is not None
        else 0
    )
    found = 0
    for place, one in enumerate(tree.iter()):
        if not isinstance(one.tag, str):
            continue
        written = _dates_in(one, near=heading is not None and abs(place - at) <= _NEAR)
        if written:
            found += 1
            if found > _MOST:
                return
            around = list(one.iterancestors())
            if any(each not in own and _answers(each) for each in around):
                continue
            # Dates above the headline often belong to something else.
            distance = place - at if place > at else 3 * (at - place)
            yield _Candidate(
                _is_update(one),
                any(each.tag in markup.ASIDE and each not in own for each in around),
                article is not None and article not in around,
                distance + (_NEAR if any(each.tag in {"li", "a"} for each in around) else 0),
                written,
            )


def _is_update(element: html.HtmlElement) -> bool:
    """Return whether the words before a date, in its element or around it, say `Updated`."""
    before = element.text or ""
    around = element.getparent()
    if element.tag == "time" and around is not None:
        previous = element.getprevious()
        before = (around.text if previous is None else previous.tail) or ""
    return bool(_UPDATED.match(before.strip()[:_LONGEST]))


def _dates_in(element: html.HtmlElement, *, near: bool) -> tuple[str, ...]:
    """Return texts that may be the date of an element, near the headline or not; () if none."""
    around = element.getparent()
    named = (element,) if around is None or around.tag in {"body", "html"} else (element, around)
    label = " ".join(one.get(name) or "" for one in named for name in _LABELS)
    if _OTHER_LABEL.search(label) and not _PUBLISHES.search(label):
        return ()
    if element.tag == "time":
        return tuple(filter(None, (element.get("datetime"), text_of(element))))
    in_attributes = tuple(markup.dates_in_attributes(element))
    labelled = bool(_DATE_LABEL.search(label))
    begins = near and _WHOLE_DATE.search((element.text or "")[:_LONGEST])
    if element.tag not in _SHORT or (_holds_the_date(element) and not begins):
        titled = element.get("title") or "" if labelled else ""
        return (*in_attributes, titled) if LOOKS_DATED.search(titled) else in_attributes
    if not (labelled or near):
        return in_attributes
    written = element.text if begins else text_of(element)
    text = clean.one_line(written or element.text or "")
    if element.tag == "a":
        return (text,) if len(text) <= _BARE_LONGEST and _WHOLE_DATE.search(text) else ()
    given: tuple[str, ...] = ()
    if labelled:
        given = (element.get("content") or "", element.get("title") or "", text)
    elif len(text) <= _BARE_LONGEST and LOOKS_DATED.search(text):
        given = (text,)
    elif whole := _WHOLE_DATE.search(text[:_LONGEST]):
        given = (text[whole.start() :],)
    return in_attributes + tuple(one for one in given if one and len(one) <= _LONGEST)


def _holds_the_date(element: html.HtmlElement) -> bool:
    return any(
        one.tag == "time"
        or (one.text and len(one.text) <= _LONGEST and _WHOLE_DATE.search(one.text))
        for one in islice(element.iterdescendants(), _PIECES)
    )


def text_of(element: html.HtmlElement) -> str:
    """Return the text of an element with at most twelve descendants; empty for a larger one."""
    within = list(islice(element.iter(), _PIECES + 1))
    if len(within) > _PIECES:
        return ""
    pieces = [element.text, *(written for one in within[1:] for written in (one.text, one.tail))]
    return clean.one_line(" ".join(str(written)[:500] for written in pieces if written))
