"""Parsing of news sitemaps into entries, and of sitemap indexes into addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.entry import Parsed, Refused
from news.feeds import xml_tree
from news.feeds.item import Raw, entries_of
from news.text import clean
from news.text.dates import parse_date
from news.text.links import absolute

if TYPE_CHECKING:
    from datetime import datetime

    from news.feeds.xml_tree import Element

MAX_URLS = 2_000
MAX_PARTS = 3
"""Most parts of an index that are read in one round, the newest."""

_AS_NEWS = {
    "video:title": "news:title",
    "video:publication_date": "news:publication_date",
    "video:thumbnail_loc": "image:loc",
    "video:tag": "news:keywords",
}
_ROOT = re.compile(r"<(?:[A-Za-z0-9]{1,20}:)?(urlset|sitemapindex)\b")
_FEED_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF|channel)\b", re.IGNORECASE)
_MONTH = re.compile(r"(?<!\d)20\d\d(?!\d)|(?<=20\d\d[-_/])\d\d?(?!\d)")
_NEAR_TOP = 20_000
"""Characters in which a sitemap begins, after warnings of a server's program."""


def is_sitemap(text: str) -> bool:
    """Return whether a document is a sitemap or a sitemap index."""
    found = _ROOT.search(text, 0, _NEAR_TOP)
    return found is not None and not _FEED_ROOT.search(text, 0, found.start())


def read(text: str, url: str, now: datetime) -> Parsed:
    """Return a news sitemap's articles that have a title, or the parts of an index to read next.

    Raises UnreadableError (`nested too deep`).
    """
    raws: list[Raw] = []
    refused: list[Refused] = []
    parts: list[tuple[str, datetime | None]] = []
    language = None
    name_of_site = ""
    tree = xml_tree.tree_of(text, url)
    records = [] if tree is None else list(tree.iter("{*}url", "{*}sitemap"))
    if len(records) > MAX_URLS:
        refused.append(Refused("too many items", f"all after {MAX_URLS}"))
    for record in records[:MAX_URLS]:
        values = _fields(record)
        if record.tag.endswith("sitemap"):
            link = absolute(values.get("loc", ""), url)
            if link:
                parts.append((link, parse_date(values.get("lastmod"), now)))
            continue
        # A video's title is a headline too.
        fields = {_AS_NEWS.get(field, field): text for field, text in values.items()} | values
        language = language or fields.get("news:language")
        name_of_site = name_of_site or fields.get("news:name", "")
        if not fields.get("news:title"):
            refused.append(Refused("no title", fields.get("loc", "")[:200]))
            continue
        raws.append(_raw(fields, url))
    entries, unfit = entries_of(raws, now)
    return Parsed(
        entries=tuple(entries),
        title=clean.title(name_of_site),
        refused=(*refused, *unfit),
        form="sitemap index" if parts and not entries else "sitemap",
        more=_newest(parts),
    )


def _fields(element: Element) -> dict[str, str]:
    parts = xml_tree.parts_of(element, deep=True)
    words = {name: [(one.text or "").strip() for one in ones] for name, ones in parts.items()}
    return {name: next(filter(None, texts)) for name, texts in words.items() if any(texts)}


def _raw(fields: dict[str, str], url: str) -> Raw:
    return Raw(
        links=[fields.get("loc", "")],
        base=url,
        title=fields.get("news:title", ""),
        summary=fields.get("video:description", ""),
        images=[fields.get("image:loc", "")],
        dates=[fields.get("news:publication_date", ""), fields.get("lastmod", "")],
        tags=[tag.strip() for tag in fields.get("news:keywords", "").split(",")],
        language=fields.get("news:language"),
    )


def _newest(parts: list[tuple[str, datetime | None]]) -> tuple[str, ...]:
    """Return at most `MAX_PARTS` parts to read: `news` in their name first, then the latest."""
    ranked = sorted(
        enumerate(parts),
        key=lambda one: (
            "news" not in one[1][0].rsplit("/", 1)[-1],
            -(one[1][1].timestamp() if one[1][1] else 0),
            [-int(number) for number in _MONTH.findall(one[1][0])],
            one[0],
        ),
    )
    return tuple(link for _, (link, _) in ranked[:MAX_PARTS])
