"""Import and export of sources as OPML, the format that feed readers share.

Fields that OPML lacks (kind, weight, selectors) are in an attribute `onnews`, which other programs
ignore, so that an exported list is imported without loss.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from news.entry import UnreadableError
from news.sources.defaults import entry_of, problem_of, source_of
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.model import NewSource

MAX_BYTES = 5 * 1024 * 1024
_OPML = re.compile(r"<opml\b|<outline\b", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FEED = re.compile(r"^feed:(?:(//)(?!https?:)|/*(?=https?:))", re.IGNORECASE)
_SAID_BY_OPML = frozenset({"name", "url", "site", "language", "categories"})
_OF_FEED = frozenset({"rss", "atom", "rdf", "feed"})


def read(document: bytes) -> tuple[NewSource, ...]:
    """Return the feeds of an OPML document, in its order, with addresses as written.

    Folders and categories become categories in lower case; the caller checks whether the taxonomy
    has them. An outline that is marked as a feed but has no address gets an empty one.

    Raises:
        UnreadableError: `too large`, or `not opml`.
    """
    # Imported here, so that the bot's process loads lxml only for an import.
    from news.feeds import xml_tree  # noqa: PLC0415 — see above
    from news.text.charset import decode  # noqa: PLC0415 — see above

    if len(document) > MAX_BYTES:
        raise UnreadableError("too large", f"more than {MAX_BYTES} bytes")
    text = decode(document).strip()
    tree = xml_tree.tree_of(text, "") if _OPML.search(text[:20_000]) else None
    if tree is None:
        raise UnreadableError("not opml", clean.opening(text) or "it is empty")
    found = []
    for outline in tree.iter("outline"):
        fields = {str(name).lower(): str(value).strip() for name, value in outline.items()}
        if "xmlurl" in fields or fields.get("type", "").lower() in _OF_FEED:
            around = [one.get("text") or one.get("title") or "" for one in outline.iterancestors()]
            found.append(_source(fields, around))
    return tuple(found)


def write(sources: Iterable[NewSource], title: str = "ON News") -> bytes:
    """Return an OPML 2.0 document of these sources, in UTF-8."""
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
    ours = {name: each for name, each in entry_of(source).items() if name not in _SAID_BY_OPML}
    if clean.title(source.name) != source.name:
        # Importing cleans names of markup, which this name looks like.
        ours["name"] = source.name
    attributes = {
        "type": "rss",
        "text": source.name,
        "title": source.name,
        "xmlUrl": source.url,
        "htmlUrl": source.site,
        "language": source.language or "",
        "category": ",".join(source.categories),
        "onnews": json.dumps(ours, ensure_ascii=False, sort_keys=True),
    }
    return " ".join(
        f"{name}={quoteattr(_legal(value))}" for name, value in attributes.items() if value
    )


def _source(attributes: Mapping[str, str], folders: Iterable[str]) -> NewSource:
    ours = _ours(attributes.get("onnews", ""))
    written = (*reversed([*folders]), *attributes.get("category", "").replace("/", ",").split(","))
    categories = dict.fromkeys(clean.one_line(one).casefold() for one in written)
    url = _FEED.sub(lambda scheme: "http://" if scheme[1] else "", attributes.get("xmlurl", ""))
    title = clean.title(attributes.get("title") or attributes.get("text") or "")
    return replace(
        source_of(ours),
        name=ours.get("name") or title or url or "an outline without a name",
        url=url,
        site=absolute(attributes.get("htmlurl", "")) or "",
        language=code(attributes.get("language")),
        categories=tuple(filter(None, categories)),
    )


def _ours(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        found = {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in pairs if not problem_of(name, value)}


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
