"""Parsing of a source's document, which may be hostile, in a worker. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from news.entry import Entry, Parsed, Refused, UnreadableError
from news.feeds import json_feed, sitemap, xml_feed
from news.html.page_or_feed import check_is_no_page, unwrapped
from news.listing import listing_page
from news.text.charset import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_ENTRIES = 500
"""Most entries kept of one document, the newest."""
MAX_BODIES = 3_000_000
"""Most characters of bodies in all entries of one document; they are sent between processes."""
MAX_REFUSED = 50


def parse(
    document: bytes,
    *,
    url: str,
    content_type: str | None = None,
    content_location: str | None = None,
    kind: str = "feed",
    selectors: Mapping[str, str] | None = None,
    now: datetime,
) -> Parsed:
    """Return the entries of a document.

    Args:
        url: Its address; relative links are resolved against it.
        content_type: The HTTP header, which may name the charset.
        kind: A `storage.model.SourceKind`: `feed`, `sitemap` or `page`.
        selectors: For a page: CSS selectors `item`, `link`, `title`, `date`, `image`.

    Raises:
        UnreadableError: It is not a document of that kind.
    """
    text = decode(document, content_type).strip("\x00 \t\r\n\ufeff")
    if not text:
        raise UnreadableError("empty document")
    if kind == "page":
        parsed = listing_page.read(text, url, selectors or {}, now)
    elif json_feed.begins(text):
        parsed = json_feed.read(text, url, now)
    else:
        held = unwrapped(text)
        check_is_no_page(held)
        if sitemap.is_sitemap(held):
            parsed = sitemap.read(held, url, now)
        else:
            parsed = xml_feed.read(held, content_location or url, url, now)
        if held is not text and not parsed.entries:
            # The match was in a script of the page.
            check_is_no_page(text)
    return _bounded(_distinct(parsed))


def _distinct(parsed: Parsed) -> Parsed:
    links: dict[str, Entry] = {}
    refused = list(parsed.refused)
    holders: dict[str, int] = {}
    for entry in parsed.entries:
        if entry.link in links:
            refused.append(Refused("same link twice", entry.title))
            continue
        links[entry.link] = entry
        holders[entry.guid] = holders.get(entry.guid, 0) + 1
    entries = tuple(
        entry if holders[entry.guid] == 1 else entry._replace(guid=entry.link)
        for entry in links.values()
    )
    return replace(parsed, entries=entries, refused=tuple(refused))


def _newest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return the 500 newest entries: the first ones, or the last if dates ascend."""
    first, last = entries[0].published, entries[-1].published
    grows = first is not None and last is not None and first < last
    return entries[-MAX_ENTRIES:] if grows else entries[:MAX_ENTRIES]


def _bounded(parsed: Parsed) -> Parsed:
    refused = list(parsed.refused[:MAX_REFUSED])
    entries = parsed.entries
    if len(entries) > MAX_ENTRIES:
        over = len(entries) - MAX_ENTRIES
        entries = _newest(entries)
        refused.append(Refused("too many items", f"{over} beside {MAX_ENTRIES} others"))
    if len(parsed.refused) > MAX_REFUSED:
        refused.append(Refused("and more", f"{len(parsed.refused) - MAX_REFUSED} others"))
    left = MAX_BODIES
    kept: list[Entry] = []
    for entry in entries:
        size = len(entry.body or "")
        kept.append(entry if size <= left else entry._replace(body=None))
        left -= size if size <= left else 0
    return replace(parsed, entries=tuple(kept), refused=tuple(refused))
