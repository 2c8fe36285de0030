"""Builders for rich messages in Telegram's blocks, and their sizes. Pure.

A RichText is a string, a list of RichTexts, or an object that marks one. The builders clean every
text: no control characters, nothing empty, and no links but absolute web links (the words of others
stay). A block without anything visible is None.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from templates.markup.text import clean, units, visible, web_link

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from templates.edition.lru_cache import LruCache

RichText: TypeAlias = "str | list[Any] | dict[str, Any]"
Block: TypeAlias = "dict[str, Any]"

WEB = ("http://", "https://")

_TEXTS = ("text", "summary")
"""Fields with text that a reader sees."""
_NESTED = ("blocks", "items")
"""Fields with nested blocks or list items."""
BETWEEN = " · "
"""The dot between two parts of a line."""


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a rich message as Telegram counts it."""

    characters: int = 0
    """Visible characters in UTF-16 units, at least as many as Telegram counts."""
    blocks: int = 0
    """Blocks, including nested ones, list items and table rows."""
    depth: int = 0
    """Nesting depth of blocks and of marks in a text."""
    media: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.characters + other.characters,
            self.blocks + other.blocks,
            max(self.depth, other.depth),
            self.media + other.media,
        )

    def within(self, most: Size) -> bool:
        """Return whether no part of the size exceeds that of `most`."""
        return (
            self.characters <= most.characters
            and self.blocks <= most.blocks
            and self.depth <= most.depth
            and self.media <= most.media
        )


def run(*parts: RichText) -> RichText:
    """Join texts; return "" if nothing in them is visible."""
    kept: list[RichText] = []
    for part in parts:
        if not isinstance(part, str):
            # The builders have cleaned it already.
            kept += [part] if part else []
        elif kept and isinstance(kept[-1], str):
            kept[-1] += clean(part)
        elif cleaned := clean(part):
            kept.append(cleaned)
    if not visible(_words(kept)):
        return ""
    return kept[0] if len(kept) == 1 else kept


def bold(*parts: RichText) -> RichText:
    """Mark texts as bold."""
    return _marked("bold", run(*parts))


def italic(*parts: RichText) -> RichText:
    """In italics; nothing where there are no words."""
    return _marked("italic", run(*parts))


def struck(*parts: RichText) -> RichText:
    """Mark texts as struck out."""
    return _marked("strikethrough", run(*parts))


def link(words: RichText, url: str | None) -> RichText:
    """Link words to a page; return only the words if Telegram would refuse the address."""
    text, address = run(words), web_link(url)
    if not text or address is None or not address.lower().startswith(WEB):
        return text
    return {"type": "url", "text": text, "url": address}


def paragraph(*parts: RichText) -> Block | None:
    """Return a paragraph of texts."""
    return _textual("paragraph", run(*parts))


def heading(size: int, *parts: RichText) -> Block | None:
    """Return a heading of size 1, the largest, to 6."""
    block = _textual("heading", run(*parts))
    return None if block is None else {**block, "size": size}


def footer(*parts: RichText) -> Block | None:
    """Return small grey text; clients show it so only as the last block."""
    return _textual("footer", run(*parts))


def divider() -> Block:
    """Return a line across the message."""
    return {"type": "divider"}


def photo(file_id: str, caption: RichText = "") -> Block:
    """Return a picture that Telegram has, by its file id."""
    block: Block = {"type": "photo", "photo": {"type": "photo", "media": file_id}}
    below = run(caption)
    if below:
        block["caption"] = {"text": below}
    return block


def quotation(blocks: Sequence[Block | None]) -> Block | None:
    """Return blocks as a quotation."""
    inner = there(*blocks)
    return {"type": "blockquote", "blocks": inner} if inner else None


def listing(items: Sequence[Sequence[Block | None]], *, ordered: bool = False) -> Block | None:
    """Return a list; each item is a sequence of blocks."""
    kept = [inner for inner in (there(*item) for item in items) if inner]
    if not kept:
        return None
    kind = {"type": "1"} if ordered else {}
    return {"type": "list", "items": [{"blocks": inner, **kind} for inner in kept]}


def there(*blocks: Block | None) -> list[Block]:
    """Return the blocks that are not None."""
    return [block for block in blocks if block is not None]


def size_of(*blocks: Block) -> Size:
    """Return the size of blocks as Telegram counts it."""
    total = Size()
    for block in blocks:
        total += _size(block, 1)
    return total


def written(block: Block) -> str:
    """Return a block as JSON."""
    return json.dumps(block, ensure_ascii=False, separators=(",", ":"))


def _textual(kind: str, text: RichText) -> Block | None:
    return {"type": kind, "text": text} if text else None


def _marked(kind: str, text: RichText) -> RichText:
    return {"type": kind, "text": text} if text else ""


def _words(text: RichText) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(_words, text))
    return "".join(_words(text[name]) for name in _TEXTS if name in text)


def _depth(text: RichText) -> int:
    if isinstance(text, str):
        return 0
    if isinstance(text, list):
        return max(map(_depth, text), default=0)
    return 1 + max((_depth(text[name]) for name in _TEXTS if name in text), default=0)


def _size(block: Block, at: int) -> Size:
    """Return the size of a block or list item that is nested `at` blocks deep."""
    texts = [block[name] for name in _TEXTS if name in block]
    texts += block.get("caption", {}).values()
    total = Size(
        sum(units(_words(text)) for text in texts),
        1,
        at + max(map(_depth, texts), default=0),
        1 if block.get("type") == "photo" else 0,
    )
    for name in _NESTED:
        for inner in block.get(name, ()):
            total += _size(inner, at + 1)
    return total


@dataclass(frozen=True, slots=True)
class MeasuredBlock:
    """A block as JSON strings with its size, ready to be joined with others."""

    strings: tuple[str, ...]
    size: Size
    picture: str = ""
    """The picture's address; "" for a block that is no picture."""


def measured(block: Block | None, picture: str = "") -> MeasuredBlock | None:
    """Return a block as JSON with its size, or None if nothing in it is visible."""
    if block is None:
        return None
    return MeasuredBlock((written(block),), size_of(block), picture)


BlockCache: TypeAlias = "LruCache[Hashable, MeasuredBlock | None]"
"""The cache of laid-out blocks, by all values that decide how a block looks."""
