"""The visible text of a rich message, and its marks as entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.checks.markup import utf16
from playground.rich.texts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playground.world.chats import Body

_KINDS = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strikethrough",
    "spoiler": "spoiler",
    "code": "code",
    "url": "text_link",
}
"""Mark → the entity that marks a plain text the same way."""


def lines(blocks: Sequence[Body]) -> Iterator[Any]:
    """Yield every text of received blocks as a RichText, top to bottom, including folded ones."""
    for block in blocks:
        kind = block["type"]
        if "summary" in block:
            yield block["summary"]
        if "text" in block:
            yield block["text"]
        if "expression" in block:
            yield block["expression"]
        yield from lines(block.get("blocks", ()))
        for item in block.get("items", ()):
            yield from lines(item["blocks"])
        for row in block.get("cells", ()):
            yield from (cell["text"] for cell in row if "text" in cell)
        yield from (button["text"] for button in block.get("buttons", ()))
        if "credit" in block:
            yield block["credit"]
        caption = block.get("caption")
        if caption is not None:
            yield from [caption] if kind == "table" else caption.values()


def words(blocks: Sequence[Body]) -> tuple[str, list[Body]]:
    """Return one line for each text, and the entities that mark a plain text the same way.

    Returns:
        The text, and the entities with offsets in UTF-16 units; marks without an entity, such as
            headings, are left out.
    """
    text = ""
    entities: list[Body] = []
    for line in lines(blocks):
        text += "\n" if text else ""
        starts: dict[int, Body] = {}
        for piece, outer in parts(line):
            for mark in outer:
                kind = _KINDS.get(mark["type"])
                if kind is None:
                    continue
                entity = starts.get(id(mark))
                if entity is None:
                    entity = {"type": kind, "offset": utf16(text), "length": 0}
                    if kind == "text_link":
                        entity["url"] = mark["url"]
                    starts[id(mark)] = entity
                    entities.append(entity)
                entity["length"] += utf16(piece)
            text += piece
    return text, entities


def pictures(rich_message: Any) -> int:  # noqa: ANN401 - any JSON
    """Return how many pictures and other files a rich message has, checked or not."""
    if isinstance(rich_message, list):
        return sum(map(pictures, rich_message))
    if not isinstance(rich_message, dict):
        return 0
    own = isinstance(rich_message.get("media"), str)
    return own + sum(map(pictures, rich_message.values()))
