"""Reading of a listing page as entries, for a source without a feed. Runs in a worker.

The source's CSS selectors are used if it has any. Otherwise repeated blocks of one shape, each with
a date and a link, are taken as articles; if none has a date, the page's embedded data is read.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from cssselect import HTMLTranslator, SelectorError
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.entry import Parsed, UnreadableError
from news.feeds import json_posts
from news.feeds.item import Raw, entries_of
from news.html import markup
from news.html.block_pages import title_of
from news.html.page_or_feed import check_is_itself
from news.html.pictures import source_of, sources_in
from news.listing import blocks
from news.text.language_tag import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from lxml import html

MAX_ITEMS = 200
_LARGEST = 2_000_000
"""Most characters of a script that is parsed as data."""
_TITLES = frozenset({"title", "headline"})
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
_SET = re.compile(r"(?:window|self|var|let|const)\s*+(?:[.\[]\s*+)?[\w$\"'.\]]{1,80}\s*+=\s*+\{")
_DEPTH = 40
_MOST = 50_000
"""Most JSON values of a page that are looked at."""


def read(text: str, url: str, selectors: Mapping[str, str], now: datetime) -> Parsed:
    """Return the articles that a page lists.

    Raises UnreadableError: `not a page`, `bad selector`, a reason of `news.html.block_pages`, or
    `no list` if nothing repeats like news.
    """
    check_is_itself(text)
    tree = markup.tree_of(text)
    base = markup.base_of(tree, url)
    if selectors.get("item"):
        form, raws = "page by selectors", _selected(tree, base, selectors)
    else:
        form, raws = "page by shape", blocks.read(tree, base, now)
        if not any(any(raw.dates) for raw in raws):
            held = _data_of(tree, base, blocks.LEAST)
            form, raws = ("page by its data", held) if held else (form, raws)
    if not raws:
        raise UnreadableError("no list", title_of(text)[:120])
    entries, refused = entries_of(raws[:MAX_ITEMS], now)
    return Parsed(
        entries=tuple(entries),
        title=title_of(text),
        refused=tuple(refused),
        form=form,
        language=code(tree.get("lang")),
    )


def _selected(tree: html.HtmlElement, base: str, selectors: Mapping[str, str]) -> list[Raw]:
    raws = []
    for item in _by(tree, selectors["item"]):
        anchors = _by(item, selectors.get("link")) or markup.anchors_of(item)
        titles = _by(item, selectors.get("title")) or list(markup.headings_of(item)) or anchors
        dates = [*(_by(item, selectors.get("date")) or item.iter("time"))]
        images = _by(item, selectors.get("image"))
        raws.append(
            Raw(
                links=[link for one in anchors if (link := markup.href_of(one))],
                base=base,
                title=next((found for one in titles if (found := markup.text_of(one))), ""),
                dates=[
                    *(date_text for one in dates for date_text in markup.dates_of(one)),
                    *markup.dates_in_attributes(item),
                ],
                images=[link for one in images if (link := source_of(one))] or sources_in(item),
            )
        )
    return raws


def _by(item: html.HtmlElement, selector: str | None) -> list[html.HtmlElement]:
    return list(_path(selector)(item)) if selector else []


@cache
def _path(selector: str) -> etree.XPath:
    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector, prefix="descendant::"))
    except SelectorError as error:
        raise UnreadableError("bad selector", f"{selector[:120]}: {error}") from None


def _data_of(tree: html.HtmlElement, base: str, least: int) -> list[Raw]:
    """Return the largest list of at least so many dated articles in a page's data; [] if none."""
    best: list[Raw] = []
    for text, begin in _data_in(tree):
        try:
            value, _ = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            continue
        for items in _lists(value):
            raws = [json_posts.raw_of(one, base) for one in items]
            dated = [raw for raw in raws if raw.title and raw.links and any(raw.dates)]
            if len(dated) >= max(least, len(best) + 1):
                best = dated
    return best


def _data_in(tree: html.HtmlElement) -> list[tuple[str, int]]:
    """Return the scripts that are JSON or assign an object, and the offset of the JSON in each."""
    found: list[tuple[str, int]] = []
    for script in tree.iter("script"):
        text = (script.text or "").strip()
        kind = (script.get("type") or "").lower()
        if len(text) > _LARGEST:
            continue
        held = _SET.match(text)
        if kind.endswith("json"):
            found.append((text, 0))
        elif held:
            found.append((text, held.end() - 1))
    return found


def _lists(value: object) -> Iterator[list[dict[str, Any]]]:
    waiting: list[tuple[object, int]] = [(value, 0)]
    looked_at = 0
    while waiting and looked_at < _MOST:
        one, depth = waiting.pop()
        looked_at += 1
        if depth > _DEPTH:
            continue
        if isinstance(one, list):
            objects = [json_posts.opened(each) for each in one if isinstance(each, dict)]
            if objects and not objects[0].keys().isdisjoint(_TITLES):
                yield objects[:_MOST]
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting.extend((each, depth + 1) for each in inner if isinstance(each, dict | list))
