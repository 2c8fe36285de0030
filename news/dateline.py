"""When an article's page says it was written, and by whom: by its data, else as readers see it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from news import clean, linked, markup
from news.dates import day_in, parse_date
from news.datewords import LOOKS_DATED
from news.item import byline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_PUBLISHED = (
    *("article:published_time", "datepublished", "og:published_time", "pubdate", "publishdate"),
    *("publish_date", "publish-date", "parsely-pub-date", "sailthru.date", "dc.date.issued"),
    *("dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "date", "article:published"),
    *("cxenseparse:recs:publishtime", "publication_date", "release_date"),
)
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_DATE_LABEL = re.compile(
    r"date|publish|posted|timestamp|byline|pubtime|fecha|datum|meta\b|data\b", re.IGNORECASE
)
_OTHER_LABEL = re.compile(r"comment|updated|modified|copyright|event|expire", re.IGNORECASE)
_SHORT = (
    *("abbr", "span", "p", "div", "h2", "h3", "h4", "h5", "h6"),
    *("li", "td", "small", "em", "i", "b", "font"),
)
_LONGEST = 70
"""Characters of a text that is a date and what stands around it."""
_BARE_LONGEST = 40
"""The same, where nothing but its form calls it a date."""
_NEAR = 40
"""Elements between the headline and such a text."""
_PIECES = 12
_MOST = 400
"""Candidates of one page that are looked at."""
_AUTHOR_LABEL = re.compile(
    r"^(?:\S*\s)*?\S*(?:byline|by-line|author|autor|auteur|autore)(?:[_-]*name)?s?(?:\s|$)",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"written by|author|verfasst von|\u00e9crit par|scritto da|escrito por|geschreven door|"
    r"napisane przez|\u57f7\u7b46\u8005|\u4f5c\u8005",
    re.IGNORECASE,
)
_AUTHOR_LONGEST = 80
# Those who commented, and the writers of other articles.
_OF_ANOTHER = re.compile(r"comment|related|sidebar|recommend|popular|more-", re.IGNORECASE)
_AFTER_NAME = re.compile(
    r"\s+[|\u00b7\u2022\u2013\u2014-]\s+|\s*[|\n]|,?\s+(?:on\s+)?(?=\d)|\s+on\s"
)


class _Told(NamedTuple):
    """A text that may be the date, with how far from the headline it stands."""

    aside: bool
    elsewhere: bool
    distance: int
    said: tuple[str, ...]


def published(
    tree: html.HtmlElement, thing: dict[str, Any], headline: str, url: str, now: datetime
) -> datetime | None:
    """When the article was published; None where nothing that can be believed says so.

    Args:
        tree: Its page.
        thing: The article in the page's JSON-LD.
        headline: Its title; dates near it are likelier.
        url: Where it is; some addresses name the day.
        now: The present.
    """
    said = [
        linked.words(thing.get("datePublished")),
        *markup.meta(tree, *_PUBLISHED),
        *_stated(tree),
    ]
    found = _first(said, now)
    if found:
        return found
    shown = sorted(_shown(tree, headline))
    for told in shown:
        if not told.aside and (found := _first(told.said, now)):
            return found
    return (
        parse_date(day_in(url), now)
        or _first((linked.words(thing.get("dateCreated")),), now)
        or _first((linked.words(thing.get("dateModified")), *markup.meta(tree, *_MODIFIED)), now)
        or next((date for one in shown if (date := _first(one.said, now))), None)
    )


def _first(said: Iterator[str] | list[str] | tuple[str, ...], now: datetime) -> datetime | None:
    return next((date for one in said if (date := parse_date(one, now))), None)


def _stated(tree: html.HtmlElement) -> Iterator[str]:
    """What elements say that call themselves the date of publication."""
    for one in tree.iter("time", "span", "p", "div", "abbr", "td", "li"):
        if (
            one.get("itemprop") == "datePublished"
            or (one.tag == "time" and one.get("pubdate") is not None)
            or (one.tag == "abbr" and "published" in (one.get("class") or "").split())
        ):
            given = (one.get(name) or "" for name in ("datetime", "content", "title"))
            yield from (*given, _text(one))


def _heading(tree: html.HtmlElement, headline: str) -> html.HtmlElement | None:
    """The element that shows the headline; where none has just its words, the first heading."""
    sought = headline.casefold()
    first = None
    for one in tree.iter("h1", "h2", "h3", "b", "strong", "font", "td", "p", "div", "span"):
        if one.tag == "h1" or one.text:
            text = _text(one)
            if text and text.casefold() == sought:
                return one
            first = one if first is None and one.tag == "h1" and text else first
    return first


def _shown(tree: html.HtmlElement, headline: str) -> Iterator[_Told]:
    """Dates as readers see them: nearest to the headline first, what stands aside last."""
    heading = _heading(tree, headline)
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
    label = " ".join(element.get(name) or "" for name in ("itemprop", "class", "id"))
    if _OTHER_LABEL.search(label):
        return ()
    if element.tag == "time":
        return tuple(filter(None, (element.get("datetime"), _text(element))))
    in_attributes = tuple(markup.dates_in_attributes(element))
    if element.tag not in _SHORT:
        return in_attributes
    labelled = bool(_DATE_LABEL.search(label))
    if not (labelled or near):
        return in_attributes
    text = _text(element)
    if labelled:
        given = (element.get("content") or "", element.get("title") or "", text)
        return in_attributes + tuple(one for one in given if one and len(one) <= _LONGEST)
    bare = len(text) <= _BARE_LONGEST and LOOKS_DATED.search(text)
    return (*in_attributes, text) if bare else in_attributes


def _text(element: html.HtmlElement) -> str:
    """The words of an element that holds few others; what holds half a page is no date's."""
    within = list(islice(element.iter(), _PIECES + 1))
    if len(within) > _PIECES:
        return ""
    pieces = [element.text, *(said for one in within[1:] for said in (one.text, one.tail))]
    return clean.one_line(" ".join(str(said)[:500] for said in pieces if said))


def author(tree: html.HtmlElement, thing: dict[str, Any]) -> str | None:
    """Who wrote the article; None where nobody is named."""
    told = [
        linked.names(thing.get("author")),
        linked.names(thing.get("creator")),
        *([one] for one in markup.meta(tree, "author", "article:author", "dc.creator")),
        *([one] for one in markup.meta(tree, "sailthru.author", "parsely-author", "byl")),
        [text for label, text in _labelled(tree) if _WRITTEN_BY.fullmatch(label)],
    ]
    for names in told:
        found = byline(names)
        if found:
            return found
    return next((found for one in _bylines(tree) if (found := byline([one]))), None)


def _named(element: html.HtmlElement) -> str:
    return (
        f"{element.get('class') or ''} {element.get('id') or ''}" if element.tag != "body" else ""
    )


def _labelled(tree: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """What a page tells beside its card for other sites, each with its label."""
    for number in ("1", "2"):
        labels = markup.meta(tree, f"twitter:label{number}")
        yield from zip(labels, markup.meta(tree, f"twitter:data{number}"), strict=False)


def _bylines(tree: html.HtmlElement) -> Iterator[str]:
    """Short texts in elements that call themselves the author's, the surest first."""
    sure: list[str] = []
    likely: list[str] = []
    looked_at = 0
    for one in tree.iter("a", "span", "p", "div", "address", "li"):
        label = f"{one.get('class') or ''}"
        is_sure = "author" in (one.get("rel") or "").split() or one.get("itemprop") == "author"
        if not is_sure and not _AUTHOR_LABEL.match(label[:200]):
            continue
        looked_at += 1
        if looked_at > _MOST:
            break
        if any(_OF_ANOTHER.search(_named(each)) for each in one.iterancestors()):
            continue
        if is_sure:
            within = next((each for each in one.iter() if each.get("itemprop") == "name"), one)
            text = _text(within) or within.get("content") or ""
        else:
            text = _AFTER_NAME.split(_text(one), maxsplit=1)[0]
        if text and len(text) <= _AUTHOR_LONGEST and not re.search(r"\d", text):
            (sure if is_sure else likely).append(text)
    yield from sure
    yield from likely
