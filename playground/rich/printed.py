"""Rich messages as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from playground.rich.texts import parts
from playground.rich.visible_text import lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.world.chats import Body

_STYLES = {"bold": "bold", "italic": "italic", "underline": "underline", "strikethrough": "strike"}


def printed(blocks: Sequence[Body]) -> Text:
    """Return received blocks as text: headings bold, pictures named, folded blocks closed."""
    page = Text()
    above = ""
    for block in blocks:
        kind: str = block["type"]
        if above:
            page.append("\n" if (above, kind) == ("heading", "paragraph") else "\n\n")
        page.append_text(_block(kind, block))
        above = kind
    return page


def _block(kind: str, block: Body) -> Text:
    shown = Text("\n").join(_words(line) for line in lines([block]))
    match kind:
        case "heading":
            shown.stylize("bold underline" if block["size"] == 1 else "bold")
        case "footer":
            shown.stylize("dim")
        case "divider":
            shown = Text("─" * 24, "dim")
        case "photo":
            shown = Text(f"▒▒ {shown.plain or 'a picture'}", "dim")
        case "details":
            shown = Text("▸ ").append_text(_words(block["summary"]))
    return shown


def _words(text: Any) -> Text:  # noqa: ANN401 - any RichText
    made = Text()
    for piece, outer in parts(text):
        marks = (_STYLES[mark["type"]] for mark in outer if mark["type"] in _STYLES)
        made.append(piece, " ".join(marks))
    return made
