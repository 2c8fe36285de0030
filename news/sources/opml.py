"""Sources as OPML, the list that every reader program imports and exports.

What OPML has no word for (kind, weight, selectors) stands in an attribute `onnews`, which others
ignore, so that a list of ours comes back without loss.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from news.entry import UnreadableError
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute, signs_in
from storage.model import NewSource, Show, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_BYTES = 5 * 1024 * 1024
MAX_SOURCES = 5_000
_OPML = re.compile(r"<opml\b|<outline\b", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DOCTYPE_AT = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_FEED = re.compile(r"^feed:(?:(//)(?!https?:)|/*(?=https?:))", re.IGNORECASE)
_ENCODING = re.compile(r"^\s*<\?xml[^>]*\?>")


def read(document: bytes) -> tuple[NewSource, ...]:
    """The sources of an OPML document, each address once, in its order.

    Folders and categories become categories of the source in lower case; whether they are known
    is the taxonomy's to say. Entries that are no feeds, or whose address is not http(s) or
    carries a password, are left out.

    Raises:
        UnreadableError: `too large`, or `not opml`.
    """
    # Here, because lxml, which both use, weighs on the bot's process only when sources come in.
    import listparser  # noqa: PLC0415 — see above

    from news.text.charset import decode  # noqa: PLC0415 — see above

    if len(document) > MAX_BYTES:
        raise UnreadableError("too large", f"more than {MAX_BYTES} bytes")
    # No entity of a document's own is ever expanded: without its DOCTYPE it has none.
    text = _ENCODING.sub("", decode(_without_doctype(document))).strip()
    if not _OPML.search(text[:20_000]):
        raise UnreadableError("not opml", clean.one_line(text[:80]))
    extras = _extras(text)
    found: dict[str, NewSource] = {}
    # The mark tells listparser's parser, which is one for HTML, that this is UTF-8.
    marked = ("\ufeff" + text).encode("utf-8", "replace")
    for feed in listparser.parse(marked).feeds:
        written = str(feed.get("url") or "")
        url = address(written)
        if url is None or url in found or signs_in(written):
            continue
        found[url] = _source(url, feed, extras.get(written, {}))
        if len(found) == MAX_SOURCES:
            break
    return tuple(found.values())


def address(written: str) -> str | None:
    """The address that an outline gives; `feed:` before it says only what is there."""
    return absolute(_FEED.sub(lambda scheme: "http://" if scheme[1] else "", written.strip()))


def _without_doctype(document: bytes) -> bytes:
    """The document without its first DOCTYPE: the one that counts, and the one that is looked for.

    To look for each of a million that never end would take hours.
    """
    at = _DOCTYPE_AT.search(document)
    found = _DOCTYPE.match(document, at.start()) if at else None
    return document[: found.start()] + document[found.end() :] if found else document


def write(sources: Iterable[NewSource], title: str = "ON News") -> bytes:
    """An OPML 2.0 document of these sources, in UTF-8."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(_legal(title))}</title></head>",
        "  <body>",
        *(f"    <outline {_attributes(source)}/>" for source in sources),
        "  </body>",
        "</opml>",
        "",
    ]
    return "\n".join(lines).encode()


def _attributes(source: NewSource) -> str:
    ours: dict[str, Any] = {"kind": source.kind.value, "weight": source.weight}
    if source.read_pages:
        ours["read_pages"] = True
    if source.full_text is not Show.PRIVATE:
        ours["full_text"] = source.full_text.value
    if source.pictures is not Show.YES:
        ours["pictures"] = source.pictures.value
    if source.paywall is not None:
        ours["paywall"] = source.paywall
    if source.paused:
        ours["paused"] = True
    if clean.title(source.name) != source.name:
        # It looks like markup, which other programs' names are cleaned of.
        ours["name"] = source.name
    if source.selectors:
        ours["selectors"] = source.selectors
    fields = {
        "type": "rss",
        "text": source.name,
        "title": source.name,
        "xmlUrl": source.url,
        "htmlUrl": source.site,
        "language": source.language or "",
        "category": ",".join(source.categories),
        "onnews": json.dumps(ours, ensure_ascii=False, sort_keys=True),
    }
    return " ".join(f"{name}={quoteattr(_legal(value))}" for name, value in fields.items() if value)


def _source(url: str, feed: Mapping[str, Any], extra: Mapping[str, str]) -> NewSource:
    ours = _ours(extra.get("onnews", ""))
    categories = dict.fromkeys(
        category
        for path in feed.get("categories") or ()
        for tag in path
        if (category := clean.one_line(str(tag)).casefold().strip("/"))
    )
    name = str(ours.get("name") or "") or clean.title(str(feed.get("title") or "")) or url
    weight = ours.get("weight")
    selectors = ours.get("selectors")
    return NewSource(
        name=name,
        url=url,
        site=absolute(extra.get("htmlurl", "")) or "",
        kind=ours["kind"],
        language=code(extra.get("language")),
        weight=weight if type(weight) is int and 0 <= weight <= 100 else 50,
        categories=tuple(categories),
        read_pages=ours.get("read_pages") is True,
        full_text=_show(ours.get("full_text"), Show.PRIVATE),
        pictures=_show(ours.get("pictures"), Show.YES),
        paywall=ours.get("paywall") if isinstance(ours.get("paywall"), bool) else None,
        selectors={str(key): str(value) for key, value in selectors.items()}
        if isinstance(selectors, dict)
        else {},
        paused=ours.get("paused") is True,
    )


def _show(value: object, usual: Show) -> Show:
    """Where something may be shown; as usual where that is none of the three."""
    return next((each for each in Show if each.value == value), usual)


def _ours(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        found = {}
    fields = found if isinstance(found, dict) else {}
    kinds = {kind.value: kind for kind in SourceKind if kind is not SourceKind.EDITOR}
    return {**fields, "kind": kinds.get(str(fields.get("kind")), SourceKind.FEED)}


def _extras(text: str) -> dict[str, dict[str, str]]:
    """The attributes of every outline, their names in lower case, by its address."""
    from lxml import etree  # type: ignore[import-untyped]  # noqa: PLC0415 — see `read`

    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    outlines = tree.iter("outline") if tree is not None else ()
    extras: dict[str, dict[str, str]] = {}
    for one in outlines:
        # An address that stands there twice is what it was first.
        fields = {str(key): str(value) for key, value in one.attrib.items()}
        extras.setdefault(fields.get("xmlurl", ""), fields)
    return extras


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
