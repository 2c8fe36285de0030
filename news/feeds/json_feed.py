"""JSON Feed 1.0 and 1.1 as entries, and the lists of posts that sites' engines give.

A document with an error in it is read item by item, as far as that goes.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from news.entry import Parsed, Refused, UnreadableError
from news.feeds import json_posts
from news.feeds.item import entries_of
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MAX_ITEMS = 2_000
_MAX_ERRORS = 20
"""Broken items after which the rest of a broken document is not looked at."""

# `)]}',` before it keeps it from being run as a script; `name(` lets it be run as one.
_LIST = re.compile(r"\[")
_BEFORE = re.compile(r"(?:\)\]\}',?\s*|(?:/\*\*/\s*)?[\w.$]{1,60}\s*\(\s*)?(?=[\[{])")
_FEED_BEGINS = re.compile(rf"\"(?:{'|'.join(json_posts.LISTS)})\"\s*:\s*\[")
_TOLD_WITHIN = re.compile(
    r"^[^{]*\{\s*\"(?:version|title|items)\"\s*:[^<]{0,4000}?jsonfeed\.org\\?/version"
)
_NEAR_TOP = 5_000
"""Characters in which it begins."""
# JavaScript's way with an apostrophe, and others that JSON does not know.
_ODD_ESCAPE = re.compile(r"(\\\\)|\\([^\"\\/bfnrtu])")
# A comma too many, a value that was left out, or one that JSON does not know; not in a text.
_NOT_JSON = re.compile(
    r"(\"[^\"\\]*(?:\\.[^\"\\]*)*(?:\"|\\?\Z))|,(?=\s*[}\]])|"
    r"(?<=:)(?=\s*[,}])|\b(?:undefined|None|True|False)\b",
    re.DOTALL,
)
_MEANT = {"True": "true", "False": "false", ",": ""}
_NEXT_ITEM = re.compile(r"\}\s*,\s*(?=\{)")
_DECODER = json.JSONDecoder(
    parse_constant=lambda _: None, parse_int=str, parse_float=str, strict=False
)


def begins(text: str) -> bool:
    """Whether a document is JSON, by its first characters."""
    return bool(_BEFORE.match(text[:200]))


def within(text: str) -> str | None:
    """The JSON Feed behind a program's warnings or a comment, or shown in a page; None for none."""
    held = _TOLD_WITHIN.search(text[:_NEAR_TOP])
    return text[text.index("{") :] if held else None


def read(text: str, url: str, now: datetime) -> Parsed:
    """The entries of a JSON Feed.

    Raises:
        UnreadableError: `broken json`, or `not a feed`.
    """
    feed, items, refused = _loaded(text)
    site = absolute(_text(feed, "home_page_url"), url) or ""
    base = site or (url if feed else urljoin(url, "/"))
    title = clean.title(_text(feed, "title"))
    # What is said of the feed holds for its items; not the name of the site itself.
    writers = [*json_posts.names_in(feed.get("authors")), *json_posts.names_in(feed.get("author"))]
    of_feed = [name for name in writers if name.casefold() not in title.casefold()]
    raws = []
    for place, item in enumerate(items[:MAX_ITEMS], start=1):
        if isinstance(item, dict):
            raws.append(json_posts.raw_of(item, base, of_feed))
        else:
            refused.append(Refused("not an item", f"number {place}"))
    entries, unfit = entries_of(raws, now)
    refused += unfit
    if len(items) > MAX_ITEMS:
        refused.append(Refused("too many items", f"all after {MAX_ITEMS}"))
    version = _text(feed, "version").rstrip("/").rsplit("/", 1)[-1]
    return Parsed(
        entries=tuple(entries),
        title=title,
        refused=tuple(refused),
        form="json" + version.replace(".", "") if version else "json",
        site=site,
        language=code(_text(feed, "language")),
    )


def _loaded(text: str) -> tuple[dict[str, Any], list[Any], list[Refused]]:
    """The feed's own fields, its items, and what could not be read.

    Raises:
        UnreadableError: `broken json`, or `not a feed`.
    """
    before = _BEFORE.match(text)
    text = text[before.end() :] if before else text
    try:
        # What follows, such as the bracket of a call, is left alone.
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        return _salvaged(text, str(error)[:120])
    if isinstance(value, list) and any(map(json_posts.is_post, value[:MAX_ITEMS])):
        return {}, value, []
    if isinstance(value, dict):
        within = value.get("feed")
        about = within if isinstance(within, dict) else value
        items = value.get("items")
        # One item may stand without its list.
        items = [items] if json_posts.is_post(items) else items
        if not isinstance(items, list):
            items = json_posts.posts_in(value)
        if items is not None:
            return about, items, []
        # A post a line, without a list around them.
        others = list(filter(None, _one_by_one(text, end))) if json_posts.is_post(value) else []
        if others:
            return {}, [value, *others], []
    raise UnreadableError("not a feed", "JSON without a list of items")


def _salvaged(text: str, error: str) -> tuple[dict[str, Any], list[Any], list[Refused]]:
    """The same of a document with an error in it: broken off, or written by hand."""
    text = _NOT_JSON.sub(lambda found: found[1] or _MEANT.get(found.group(), "null"), text)
    text = _ODD_ESCAPE.sub(lambda found: found[1] or found[2], text)
    begins = _FEED_BEGINS.search(text) if text.startswith("{") else _LIST.match(text)
    if begins is None:
        raise UnreadableError("broken json", error)
    feed: dict[str, Any] = {}
    if text.startswith("{"):
        with suppress(ValueError, RecursionError):
            feed = _DECODER.decode(text[: begins.end()] + "]}")
    items: list[Any] = []
    broken = 0
    for item in _one_by_one(text, begins.end()):
        broken += item is None
        if item is not None:
            items.append(item)
    if not items:
        raise UnreadableError("broken json", error)
    return feed, items, [Refused("broken json", error)] * broken


def _one_by_one(text: str, at: int) -> Iterator[Any]:
    """The objects of a list that begins at `at`; None for each that is broken."""
    errors = 0
    begin = text.find("{", at)
    for _ in range(MAX_ITEMS + 1):
        if begin < 0 or text[at:begin].strip(", \t\r\n"):
            return
        try:
            item, at = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            errors += 1
            yield None
            following = _NEXT_ITEM.search(text, begin)
            if following is None or errors > _MAX_ERRORS:
                return
            at = begin = following.end()
            continue
        yield item
        begin = text.find("{", at)


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
