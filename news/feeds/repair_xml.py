"""Repair of malformed XML before it is parsed."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from news.entry import UnreadableError
from news.text.letters import table

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_ITEMS = table("item entry")
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
