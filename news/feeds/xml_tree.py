"""Parsing of a feed's XML into a tree, repaired if malformed, and normalised names of elements."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.entry import UnreadableError
from news.text.letters import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


Element: TypeAlias = Any
"""An element of lxml, which has no type hints."""
Parts: TypeAlias = "dict[str, list[Element]]"
"""Normalised name → elements within another element."""
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DOCTYPE_AT = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[\]]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ATOM = "http://www.w3.org/2005/atom"
_ATOM_03 = "http://purl.org/atom/ns"
_PREFIXES = {
    _ATOM: "",
    _ATOM_03: "",
    "http://purl.org/rss/1.0": "",
    "http://purl.org/net/rss1.1": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://prismstandard.org/namespaces/basic/2.0": "prism",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.google.com/schemas/sitemap-image/1.1": "image",
    "http://www.google.com/schemas/sitemap-video/1.1": "video",
}
"""Namespace → the prefix used for it here, whatever prefix the document uses."""
has_languages = etree.XPath("boolean(//@xml:lang)")
"""Return whether any element of a document has `xml:lang`."""
_ITEMS = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})


def tree_of(text: str, location: str, ends: int = 0) -> Element | None:
    """Return the root element of a feed, repaired if it is broken, or None if it cannot be read.

    `ends` counts tags that end items. Raises UnreadableError (`nested too deep`).
    """
    declared = _DECLARATION.match(text)
    bare = _without_doctype(text[declared.end() :] if declared else text)
    try:
        root: Element = _parsed(bare, location, recover=False)
    except (etree.XMLSyntaxError, ValueError):
        return _parsed(harmless(bare), location, recover=True)
    if ends > sum(1 for _ in root.iter("{*}item", "{*}entry")):
        # An unterminated CDATA section is well-formed XML but swallows the items after it.
        ends = bare.count("</item>") + bare.count("</entry>")
        if ends > sum(1 for _ in items_of(root)):
            return _parsed(harmless(bare), location, recover=True)
    return root


def _without_doctype(text: str) -> str:
    """Return the document without its first DOCTYPE; the search for a million takes hours."""
    at = _DOCTYPE_AT.search(text)
    found = _DOCTYPE.match(text, at.start()) if at else None
    return text[: found.start()] + text[found.end() :] if found else text


def _parsed(text: str, location: str, *, recover: bool) -> Element | None:
    # Without a DOCTYPE there are no entities to expand; libxml2 limits depth and sizes.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=location)


def feed_of(root: Element) -> tuple[str, Element]:
    """Return a document's format, such as `rss20`, and the element that describes the feed."""
    version, found = "", root
    for element in root.iter(etree.Element):
        name = _local_name(element.tag)
        if name in _ROOTS and not version:
            version, found = _version(element, name), element
        if name == "channel":
            return version, element
        if name in _ITEMS:
            break
    return version, found


def _version(element: Element, name: str) -> str:
    spaces = {str(uri).lower().rstrip("/#") for uri in element.nsmap.values()}
    if name == "feed":
        return "atom10" if _ATOM in spaces else "atom03" if _ATOM_03 in spaces else "atom"
    if name == "rdf":
        return "rss10" if "http://purl.org/rss/1.0" in spaces else "rss09"
    return "rss" + (element.get("version") or "").replace(".", "")[:3]


def items_of(holder: Element) -> Iterator[tuple[Element, Parts]]:
    """Yield the items in an element at any depth, or the element itself, each with its parts."""
    parts, holders = _cut(holder)
    if _local_name(holder.tag) in _ITEMS:
        yield holder, parts
    for one in holders:
        yield from items_of(one)


def parts_of(holder: Element, *, deep: bool = False) -> Parts:
    """Return the child elements of an element by name; all descendants with `deep`."""
    return _cut(holder, deep=deep)[0]


def _cut(holder: Element, *, deep: bool = False) -> tuple[Parts, list[Element]]:
    own = holder.prefix or holder.tag.rpartition("}")[2].rpartition(":")[0]
    own = "" if deep or own in _PREFIXES.values() else own
    parts: Parts = {}
    holders = []
    for element in (holder.iterdescendants if deep else holder.iterchildren)(etree.Element):
        name, is_item = _named(element.tag, element.prefix or "", own)
        parts.setdefault(name, []).append(element)
        if is_item or len(element):
            holders.append(element)
    return parts, holders


# Cached: a feed has few names, repeated in every item.
@lru_cache(maxsize=256)
def _named(tag: str, prefix: str, own: str) -> tuple[str, bool]:
    """Return an element's normalised name, less the prefix `own`, and whether it is an item."""
    uri, _, local = tag.rpartition("}")
    known = _PREFIXES.get(uri[1:].lower().rstrip("/#"))
    if known is None:
        # An undeclared prefix is part of the name.
        known, _, local = local.rpartition(":") if not uri else (prefix, "", local)
        known = "" if known == own else known
    return f"{known}:{local}".lstrip(":").lower(), _local_name(tag) in _ITEMS


@lru_cache(maxsize=256)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def words_of(element: Element) -> str:
    """Return an element's content: its text, or unescaped markup within it."""
    if not len(element):
        return (element.text or "").strip()
    for one in element.iter(etree.Element):
        one.tag = one.tag.rpartition("}")[2].rpartition(":")[2]
    inner = (etree.tostring(one, method="html", encoding="unicode") for one in element)
    return "".join((html.escape(element.text or "", quote=False), *inner)).strip()


def language_of(element: Element, within: Iterable[Element] = ()) -> str:
    """Return the `xml:lang` of an element or an ancestor, or of elements within it; else empty."""
    for one in (element, *element.iterancestors(), *within):
        if one.get(_LANGUAGE):
            return str(one.get(_LANGUAGE))
    return ""


MAX_DEPTH = 250
"""Deepest nesting of elements; libxml2 reads at most 256 levels."""
# Matches whole CDATA sections and comments, to skip them.
_PASSED_OVER = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
_AMPERSAND = re.compile(
    _PASSED_OVER + r"|&(?:(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?",
    re.DOTALL,
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NO_LETTER = re.compile(f"{_NOT_XML.pattern}|\ufffd")
# Matches an unterminated CDATA section that would swallow items up to the end of the next one.
_SWALLOWING = re.compile(
    r"(<!\[CDATA\[(?:(?!\]\]>|<!\[CDATA\[|</(?:item|entry)\s*>).)*+)"
    r"(?=</(?:item|entry)\s*>(?:(?!\]\]>).)*?<!\[CDATA\[)",
    re.DOTALL,
)
_TAG = re.compile(
    _PASSED_OVER + r"|<\?[^<>]*\?>|<(/?)([A-Za-z_][\w.:-]{0,80}+)([^<>]*?)(/?)>|<|\]\]>", re.DOTALL
)
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w.:-]{0,80}+)\s*+=\s*+(?:\"([^\"]*)|'([^']*)|([^\s\"']+))")
_TEXTS = table(
    "title link guid pubDate description author category dc:creator dc:date "
    "id published updated summary"
)
"""Elements that do not nest: if one begins within another, an end tag is missing."""
_VOID = table("br hr img wbr")


def harmless(text: str) -> str:
    """Return a feed as well-formed XML within one `feeds` element.

    HTML entities and stray ampersands are converted, missing end tags added, unmatched end tags
    removed and attributes quoted. Raises UnreadableError (`nested too deep`).
    """
    bare = _SWALLOWING.sub(r"\1]]>", _NOT_XML.sub("", text))
    return f"<feeds>{''.join(_balanced(with_entities(bare)))}</feeds>"


def with_entities(text: str) -> str:
    """Return `text` with HTML entities as numeric ones and stray ampersands escaped."""
    return _AMPERSAND.sub(_mended, text)


def _mended(found: re.Match[str]) -> str:
    whole, name = found.group(), found[1]
    if whole.startswith("<") or name in _XML_NAMES:
        return whole
    if name is None:
        return "&amp;"
    characters = html.unescape(whole)
    if characters == whole:
        return "&amp;" + whole[1:]
    return "".join(f"&#{ord(one)};" for one in characters if not _NO_LETTER.match(one))


def _balanced(text: str) -> Iterator[str]:
    at = 0
    opened: list[str] = []
    for mark in _TAG.finditer(text):
        closing, name, attributes, alone = mark.groups()
        yield text[at : mark.start()]
        at = mark.end()
        if name is None:
            whole = mark.group()
            yield "&lt;" if whole == "<" else whole if whole.startswith("<!") else ""
        elif closing:
            if name in opened:
                yield from _ends(opened, len(opened) - opened[::-1].index(name) - 1)
        else:
            local = name.rpartition(":")[2]
            if local in _ITEMS and name in opened:
                yield from _ends(opened, opened.index(name))
            elif opened and opened[-1] in _TEXTS and _begins_another(name):
                yield from _ends(opened, len(opened) - 1)
            alone = alone or ("/" if name in _VOID else "")
            yield f"<{name}{_quoted(attributes)}{alone}>"
            if not alone:
                opened.append(name)
            if len(opened) > MAX_DEPTH:
                raise UnreadableError("nested too deep", f"more than {MAX_DEPTH} elements")
    yield text[at:]
    yield from _ends(opened, 0)


def _begins_another(name: str) -> bool:
    prefix, _, local = name.rpartition(":")
    return name in _TEXTS or local in _ITEMS or prefix not in {"", "xhtml"}


def _ends(opened: list[str], left: int) -> Iterator[str]:
    while len(opened) > left:
        yield f"</{opened.pop()}>"


def _quoted(attributes: str) -> str:
    found = {
        name: (one or other or bare).strip("\"'")
        for name, one, other, bare in _ATTRIBUTE.findall(attributes)
    }
    return "".join(f' {name}="{value.replace(chr(34), "&quot;")}"' for name, value in found.items())
