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
from news.text.links import absolute
from storage.model import NewSource, Show, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_BYTES = 5 * 1024 * 1024
_OPML = re.compile(r"<opml\b|<outline\b", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FEED = re.compile(r"^feed:(?:(//)(?!https?:)|/*(?=https?:))", re.IGNORECASE)
_OF_FEED = frozenset({"rss", "atom", "rdf", "feed"})


def read(document: bytes) -> tuple[NewSource, ...]:
    """The outlines of an OPML document that are feeds, in its order, with addresses as written.

    Folders and categories become categories of the source in lower case; whether they are known
    is the taxonomy's to say. Where an outline calls itself a feed and has no address, that is "".

    Raises:
        UnreadableError: `too large`, or `not opml`.
    """
    # Here, because lxml weighs on the bot's process only when sources come in.
    from news.feeds import xml_tree  # noqa: PLC0415 — see above
    from news.text.charset import decode  # noqa: PLC0415 — see above

    if len(document) > MAX_BYTES:
        raise UnreadableError("too large", f"more than {MAX_BYTES} bytes")
    text = decode(document).strip()
    tree = xml_tree.tree_of(text, "") if _OPML.search(text[:20_000]) else None
    if tree is None:
        raise UnreadableError("not opml", clean.one_line(text[:80]))
    found = []
    for outline in tree.iter("outline"):
        fields = {str(name).lower(): str(value).strip() for name, value in outline.items()}
        if "xmlurl" in fields or fields.get("type", "").lower() in _OF_FEED:
            around = [one.get("text") or one.get("title") or "" for one in outline.iterancestors()]
            found.append(_source(fields, around))
    return tuple(found)


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


def _source(fields: Mapping[str, str], folders: Iterable[str]) -> NewSource:
    ours = _ours(fields.get("onnews", ""))
    written = (*reversed([*folders]), *fields.get("category", "").replace("/", ",").split(","))
    categories = dict.fromkeys(clean.one_line(one).casefold() for one in written)
    url = _FEED.sub(lambda scheme: "http://" if scheme[1] else "", fields.get("xmlurl", ""))
    stated = clean.title(fields.get("title") or fields.get("text") or "")
    name = str(ours.get("name") or "") or stated or url or "an outline without a name"
    weight = ours.get("weight")
    selectors = ours.get("selectors")
    return NewSource(
        name=name,
        url=url,
        site=absolute(fields.get("htmlurl", "")) or "",
        kind=ours["kind"],
        language=code(fields.get("language")),
        weight=weight if type(weight) is int and 0 <= weight <= 100 else 50,
        categories=tuple(filter(None, categories)),
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


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
