"""A page that lists articles, where a source has no feed. Runs in a worker.

By the source's CSS selectors where it gives them; else by the page's own JSON-LD; else by what
repeats on it: blocks of one shape, each with a date and a link of some words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from news import clean, markup
from news.dates import parse_date
from news.entry import Entry, Parsed, Refused, UnreadableError
from news.item import Raw, entry_of
from news.links import absolute, same_site
from news.selectors import compiled
from news.tag import code
from news.wall import check_is_no_wall, page_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

MAX_ITEMS = 200
_ARTICLES = frozenset({"Article", "NewsArticle", "BlogPosting", "Report", "PressRelease"})
_LEAST = 3
"""Blocks of one shape that make a list."""
_TITLE_LEAST = 12
"""Letters of a link that is a headline; a CJK letter counts as three."""
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DATE_WORDS = re.compile(
    r"\d{4}\s*[-/.\u5e74]\s*\d{1,2}|\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2,4}|"
    r"\d{1,2}(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?\w{3,10}\.?,?\s+(?:de\s+)?\d{4}|"
    r"[A-Z]\w{2,8}\.?\s+\d{1,2},?\s+\d{4}"
)


def read(text: str, url: str, selectors: Mapping[str, str], now: datetime) -> Parsed:
    """The articles that a page lists.

    Raises:
        UnreadableError: `wall page`, `not a page`, `bad selector`, or `no list`: nothing on the
            page repeats like news.
    """
    check_is_no_wall(text)
    tree = markup.tree_of(text)
    base = markup.base_of(tree, url)
    if selectors.get("item"):
        form, raws = "page by selectors", _selected(tree, base, selectors)
    else:
        form, raws = "page by json-ld", _declared(tree, base)
        if not raws:
            form, raws = "page by shape", _repeated(tree, base, now)
    if not raws:
        raise UnreadableError("no list", page_title(text)[:120])
    entries: list[Entry] = []
    refused: list[Refused] = []
    for raw in raws[:MAX_ITEMS]:
        result = entry_of(raw, now)
        if isinstance(result, Entry):
            entries.append(result)
        else:
            refused.append(result)
    return Parsed(
        entries=tuple(entries),
        title=page_title(text),
        refused=tuple(refused),
        form=form,
        site=url,
        language=code(tree.get("lang")),
    )


def _selected(tree: html.HtmlElement, base: str, selectors: Mapping[str, str]) -> list[Raw]:
    raws = []
    for item in compiled(selectors["item"])(tree):
        anchors = _by(item, selectors.get("link")) or _anchors(item)
        titles = _by(item, selectors.get("title")) or _headings(item) or anchors
        dates = _by(item, selectors.get("date")) or list(item.iter("time"))
        images = _by(item, selectors.get("image")) or list(item.iter("img"))
        raws.append(
            Raw(
                links=[link for one in anchors if (link := _href(one))],
                base=base,
                title=next((found for one in titles if (found := markup.text_of(one))), ""),
                dates=[said for one in dates for said in _said(one)],
                images=[link for one in images if (link := _source(one))],
            )
        )
    return raws


def _declared(tree: html.HtmlElement, base: str) -> list[Raw]:
    things = markup.data(tree)
    raws = [_of_thing(one, base) for one in things if markup.kinds(one) & _ARTICLES]
    if len(raws) < _LEAST:
        items = [one for one in things if "ListItem" in markup.kinds(one)]
        raws = [
            _of_thing(inner if isinstance(inner := one.get("item"), dict) else one, base)
            for one in items
        ]
        raws = [raw for raw in raws if raw.title and raw.links]
        # A trail of crumbs is a list of places, not of news.
        if any("BreadcrumbList" in markup.kinds(one) for one in things) and not all(
            raw.dates[0] for raw in raws
        ):
            raws = []
    return raws if len(raws) >= _LEAST else []


def _of_thing(thing: dict[str, Any], base: str) -> Raw:
    return Raw(
        links=[
            link
            for one in (thing.get("url"), thing.get("mainEntityOfPage"), thing.get("@id"))
            if (link := markup.address(one))
        ],
        base=base,
        title=markup.words(thing.get("headline") or thing.get("name")),
        summary=markup.words(thing.get("description")),
        images=[markup.address(thing.get("image"))],
        authors=[markup.words(thing.get("author"))],
        dates=[markup.words(thing.get("datePublished")), markup.words(thing.get("dateModified"))],
    )


def _repeated(tree: html.HtmlElement, base: str, now: datetime) -> list[Raw]:
    """The largest set of blocks of one shape that each hold a date and a headline's link."""
    shapes: dict[str, dict[int, tuple[html.HtmlElement, str]]] = defaultdict(dict)
    for element, said in _dated(tree, now):
        block = _block(element, base)
        if block is not None:
            shapes[_shape(block)].setdefault(id(block), (block, said))
    best: list[tuple[html.HtmlElement, str]] = max(
        (list(blocks.values()) for blocks in shapes.values()), key=len, default=[]
    )
    return [_of_block(block, said, base) for block, said in best] if len(best) >= _LEAST else []


def _dated(tree: html.HtmlElement, now: datetime) -> Iterable[tuple[html.HtmlElement, str]]:
    looked_at = 0
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "a"}:
            continue
        for said in _said(element) if element.tag == "time" else (element.text or "",):
            text = said.strip()
            if not text or len(text) > 60:
                continue
            looked_at += 1
            if looked_at > 5000:
                return
            if (element.tag == "time" or _DATE_WORDS.search(text)) and parse_date(text, now):
                yield element, text
                break


def _block(element: html.HtmlElement, base: str) -> html.HtmlElement | None:
    """The smallest ancestor with a headline's link, as long as it holds one article alone."""
    block: html.HtmlElement | None = element
    for _ in range(6):
        if block is None or block.tag in {"body", "html"}:
            return None
        targets = {_href(one) for one in _anchors(block) if _is_headline(one, block, base)}
        if targets:
            return block if len(targets) <= 2 else None
        block = block.getparent()
    return None


def _shape(block: html.HtmlElement) -> str:
    parent = block.getparent()
    outer = f"{parent.tag}.{parent.get('class') or ''}" if parent is not None else ""
    first = (block.get("class") or "").split()[:1]
    return f"{outer}>{block.tag}.{''.join(first)}"


def _of_block(block: html.HtmlElement, said: str, base: str) -> Raw:
    anchors = [one for one in _anchors(block) if _is_headline(one, block, base)]
    anchors.sort(key=lambda one: -len(markup.text_of(one)))
    heading = next((text for one in _headings(block) if (text := markup.text_of(one))), "")
    summary = max((markup.text_of(one) for one in block.iter("p")), key=len, default="")
    return Raw(
        links=[link for one in anchors if (link := _href(one))],
        base=base,
        title=heading or markup.text_of(anchors[0]),
        summary=clean.shorten(summary, 600) if summary != heading and len(summary) > 40 else "",
        dates=[said],
        images=[link for one in block.iter("img") if (link := _source(one))],
    )


def _is_headline(anchor: html.HtmlElement, block: html.HtmlElement, base: str) -> bool:
    link = absolute(_href(anchor), base)
    if not link or not same_site(link, base) or link.rstrip("/") == base.rstrip("/"):
        return False
    text = markup.text_of(anchor)
    if not text or len(_headings(anchor)) or anchor.get("aria-label"):
        text = max((markup.text_of(one) for one in _headings(block)), key=len, default=text)
    return len(text) + 2 * len(_CJK.findall(text)) >= _TITLE_LEAST


def _by(item: html.HtmlElement, selector: str | None) -> list[html.HtmlElement]:
    return compiled(selector)(item) if selector else []


def _anchors(block: html.HtmlElement) -> list[html.HtmlElement]:
    return [one for one in block.iter("a") if _href(one)]


def _headings(block: html.HtmlElement) -> list[html.HtmlElement]:
    return list(block.iter("h1", "h2", "h3", "h4", "h5"))


def _href(element: html.HtmlElement) -> str:
    if element.get("href"):
        return str(element.get("href"))
    return next((str(one.get("href")) for one in element.iter("a") if one.get("href")), "")


def _said(element: html.HtmlElement) -> list[str]:
    return [
        one
        for one in (element.get("datetime"), element.get("content"), markup.text_of(element))
        if one
    ]


def _source(element: html.HtmlElement) -> str:
    for name in ("data-src", "data-lazy-src", "src", "content", "href"):
        if element.get(name):
            return str(element.get(name))
    return next((_source(one) for one in element.iter("img") if one is not element), "")
