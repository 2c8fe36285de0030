"""When an article's page says it was written: by its data, else as readers see it."""

from __future__ import annotations

import re
from datetime import time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from news import clean, linked, markup
from news.dates import day_in, parse_date
from news.datewords import LOOKS_DATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_PUBLISHED = (
    *("article:published_time", "datepublished", "og:published_time", "pubdate", "publishdate"),
    *("publish_date", "publish-date", "parsely-pub-date", "sailthru.date", "dc.date.issued"),
    *("dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "date", "article:published"),
    *("cxenseparse:recs:publishtime", "publication_date", "release_date", "dc.date.created"),
    *("article_date_original", "originalpublicationdate", "pub_date", "published_at", "bt:pubdate"),
    *("published-date", "vr:published_time", "rnews:datepublished", "og:article:published_time"),
    *("weibo:article:create_at", "shareaholic:article_published_time", "dcterms.date.created"),
)
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_DATE_LABEL = re.compile(
    r"date|publish|posted|timestamp|byline|pubtime|fecha|datum|meta\b|data\b", re.IGNORECASE
)
_OTHER_LABEL = re.compile(r"comment|updated|modified|copyright|event|expire", re.IGNORECASE)
_SHORT = (
    *("dd", "dt", "abbr", "span", "p", "div", "h2", "h3", "h4", "h5", "h6"),
    *("li", "td", "small", "em", "i", "b", "font"),
)
_WHOLE_DATE = re.compile(
    r"\d{4}[-/.\u5e74]\s?\d{1,2}[-/.\u6708]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|"
    r"\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}|[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
)
"""A day with its year; the looser form also has what needs a label beside it."""
_LATER = re.compile(
    r"[\s,;|(/\u00b7\u2013\u2014-]*(?:(?:last )?updated|modified|mise? \u00e0 jour|modifi\u00e9|"
    r"(?:zuletzt )?aktualisiert|aggiornato|ultimo aggiornamento|modificato|actualizado|"
    r"\u66f4\u65b0\u65e5|\u6700\u7d42\u66f4\u65b0)",
    re.IGNORECASE,
)
_BEFORE_DATE = re.compile(
    r"^.{0,80}?\b(?:published|posted|publi\u00e9e?|pubblicato|ver\u00f6ffentlicht|publicado)"
    r"(?:\s(?:on|le|il|am|el|em))?[:\s]+",
    re.IGNORECASE,
)
_DAY_IN_NAME = re.compile(r"[/_-](20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_NAMED_DAY = re.compile(r"/(20\d\d)/([a-z]{3})/(\d{1,2})/", re.IGNORECASE)
_LABELS = ("itemprop", "class", "id")
_LONGEST = 70
"""Characters of a text that is a date and what stands around it."""
_BARE_LONGEST = 40
"""The same, where nothing but its form calls it a date."""
_ZONES = timedelta(hours=14)
"""Hours that a country's day is before or after another's, at most."""
_NEAR = 40
"""Elements between the headline and such a text."""
_PIECES = 12
_MOST = 400
"""Candidates of one page that are looked at."""


class _Told(NamedTuple):
    """A text that may be the date, with how far from the headline it stands."""

    aside: bool
    elsewhere: bool
    distance: int
    said: tuple[str, ...]


def published(
    tree: html.HtmlElement,
    thing: dict[str, Any],
    heading: html.HtmlElement | None,
    url: str,
    now: datetime,
) -> datetime | None:
    """When the article was published; None where nothing that can be believed says so.

    Args:
        tree: Its page.
        thing: The article in the page's JSON-LD.
        heading: What shows its title; dates near it are likelier.
        url: Where it is; some addresses name the day.
        now: The present.
    """
    said = [
        linked.words(thing.get("datePublished")),
        linked.words(thing.get("uploadDate")),
        *markup.meta(tree, *_PUBLISHED),
        *_stated(tree),
    ]
    found = first(said, now)
    if found and found.time() != time.min:
        return found
    shown = sorted(_shown(tree, heading))
    if found:
        # Data that know only the day: readers may be told the hour.
        exact = (date for told in shown if not told.aside and (date := first(told.said, now)))
        return next((date for date in exact if _is_hour_of(date, found)), found)
    american = (tree.get("lang") or "").lower().replace("_", "-") == "en-us"
    for told in shown:
        if not told.aside and (found := first(told.said, now, month_first=american)):
            return found
    return (
        parse_date(day_in(url) or _day_within(url), now)
        or first((linked.words(thing.get("dateCreated")),), now)
        or first((linked.words(thing.get("dateModified")), *markup.meta(tree, *_MODIFIED)), now)
        or next((date for one in shown if (date := first(one.said, now))), None)
    )


def _is_hour_of(date: datetime, day: datetime) -> bool:
    """Whether a date is on a day, in some country, and says the hour."""
    return date.time() != time.min and -_ZONES <= date - day < timedelta(days=1) + _ZONES


def _day_within(url: str) -> str:
    """The day in an address such as `/2026-11-23/boutique`, `/20261123/1.html`, `/2026/nov/23/`."""
    found = _DAY_IN_NAME.search(url)
    if found:
        return "-".join(found.groups())
    named = _NAMED_DAY.search(url)
    return " ".join(reversed(named.groups())) if named else ""


def first(said: Iterable[str], now: datetime, *, month_first: bool = False) -> datetime | None:
    """The first date that can be believed; see `news.dates` on `11/05/2026`."""
    dates = (parse_date(one, now, month_first=month_first) for one in said)
    return next((date for date in dates if date), None)


def _stated(tree: html.HtmlElement) -> Iterator[str]:
    """What elements say that call themselves the date of publication."""
    for one in tree.iter("time", "span", "p", "div", "abbr", "td", "li"):
        if (
            one.get("itemprop") == "datePublished"
            or (one.tag == "time" and one.get("pubdate") is not None)
            or (one.tag == "abbr" and "published" in (one.get("class") or "").split())
        ):
            given = (one.get(name) or "" for name in ("datetime", "content", "title"))
            yield from (*given, text_of(one))


def _shown(tree: html.HtmlElement, heading: html.HtmlElement | None) -> Iterator[_Told]:
    """Dates as readers see them: nearest to the headline first, what stands aside last."""
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
        said = _said(one, near=heading is not None and abs(place - at) <= _NEAR)
        if said:
            found += 1
            if found > _MOST:
                return
            around = list(one.iterancestors())
            # What stands above the headline is more often of something else.
            distance = place - at if place > at else 3 * (at - place)
            yield _Told(
                any(each.tag in {"aside", "nav", "footer"} for each in around),
                article is not None and article not in around,
                distance + (_NEAR if any(each.tag in {"li", "a"} for each in around) else 0),
                said,
            )


def _said(element: html.HtmlElement, *, near: bool) -> tuple[str, ...]:
    """What may be a date in an element; () where nothing is."""
    around = element.getparent()
    named = (element,) if around is None or around.tag in {"body", "html"} else (element, around)
    label = " ".join(one.get(name) or "" for one in named for name in _LABELS)
    if _OTHER_LABEL.search(label):
        return ()
    if element.tag == "time" and _LATER.match(_before(element)):
        return ()
    if element.tag == "time":
        return tuple(filter(None, (element.get("datetime"), text_of(element))))
    in_attributes = tuple(markup.dates_in_attributes(element))
    labelled = bool(_DATE_LABEL.search(label))
    if element.tag not in _SHORT or _holds_the_date(element):
        titled = element.get("title") or "" if labelled else ""
        return (*in_attributes, titled) if LOOKS_DATED.search(titled) else in_attributes
    if not (labelled or near):
        return in_attributes
    text = _published_part(text_of(element))
    given: tuple[str, ...] = ()
    if labelled:
        given = (element.get("content") or "", element.get("title") or "", text)
    elif len(text) <= _BARE_LONGEST and LOOKS_DATED.search(text):
        given = (text,)
    elif whole := _WHOLE_DATE.search(text[:_LONGEST]):
        given = (text[whole.start() :],)
    return in_attributes + tuple(one for one in given if one and len(one) <= _LONGEST)


def _before(element: html.HtmlElement) -> str:
    """The words right before an element, as a label of it."""
    beside = element.getprevious()
    around = element.getparent()
    text = beside.tail if beside is not None else around.text if around is not None else ""
    return (text or "").strip()


def _holds_the_date(element: html.HtmlElement) -> bool:
    """Whether a part of an element says the date by itself: the words beside it only confuse."""
    return any(
        one.tag == "time"
        or (one.text and len(one.text) <= _LONGEST and _WHOLE_DATE.search(one.text))
        for one in islice(element.iterdescendants(), _PIECES)
    )


def _published_part(text: str) -> str:
    """`Published 23 Nov 2026, updated 24 Nov 2026` without what was changed later."""
    cut = _LATER.search(text)
    if cut and LOOKS_DATED.search(text[: cut.start()]):
        text = text[: cut.start()]
    begin = _BEFORE_DATE.search(text)
    return text[begin.end() :] if begin else text


def text_of(element: html.HtmlElement) -> str:
    """The words of an element that holds few others; what holds half a page is no date's."""
    within = list(islice(element.iter(), _PIECES + 1))
    if len(within) > _PIECES:
        return ""
    pieces = [element.text, *(said for one in within[1:] for said in (one.text, one.tail))]
    return clean.one_line(" ".join(str(said)[:500] for said in pieces if said))
