"""A picture for each story: a typographic tile in a restrained palette, as SVG."""

from __future__ import annotations

import zlib
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.stories import Story

WIDTH, HEIGHT = 1200, 630
_PALETTES = (
    ("#1d1a17", "#e0c596", "#f4ede1"),
    ("#22312b", "#b9c7a4", "#f1efe6"),
    ("#2b2530", "#c9a9b4", "#f5eeee"),
    ("#1f2a38", "#a9bfd6", "#eff2f5"),
    ("#3a2620", "#d9a883", "#f7eee7"),
    ("#ece5d8", "#8a662c", "#231f1a"),
)
"""Ground, accent and ink."""
_LETTERS_A_LINE = 30
_MOST_LINES = 4


def tile(story: Story) -> str:
    """The tile of a story; always the same for the same story."""
    seed = zlib.crc32(story.slug.encode())
    ground, accent, ink = _PALETTES[seed % len(_PALETTES)]
    lines = _lines(story.title)
    size = 74 if len(lines) <= _MOST_LINES - 1 else 64
    leading = round(size * 1.2)
    top = 330 - (len(lines) - 1) * leading // 2
    text = "".join(
        f'<text x="96" y="{top + number * leading}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    category = escape(story.categories[0] if story.categories else "News")
    radius = 170 + seed // 7 % 120
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(story.title)}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>'
        f'<g fill="none" stroke="{accent}" opacity=".28">'
        f'<circle cx="1090" cy="90" r="{radius}"/>'
        f'<circle cx="1090" cy="90" r="{radius + 46}"/>'
        f'<circle cx="1090" cy="90" r="{radius + 92}"/></g>'
        f'<path d="M96 132h72" stroke="{accent}" stroke-width="3"/>'
        f"<g font-family=\"Georgia,'Times New Roman',serif\">"
        f'<text x="96" y="108" font-size="30" font-style="italic" fill="{accent}">{category}</text>'
        f'<g font-size="{size}" fill="{ink}">{text}</g>'
        f'<text x="96" y="572" font-size="24" letter-spacing="6" fill="{accent}">ON NEWS</text>'
        "</g></svg>"
    )


def _lines(title: str) -> list[str]:
    """The title in a few lines of about equal length; what does not fit ends in an ellipsis."""
    lines = [""]
    for word in title.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS_A_LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]}…"]
    return lines
