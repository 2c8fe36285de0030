"""The size of a rich message, and the refusals of Telegram's servers for a parsed one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.checks import markup
from playground.rich.refused import Refusal
from playground.rich.shapes import MEDIA
from playground.rich.texts import ACTIONS, parts, words

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CHARACTERS = 32_768
MAX_BLOCKS = 500
MAX_DEPTH = 16
"""Greatest nesting depth of blocks, plus that of marks in their texts."""
MAX_MEDIA = 50
MAX_COLUMNS = 20
MAX_BUTTONS_IN_ROW = 8
MAX_CALLBACK_BYTES = 64
MAX_COPY_CHARACTERS = 256

_TEXTS = ("text", "expression", "summary", "credit")
_BLANK = " \t\n\r\v\f"
_DATE_FORMAT = re.compile(r"[rR]|w?[dD]?[tT]?")
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_PHONE = re.compile(r"\+?[\d ().-]{3,32}")
_IN_BUTTONS = frozenset({"custom_emoji", "date_time"})


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of a rich message as Telegram counts it.

    Attributes:
        characters: Visible code points: texts, captions, summaries, credits, formulas, labels of
            buttons, and alternative texts of emoji, without addresses.
        blocks: Blocks, including nested ones, list items and table rows.
        depth: Nesting depth of blocks (a list item is one) and of marks.
        media: Pictures and other files.
    """

    characters: int
    blocks: int
    depth: int
    media: int


def measure(blocks: Sequence[Any]) -> Counts:
    """Count a message with valid shapes.

    Raises:
        Refusal: Something is too large, empty, or an invalid link.
    """
    counted = _Count()
    counted.children(blocks, "blocks", 0)
    counted.judge()
    return Counts(counted.characters, counted.blocks, counted.depth, counted.media)


def link(url: str) -> bool:
    """Return whether Telegram takes an address in a rich message: absolute and clickable."""
    scheme, colon, rest = url.partition(":")
    if not colon or url != url.strip() or any(letter.isspace() for letter in url):
        return False
    match scheme.lower():
        case "http" | "https":
            return rest.startswith("//") and markup.link(url) is not None
        case "mailto":
            return _EMAIL.fullmatch(rest.partition("?")[0]) is not None
        case "tel":
            return _PHONE.fullmatch(rest) is not None
        case "tg":
            return rest.startswith("//") and len(rest) > len("//")
    return False


class _Count:
    """The counts so far, and the first place without visible content."""

    def __init__(self) -> None:
        self.characters = 0
        self.blocks = 0
        self.depth = 0
        self.media = 0
        self._columns = 0
        self._empty: str | None = None
        self._seen = False

    def judge(self) -> None:
        """Check the counts against the limits.

        Raises:
            Refusal: The first limit that is exceeded.
        """
        if not self._seen:
            raise Refusal("RICH_MESSAGE_EMPTY")
        if self._empty is not None:
            raise Refusal("RICH_MESSAGE_CONTENT_REQUIRED", self._empty)
        for count, most, reason in (
            (self.characters, MAX_CHARACTERS, "RICH_MESSAGE_TEXT_TOO_LONG"),
            (self.blocks, MAX_BLOCKS, "RICH_MESSAGE_BLOCKS_TOO_MANY"),
            (self.depth, MAX_DEPTH, "RICH_MESSAGE_DEPTH_INVALID"),
            (self.media, MAX_MEDIA, "RICH_MESSAGE_MEDIA_TOO_MANY"),
            (self._columns, MAX_COLUMNS, "RICH_MESSAGE_TABLE_COLS_TOO_MANY"),
        ):
            if count > most:
                raise Refusal(reason)

    def children(self, blocks: Sequence[Any], path: str, depth: int) -> None:
        """Count blocks that are nested `depth` blocks deep."""
        if not blocks:
            self._lacks(path)
        for index, block in enumerate(blocks):
            self._block(block, f"{path}[{index}]", depth + 1)

    def _block(self, block: dict[str, Any], path: str, depth: int) -> None:
        self._enter(depth)
        self._words(block, path, depth)
        match block["type"]:
            case "blockquote" | "details":
                self.children(block["blocks"], f"{path}.blocks", depth)
            case "slideshow" | "collage":
                self._media_only(block["blocks"], f"{path}.blocks", depth)
            case "list":
                self._items(block["items"], path, depth)
            case "table":
                self._table(block["cells"], path, depth)
            case "buttons":
                self._row(block["buttons"], path, depth)
            case "anchor" if not block["name"]:
                self._lacks(f"{path}.name")
            case kind if kind in MEDIA:
                self.media += 1
                self._seen = True
            case "map":
                self._seen = True

    def _words(self, block: dict[str, Any], path: str, depth: int) -> None:
        for name in _TEXTS:
            if name in block:
                self._text(block[name], f"{path}.{name}", depth)
        if "caption" not in block:
            return
        if block["type"] == "table":
            self._text(block["caption"], f"{path}.caption", depth)
            return
        for name, text in block["caption"].items():
            self._text(text, f"{path}.caption.{name}", depth)

    def _enter(self, depth: int) -> None:
        self.blocks += 1
        self.depth = max(self.depth, depth)

    def _media_only(self, blocks: Sequence[dict[str, Any]], path: str, depth: int) -> None:
        for index, inner in enumerate(blocks):
            if inner["type"] not in MEDIA:
                self._lacks(f"{path}[{index}]")
        self.children(blocks, path, depth)

    def _items(self, items: Sequence[dict[str, Any]], path: str, depth: int) -> None:
        for index, item in enumerate(items):
            self._enter(depth + 1)
            self.children(item["blocks"], f"{path}.items[{index}].blocks", depth + 1)

    def _table(self, rows: Sequence[Sequence[dict[str, Any]]], path: str, depth: int) -> None:
        if not any(rows):
            self._lacks(f"{path}.cells")
        for number, row in enumerate(rows):
            self._enter(depth + 1)
            self._columns = max(self._columns, sum(cell.get("colspan", 1) for cell in row))
            for index, cell in enumerate(row):
                if "text" in cell:
                    self._text(cell["text"], f"{path}.cells[{number}][{index}].text", depth + 1)

    def _row(self, buttons: Sequence[dict[str, Any]], path: str, depth: int) -> None:
        if not buttons:
            self._lacks(path)
        if len(buttons) > MAX_BUTTONS_IN_ROW:
            raise Refusal("BUTTONS_TOO_MANY", path)
        for index, button in enumerate(buttons):
            self._text(button["text"], f"{path}.buttons[{index}].text", depth)
            _judge_button(button, f"{path}.buttons[{index}]")

    def _text(self, text: Any, path: str, depth: int) -> None:  # noqa: ANN401 - any RichText
        if words(text).strip(_BLANK):
            self._seen = True
        else:
            self._lacks(path)
        judged: set[int] = set()
        for piece, outer in parts(text):
            self.characters += len(piece)
            self.depth = max(self.depth, depth + len(outer))
            if not piece and not (outer and outer[-1]["type"] == "anchor"):
                self._lacks(path)
            for part in outer:
                if id(part) not in judged:
                    judged.add(id(part))
                    _judge_mark(part, path)

    def _lacks(self, path: str) -> None:
        if self._empty is None:
            self._empty = path


def _judge_mark(part: dict[str, Any], path: str) -> None:
    match part["type"]:
        case "url" if not link(part["url"]):
            raise Refusal("RICH_MESSAGE_URL_INVALID", path)
        case "email_address" if _EMAIL.fullmatch(part["email_address"]) is None:
            raise Refusal("RICH_MESSAGE_EMAIL_INVALID", path)
        case "phone_number" if _PHONE.fullmatch(part["phone_number"]) is None:
            raise Refusal("RICH_MESSAGE_PHONE_INVALID", path)
        case "date_time" if _DATE_FORMAT.fullmatch(part["date_time_format"]) is None:
            raise Refusal("RICH_MESSAGE_DATE_INVALID", path)
        case "button":
            _judge_button(part["button"], path)


def _judge_button(button: dict[str, Any], path: str) -> None:
    """Check a button; only BUTTON_DATA_INVALID and BUTTON_URL_INVALID are Telegram's words."""
    if any(part["type"] not in _IN_BUTTONS for _, outer in parts(button["text"]) for part in outer):
        raise Refusal("BUTTON_TEXT_INVALID", path)
    if len(ACTIONS & button.keys()) != 1:
        raise Refusal("BUTTON_TYPE_INVALID", path)
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES:
        raise Refusal("BUTTON_DATA_INVALID", path)
    if data is None and button.get("style") == "link":
        raise Refusal("BUTTON_STYLE_INVALID", path)
    if "url" in button and not link(button["url"]):
        raise Refusal("BUTTON_URL_INVALID", path)
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= MAX_COPY_CHARACTERS:
        raise Refusal("BUTTON_COPY_TEXT_INVALID", path)
