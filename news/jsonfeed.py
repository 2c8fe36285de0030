"""JSON Feed 1.0 and 1.1 as entries."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from news import clean
from news.entry import Entry, Parsed, Refused, UnreadableError
from news.item import Raw, entry_of
from news.links import absolute
from news.tag import code

if TYPE_CHECKING:
    from datetime import datetime

MAX_ITEMS = 2_000


def read(text: str, url: str, now: datetime) -> Parsed:
    """The entries of a JSON Feed.

    Raises:
        UnreadableError: `broken json`, or `not a feed`.
    """
    try:
        feed = json.loads(text, parse_constant=lambda _: None, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("broken json", str(error)[:120]) from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise UnreadableError("not a feed", "JSON without a list of items")
    site = absolute(_text(feed, "home_page_url"), url) or ""
    entries: list[Entry] = []
    refused: list[Refused] = []
    for place, item in enumerate(items[:MAX_ITEMS], start=1):
        if not isinstance(item, dict):
            refused.append(Refused("not an item", f"number {place}"))
            continue
        result = entry_of(_raw(item, site or url), now)
        if isinstance(result, Entry):
            entries.append(result)
        else:
            refused.append(result)
    if len(items) > MAX_ITEMS:
        refused.append(Refused("too many items", f"all after {MAX_ITEMS}"))
    version = _text(feed, "version").rstrip("/").rsplit("/", 1)[-1]
    return Parsed(
        entries=tuple(entries),
        title=clean.title(_text(feed, "title")),
        refused=tuple(refused),
        form="json" + version.replace(".", "") if version else "json",
        site=site,
        language=code(_text(feed, "language")),
    )


def _raw(item: dict[str, Any], base: str) -> Raw:
    content = _text(item, "content_html") or _escaped(_text(item, "content_text"))
    authors = item.get("authors") if isinstance(item.get("authors"), list) else []
    named = [*(authors or []), item.get("author")]
    tags = item.get("tags")
    attachments = item.get("attachments")
    return Raw(
        guid=_text(item, "id"),
        links=[
            link
            for link in (
                _text(item, "url"),
                # The standard wants the address as id where there is one.
                _text(item, "id") if _text(item, "id").startswith("http") else "",
                _text(item, "external_url"),
            )
            if link
        ],
        base=base,
        title=_text(item, "title"),
        summary=_escaped(_text(item, "summary")),
        content=content,
        images=[
            _text(item, "image"),
            _text(item, "banner_image"),
            *(
                _text(one, "url")
                for one in (attachments if isinstance(attachments, list) else [])
                if isinstance(one, dict) and _text(one, "mime_type").startswith("image/")
            ),
        ],
        authors=[_text(one, "name") for one in named if isinstance(one, dict)],
        dates=[_text(item, "date_published"), _text(item, "date_modified")],
        tags=[tag for tag in (tags if isinstance(tags, list) else []) if isinstance(tag, str)],
        language=_text(item, "language") or None,
    )


def _escaped(text: str) -> str:
    """Plain text as markup. Text that is markup all the same, as often, is left as it is."""
    return text if "</" in text or "&" in text else html.escape(text, quote=False)


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
