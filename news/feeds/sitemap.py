"""News sitemaps and sitemap indexes as entries and addresses."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.entry import Parsed, Refused, UnreadableError
from news.feeds import repair_xml
from news.feeds.item import Raw, entries_of
from news.html.page_or_feed import root
from news.text import clean
from news.text.dates import parse_date
from news.text.links import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MAX_URLS = 2_000
MAX_PARTS = 3
"""Parts of an index that one round reads: the newest."""

_SPACES = ("news", "image", "video")
_AS_NEWS = {
    "video:title": "news:title",
    "video:publication_date": "news:publication_date",
    "video:thumbnail_loc": "image:loc",
    "video:tag": "news:keywords",
}
_ROOT = re.compile(r"<(?:[A-Za-z0-9]{1,20}:)?(urlset|sitemapindex)\b")
_FEED_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF|channel)\b", re.IGNORECASE)
_MONTH = re.compile(r"(?<!\d)20\d\d(?!\d)|(?<=20\d\d[-_/])\d\d?(?!\d)")
_NEAR_TOP = 5_000
"""Characters in which a sitemap begins, behind a program's warnings."""


def is_sitemap(text: str) -> bool:
    """Whether the document's first element that is not a program's warning is a sitemap's."""
    return _begin(text) is not None


def _begin(text: str) -> int | None:
    first = root(text)
    if _ROOT.match(first):
        return len(text) - len(first)
    found = _ROOT.search(text, 0, _NEAR_TOP)
    return None if found is None or _FEED_ROOT.search(text, 0, found.start()) else found.start()


def read(text: str, url: str, now: datetime) -> Parsed:
    """The articles of a news sitemap, or the parts of an index worth reading next.

    A page without a news title is refused: its address alone is no headline.

    Raises:
        UnreadableError: `not a feed`: no element could be read.
    """
    raws: list[Raw] = []
    refused: list[Refused] = []
    parts: list[tuple[str, datetime | None]] = []
    language = None
    name_of_site = ""
    seen = 0
    for name, values in _records(text):
        seen += 1
        if seen > MAX_URLS:
            refused.append(Refused("too many items", f"all after {MAX_URLS}"))
            break
        if name == "sitemap":
            link = absolute(values.get("loc", ""), url)
            if link:
                parts.append((link, parse_date(values.get("lastmod"), now)))
            continue
        # A film's title is a headline too.
        fields = {_AS_NEWS.get(field, field): text for field, text in values.items()} | values
        language = language or fields.get("news:language")
        name_of_site = name_of_site or fields.get("news:name", "")
        if not fields.get("news:title"):
            refused.append(Refused("no title", fields.get("loc", "")[:200]))
            continue
        raws.append(_raw(fields, url))
    entries, unfit = entries_of(raws, now)
    if not seen and not is_sitemap(text):
        raise UnreadableError("not a feed", "a sitemap without addresses")
    return Parsed(
        entries=tuple(entries),
        title=clean.title(name_of_site),
        refused=(*refused, *unfit),
        form="sitemap index" if parts and not entries else "sitemap",
        more=_newest(parts),
    )


_Record = tuple[str, dict[str, str]]


def _records(text: str) -> list[_Record]:
    """Every `url` and `sitemap` with the texts of its children; a broken one costs no other.

    One more than MAX_URLS at most.
    """
    text = repair_xml.with_entities(text[_begin(text) or 0 :]).strip()
    parser = etree.XMLPullParser(
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    encoded = text.encode("utf-8", "replace")
    records: list[_Record] = []
    parser.feed(b"<?xml version='1.0' encoding='utf-8'?>")
    for at in range(0, len(encoded), 65_536):
        parser.feed(encoded[at : at + 65_536])
        records += _ended(parser)
        if len(records) > MAX_URLS:
            return records[: MAX_URLS + 1]
    # Broken off: what was whole has been read.
    with suppress(etree.XMLSyntaxError):
        parser.close()
        records += _ended(parser)
    return records


def _ended(parser: etree.XMLPullParser[etree._Element]) -> Iterator[_Record]:
    for _, element in parser.read_events():
        fields: dict[str, str] = {}
        for child in element.iter(etree.Element):
            if child.text and child.text.strip():
                fields.setdefault(_name(child.tag), child.text.strip())
        yield element.tag.rpartition("}")[2].rpartition(":")[2], fields
        element.clear()


def _name(tag: str) -> str:
    """`news:title`, whatever prefix stands for the space, and where none does."""
    if not tag.startswith("{"):
        return tag
    space, _, local = tag[1:].rpartition("}")
    prefix = next((one for one in _SPACES if f"sitemap-{one}" in space), None)
    return f"{prefix}:{local}" if prefix else local


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
    """Parts that call themselves news first, then the latest.

    That is the most lately changed, or of the latest month by their names; else they are in order.
    """
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
