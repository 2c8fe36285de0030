"""Rich messages as Telegram returns them: the blocks that were sent, as it stores them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playground.rich.shapes import MEDIA
from playground.rich.texts import DETECTED

if TYPE_CHECKING:
    from playground.world.chats import Body

Files = Callable[[str, str], Any]
"""Takes a kind, such as `photo`, and a file's name; returns Telegram's object for it."""

_MAP = {"zoom": 15, "width": 600, "height": 400}


def received(blocks: Sequence[Body], files: Files) -> list[Body]:
    """Return Telegram's RichBlocks of a checked message.

    Args:
        blocks: The InputRichBlocks.
        files: Looks a file up; may raise ApiError.
    """
    return [_block(block, files) for block in blocks]


def _block(block: Body, files: Files) -> Body:
    kind = block["type"]
    made = {name: _value(name, value, kind, files) for name, value in block.items()}
    if kind in MEDIA:
        made[kind] = files(kind, block[kind]["media"])
        if block[kind].get("has_spoiler"):
            made["has_spoiler"] = True
    elif kind == "list":
        made["items"] = [_item(item, index, files) for index, item in enumerate(block["items"])]
    elif kind == "map":
        made = _MAP | made
    return made


def _value(name: str, value: Any, kind: str, files: Files) -> Any:  # noqa: ANN401 - any JSON
    if name == "blocks":
        return received(value, files)
    if name in ("text", "summary", "credit") or (name == "caption" and kind == "table"):
        return _text(value)
    if name == "caption":
        return {inner: _text(text) for inner, text in value.items()}
    if name == "cells":
        return [[_cell(cell) for cell in row] for row in value]
    return value


def _cell(cell: Body) -> Body:
    return cell | {"text": _text(cell["text"])} if "text" in cell else cell


def _item(item: Body, index: int, files: Files) -> Body:
    number = item.get("value", index + 1)
    label = f"{number}." if "type" in item else "•"
    return item | {"label": label, "blocks": received(item["blocks"], files)}


def _text(text: Any) -> Any:  # noqa: ANN401 - any RichText
    """Return a text as stored: marks that Telegram detects on its own become plain text."""
    if isinstance(text, list | tuple):
        return [_text(part) for part in text]
    if not isinstance(text, Mapping):
        return text
    if text["type"] in DETECTED:
        return _text(text["text"])
    return {name: _text(value) if name == "text" else value for name, value in text.items()}
