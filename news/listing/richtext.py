"""Text that editors keep as data, in the forms of many systems, made markup again.

Portable Text, Slate, Draft.js, Lexical, ProseMirror, Editor.js, Contentful, Arc: all are lists of
blocks, and blocks hold runs of words.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 24
_MOST = 2_000
"""Blocks of one text."""
_INNER = ("children", "content", "root", "blocks", "document", "data", "json", "fields", "rendered")
_WORDS = ("text", "value", "html", "content", "processed")
_TYPES = ("type", "_type", "nodeType", "__typename", "blockType")
_RUNS = frozenset({"", "text", "span", "link", "hyperlink", "a", "strong", "em", "inline", "mark"})
_NO_TEXT = frozenset(
    {
        *("image", "embed", "video", "gallery", "ad", "advertisement", "newsletter", "divider"),
        *(
            "raw_html",
            "custom_embed",
            "interstitial_link",
            "embedded-asset-block",
            "oembed_response",
        ),
        *("code", "iframe", "related", "link_list", "hr", "break", "social"),
    }
)


def markup(value: object) -> str:
    """A text as markup, a paragraph for each of its blocks; empty for what is no text."""
    if isinstance(value, str):
        return value if "<" in value else "".join(map(_paragraph, value.split("\n")))
    blocks = []
    for number, block in enumerate(_blocks(value, 0)):
        if number >= _MOST:
            break
        blocks.append(block if block.lstrip().startswith("<") else _paragraph(block))
    return "".join(blocks)


def _paragraph(text: str) -> str:
    bare = text.strip()
    return f"<p>{bare if '<' in bare else html.escape(bare, quote=False)}</p>" if bare else ""


def _type(value: dict[str, Any]) -> str:
    said = next((value[name] for name in _TYPES if isinstance(value.get(name), str)), "")
    return said.lower()


def _is_run(value: object) -> bool:
    """Whether a value is some words of a paragraph, and no paragraph of its own."""
    return isinstance(value, str) or (isinstance(value, dict) and _type(value) in _RUNS)


def _blocks(value: object, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if all(map(_is_run, value)):
            yield "".join(words for one in value for words in _blocks(one, depth + 1))
        else:
            for one in value:
                yield from _blocks(one, depth + 1)
    elif isinstance(value, dict) and _type(value) not in _NO_TEXT:
        words = next((value[name] for name in _WORDS if isinstance(value.get(name), str)), None)
        if words:
            yield words
            return
        for name in _INNER:
            if isinstance(value.get(name), dict | list):
                yield from _blocks(value[name], depth + 1)
                return
