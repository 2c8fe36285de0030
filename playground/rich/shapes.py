"""The fields of each block and their types. Nothing is counted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.rich.fields import (
    Check,
    Shape,
    an_object,
    array,
    fields,
    flag,
    integer,
    number,
    one_of,
    string,
    within,
)
from playground.rich.refused import Refusal, unparsed
from playground.rich.texts import BUTTON, rich_text

LABELS = ("a", "A", "i", "I", "1")
"""The numbering styles of ordered lists."""
MEDIA = ("photo", "video", "animation", "audio", "voice_note", "document")
"""Types of blocks with a file; the field with the file has the same name."""


def check(blocks: Any) -> None:  # noqa: ANN401 - any JSON
    """Check every block, as Telegram's Bot API server does before it looks for the chat.

    Raises:
        Refusal: A type is unknown, or a field is missing, unknown or of a wrong type.
    """
    if not isinstance(blocks, Sequence) or isinstance(blocks, str) or not blocks:
        raise Refusal("rich message must be non-empty", "blocks")
    _blocks(list(blocks), "blocks")


def _block(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    if not isinstance(value, dict):
        raise unparsed("expected an Object", path)
    if "type" not in value:
        raise unparsed('Can\'t find field "type"', path)
    kind = value["type"]
    if not isinstance(kind, str):
        raise unparsed('Field "type" must be of type String', path)
    if kind in _ELSEWHERE:
        raise Refusal("RICH_VALIDATE_CTOR_NOT_ALLOWED", path)
    if kind not in BLOCKS:
        raise unparsed(f'type "{kind}" is unsupported', path)
    fields(value, path, {"type": string, **BLOCKS[kind]})


def _blocks(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    within(path)
    array(_block)(value, path)


def _size(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    integer(value, path)
    if not 1 <= value <= 6:
        raise unparsed("heading size must be from 1 to 6", path)


def _file(kind: str) -> Check:
    def check(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
        # The caption belongs to the block; Telegram would ignore one in here.
        fields(value, path, {"type": one_of(kind), "media": string, "has_spoiler?": flag})
        if not value["media"]:
            raise unparsed("media not found", f"{path}.media")

    return check


def _items(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    array(an_object(_ITEM))(value, path)
    if not value:
        raise Refusal("list must be non-empty", path)
    if len({"type" in item for item in value}) > 1:
        raise Refusal("list must be either ordered or unordered", path)


_ITEM: Shape = {
    "blocks": _blocks,
    "has_checkbox?": flag,
    "is_checked?": flag,
    "type?": one_of(*LABELS),
    "value?": integer,
}
_CELL: Shape = {
    "text?": rich_text,
    "is_header?": flag,
    "colspan?": integer,
    "rowspan?": integer,
    "align": one_of("left", "center", "right"),
    "valign": one_of("top", "middle", "bottom"),
}
_CAPTION: Shape = {"caption?": an_object({"text": rich_text, "credit?": rich_text})}
_QUOTED: Shape = {"text": rich_text, "credit?": rich_text}

BLOCKS: Mapping[str, Shape] = {
    "paragraph": {"text": rich_text},
    "heading": {"text": rich_text, "size": _size},
    "pre": {"text": rich_text, "language?": string},
    "footer": {"text": rich_text},
    "divider": {},
    "anchor": {"name": string},
    "mathematical_expression": {"expression": string},
    "pullquote": _QUOTED,
    "blockquote": {"blocks": _blocks, "credit?": rich_text},
    "expandable_blockquote": _QUOTED,
    "details": {"summary": rich_text, "blocks": _blocks, "is_open?": flag},
    "list": {"items": _items},
    "table": {
        "cells": array(array(an_object(_CELL))),
        "caption?": rich_text,
        "is_bordered?": flag,
        "is_striped?": flag,
        "is_compact?": flag,
    },
    **{kind: {kind: _file(kind), **_CAPTION} for kind in MEDIA},
    "slideshow": {"blocks": _blocks, **_CAPTION},
    "collage": {"blocks": _blocks, **_CAPTION},
    "map": {
        "location": an_object({"latitude": number, "longitude": number}),
        "zoom?": integer,
        "width?": integer,
        "height?": integer,
        **_CAPTION,
    },
    "buttons": {
        "buttons": array(an_object(BUTTON)),
        "align?": one_of("left", "center", "right"),
    },
}
"""Block type → its fields besides `type`."""

_ELSEWHERE = frozenset({"thinking", "title", "subtitle", "author_date", "header", "subheader"})
"""Types of drafts and of Instant View, which no message may have."""
