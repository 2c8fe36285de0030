"""Parsing of JSON Feed 1.0 and 1.1, and of lists of posts in other JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from news.entry import Parsed, Refused, UnreadableError
from news.feeds import json_posts
from news.feeds.item import entries_of
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute

if TYPE_CHECKING:
    from datetime import datetime

MAX_ITEMS = 2_000
# Matches an anti-hijacking prefix `)]}',` or a JSONP call `name(` before JSON.
_BEFORE = re.compile(r"(?:\)\]\}',?\s*|(?:/\*\*/\s*)?[\w.$]{1,60}\s*\(\s*)?(?=[\[{])")
_DECODER = json.JSONDecoder(
    parse_constant=lambda _: None, parse_int=str, parse_float=str, strict=False
)


def begins(text: str) -> bool:
    """Return whether a document is JSON, judged by its first characters."""
    return bool(_BEFORE.match(text[:200]))


def read(text: str, url: str, now: datetime) -> Parsed:
    """Return the entries of a JSON feed. UnreadableError: `broken json`, or `not a feed`."""
    feed, items = _loaded(text)
    refused: list[Refused] = []
    site = absolute(json_posts.text_under(feed, "home_page_url"), url) or ""
    base = site or (url if feed else urljoin(url, "/"))
    title = clean.title(json_posts.text_under(feed, "title"))
    # The feed's authors apply to its items, except the site's own name.
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
    version = json_posts.text_under(feed, "version").rstrip("/").rsplit("/", 1)[-1]
    return Parsed(
        entries=tuple(entries),
        title=title,
        refused=tuple(refused),
        form="json" + version.replace(".", "") if version else "json",
        language=code(json_posts.text_under(feed, "language")),
    )


def _loaded(text: str) -> tuple[dict[str, Any], list[Any]]:
    before = _BEFORE.match(text)
    text = text[before.end() :] if before else text
    try:
        # Text after the value, such as a closing bracket, is ignored.
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("broken json", str(error)[:120]) from None
    if isinstance(value, list) and any(map(json_posts.is_post, value[:MAX_ITEMS])):
        return {}, value
    if isinstance(value, dict):
        within = value.get("feed")
        about = within if isinstance(within, dict) else value
        items = value.get("items")
        # A single item may be given without a list.
        items = [items] if json_posts.is_post(items) else items
        if not isinstance(items, list):
            items = json_posts.posts_in(value)
        if items is not None:
            return about, items
    raise UnreadableError("not a feed", "JSON without a list of items")
