"""JSON Feed 1.0 and 1.1 as entries, and the lists of posts that WordPress and its like give.

What has the form of a list of posts is read by what its fields are usually called. A document with
an error in it is read item by item, as far as that goes.
"""

from __future__ import annotations

import html
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from news import clean, linked
from news.entry import Entry, Parsed, Refused, UnreadableError
from news.item import Raw, entry_of
from news.links import absolute
from news.tag import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

MAX_ITEMS = 2_000
_MAX_ERRORS = 20
"""Broken items after which the rest of a broken document is not looked at."""

_LISTS = ("items", "posts", "articles", "entries", "news", "results", "data")
# The best first. Those of JSON Feed are the standard's; then WordPress', Ghost's, Squarespace's.
_LINK = ("url", "link", "fullUrl", "permalink", "URL", "href", "path")
_TITLE = ("title", "headline")
_SUMMARY = ("summary", "excerpt", "description")
_CONTENT = ("content_html", "content_text", "content", "html", "body")
_DATES = (
    *("date_published", "date_gmt", "published_at", "publishedAt", "publishOn", "pubDate"),
    *("published", "date", "publishDate", "datePublished", "publicationDate", "releaseDate"),
    *("date_modified", "modified_gmt"),
)
_IMAGE = (
    *("image", "banner_image", "feature_image", "jetpack_featured_media_url", "thumbnail"),
    "assetUrl",
)

# `)]}',` before it keeps it from being run as a script; `name(` lets it be run as one.
_BEFORE = re.compile(r"(?:\)\]\}',?\s*|(?:/\*\*/\s*)?[\w.$]{1,60}\s*\(\s*)?(?=[\[{])")
_FEED_BEGINS = re.compile(rf"\"(?:{'|'.join(_LISTS)})\"\s*:\s*\[")
_SPARE_COMMA = re.compile(r"(\"[^\"\\]*(?:\\.[^\"\\]*)*(?:\"|\\?\Z))|,(?=\s*[}\]])", re.DOTALL)
_NEXT_ITEM = re.compile(r"\}\s*,\s*(?=\{)")
_DECODER = json.JSONDecoder(
    parse_constant=lambda _: None, parse_int=str, parse_float=str, strict=False
)


def begins(text: str) -> bool:
    """Whether a document is JSON, by its first characters."""
    return bool(_BEFORE.match(text[:200]))


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
    of_feed = [name for name in _authors(feed) if name and name.casefold() not in title.casefold()]
    entries: list[Entry] = []
    for place, item in enumerate(items[:MAX_ITEMS], start=1):
        if not isinstance(item, dict):
            refused.append(Refused("not an item", f"number {place}"))
            continue
        result = entry_of(raw_of(item, base, of_feed), now)
        if isinstance(result, Entry):
            entries.append(result)
        else:
            refused.append(result)
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
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        return _salvaged(text, str(error)[:120])
    if isinstance(value, list) and any(_is_post(one) for one in value[:MAX_ITEMS]):
        return {}, value, []
    if isinstance(value, dict):
        for name in _LISTS:
            items = value.get(name)
            if isinstance(items, list) and (name == "items" or any(map(_is_post, items))):
                return value, items, []
    raise UnreadableError("not a feed", "JSON without a list of items")


def _is_post(value: object) -> bool:
    return isinstance(value, dict) and bool(_text(value, *_TITLE) and _text(value, *_LINK))


def _salvaged(text: str, error: str) -> tuple[dict[str, Any], list[Any], list[Refused]]:
    """The same of a document with an error in it: broken off, or written by hand."""
    text = _SPARE_COMMA.sub(lambda found: found[1] or "", text)
    begins = _FEED_BEGINS.search(text) if text.startswith("{") else re.match(r"\[", text)
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


def raw_of(item: dict[str, Any], base: str, of_feed: Sequence[str] = ()) -> Raw:
    """One post as it tells itself, in the words of any engine.

    Args:
        item: The post.
        base: What its links are relative to.
        of_feed: Who writes where the post does not say.
    """
    embedded = item.get("_embedded")
    more: dict[str, Any] = embedded if isinstance(embedded, dict) else {}
    guid = _text(item, "id", "guid")
    return Raw(
        guid=_text(item, "guid") if isinstance(item.get("guid"), dict) else guid,
        links=[
            link
            for link in (
                _text(item, *_LINK),
                # The standard wants the address as id where there is one.
                guid if guid.startswith("http") else "",
                _text(item, "external_url"),
            )
            if link
        ],
        base=base,
        title=_text(item, *_TITLE),
        summary=_escaped(_text(item, *_SUMMARY)),
        content=_text(item, "content_html") or _escaped(_text(item, *_CONTENT)),
        images=[
            *(linked.address(item.get(name)) for name in _IMAGE),
            *(
                _text(one, "url")
                for one in _objects(item.get("attachments"))
                if _text(one, "mime_type").startswith("image/")
            ),
            *(_text(one, "source_url") for one in _objects(more.get("wp:featuredmedia"))),
        ],
        authors=[name for name in (*_authors(item), *_authors(more)) if name] or of_feed,
        dates=[said for name in _DATES if (said := _text(item, name))],
        tags=[*_tags(item.get("tags")), *_tags(item.get("categories")), *_terms(more)],
        language=_text(item, "language") or None,
    )


def _authors(holder: dict[str, Any]) -> list[str]:
    author = holder.get("author")
    named = [*_objects(holder.get("authors")), *_objects(author), author]
    return [
        one if isinstance(one, str) and not one.isdecimal() else _text(one, "name")
        for one in named
        if isinstance(one, str | dict)
    ]


def _tags(value: object) -> list[str]:
    """Names of tags; the numbers that WordPress gives them are none."""
    found = [
        _text(one, "name") if isinstance(one, dict) else one
        for one in (value if isinstance(value, list) else [])
    ]
    return [one for one in found if isinstance(one, str) and not one.isdecimal()]


def _terms(more: dict[str, Any]) -> list[str]:
    groups = more.get("wp:term")
    return [
        _text(one, "name")
        for group in (groups if isinstance(groups, list) else [])
        for one in _objects(group)
    ]


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else []) if isinstance(one, dict)]


def _escaped(text: str) -> str:
    """Plain text as markup. Text that is markup all the same, as often, is left as it is."""
    return text if "</" in text or "&" in text else html.escape(text, quote=False)


def _text(holder: object, *names: str) -> str:
    """The first text under these names, also where it is WordPress' `{"rendered": text}`."""
    for name in names:
        value = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(value, dict):
            value = value.get("rendered")
        if isinstance(value, str) and value:
            return value
    return ""
