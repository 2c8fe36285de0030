"""Reading of a listing page as entries, for a source without a feed. Runs in a worker.

The source's CSS selectors are used if it has any. Otherwise repeated blocks of one shape, each with
a date and a link, are taken as articles; if none has a date, the page's embedded data is read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cssselect import HTMLTranslator, SelectorError
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.entry import Parsed, UnreadableError
from news.feeds.item import Raw, entries_of
from news.html import markup
from news.html.block_pages import title_of
from news.html.page_or_feed import check_is_itself
from news.html.pictures import source_of, sources_in
from news.listing import blocks, hydration
from news.text.language_tag import code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lxml import html

MAX_ITEMS = 200


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
            held = hydration.read(tree, base, blocks.LEAST)
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
