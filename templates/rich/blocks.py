"""Rich messages as Telegram's blocks: what builds their JSON, and what counts it. Pure.

A RichText is a string, a list of them, or an object that marks one. The builders keep every text
fit to be sent: no control characters, nothing empty, and no link that is not absolute and of the
web: its words stay, without the link. A block of which nothing could be seen is None.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from templates.markup.text import clean, units, visible, web_link

if TYPE_CHECKING:
    from collections.abc import Sequence

RichText: TypeAlias = "str | list[Any] | dict[str, Any]"
Block: TypeAlias = "dict[str, Any]"

WEB = ("http://", "https://")

_TEXTS = ("text", "summary")
"""Fields whose strings a reader sees."""
_NESTED = ("blocks", "items")
"""Fields that hold blocks, or what counts as one."""


@dataclass(frozen=True, slots=True)
class Size:
    """What Telegram counts of a rich message."""

    characters: int = 0
    """All that can be seen, in UTF-16 units: as many as Telegram counts, or more."""
    blocks: int = 0
    """Those within others, items of lists and rows of tables too."""
    depth: int = 0
    """Of blocks in blocks and of marks in marks."""
    media: int = 0

    def __add__(self, other: Size) -> Size:
        """The size of both, one below the other."""
        return Size(
            self.characters + other.characters,
            self.blocks + other.blocks,
            max(self.depth, other.depth),
            self.media + other.media,
        )

    def within(self, most: Size) -> bool:
        """Whether it is no larger in any respect."""
        return (
            self.characters <= most.characters
            and self.blocks <= most.blocks
            and self.depth <= most.depth
            and self.media <= most.media
        )


def run(*parts: RichText) -> RichText:
    """Texts in a row; an empty string where nothing could be seen."""
    kept: list[RichText] = []
    for part in parts:
        if not isinstance(part, str):
            # What a builder made of its strings is clean already.
            kept += [part] if part else []
        elif kept and isinstance(kept[-1], str):
            kept[-1] += clean(part)
        elif cleaned := clean(part):
            kept.append(cleaned)
    if not visible(_words(kept)):
        return ""
    return kept[0] if len(kept) == 1 else kept


def bold(*parts: RichText) -> RichText:
    """Texts in bold."""
    return _marked("bold", run(*parts))


def link(words: RichText, url: str | None) -> RichText:
    """Words that lead to a page; just the words where the address is none that Telegram takes."""
    text, address = run(words), web_link(url)
    if not text or address is None or not address.lower().startswith(WEB):
        return text
    return {"type": "url", "text": text, "url": address}


def paragraph(*parts: RichText) -> Block | None:
    """A paragraph."""
    return _textual("paragraph", run(*parts))


def heading(size: int, *parts: RichText) -> Block | None:
    """A heading of size 1, the largest, to 6."""
    block = _textual("heading", run(*parts))
    return None if block is None else {**block, "size": size}


def footer(*parts: RichText) -> Block | None:
    """Small grey text; clients draw it so where it is the last block."""
    return _textual("footer", run(*parts))


def divider() -> Block:
    """A line across the message."""
    return {"type": "divider"}


def photo(file_id: str, caption: RichText = "") -> Block:
    """A picture that Telegram has, by the id that it gave it."""
    block: Block = {"type": "photo", "photo": {"type": "photo", "media": file_id}}
    below = run(caption)
    if below:
        block["caption"] = {"text": below}
    return block


def quotation(blocks: Sequence[Block | None]) -> Block | None:
    """Blocks that quote somebody."""
    inner = there(*blocks)
    return {"type": "blockquote", "blocks": inner} if inner else None


def listing(items: Sequence[Sequence[Block | None]], *, ordered: bool = False) -> Block | None:
    """A list, each of its items some blocks."""
    kept = [inner for inner in (there(*item) for item in items) if inner]
    if not kept:
        return None
    kind = {"type": "1"} if ordered else {}
    return {"type": "list", "items": [{"blocks": inner, **kind} for inner in kept]}


def there(*blocks: Block | None) -> list[Block]:
    """The blocks without those that are None."""
    return [block for block in blocks if block is not None]


def size_of(*blocks: Block) -> Size:
    """What Telegram counts of blocks."""
    total = Size()
    for block in blocks:
        total += _size(block, 1)
    return total


def written(block: Block) -> str:
    """A block as JSON."""
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
    """How many marks a text has around one another."""
    if isinstance(text, str):
        return 0
    if isinstance(text, list):
        return max(map(_depth, text), default=0)
    return 1 + max((_depth(text[name]) for name in _TEXTS if name in text), default=0)


def _size(block: Block, at: int) -> Size:
    """The size of a block, or of an item of a list, that stands `at` blocks deep."""
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
