"""The colours of the chat page: text is told from what is behind it, by day and by night."""

from __future__ import annotations

import re

import pytest

from playground.chat_page.page import FILES

PAIRS = {
    "ink": ("in", "out", "side", "canvas", "chosen"),
    "soft": ("in", "side", "chosen"),
    "accent": ("in", "out"),
    "out-soft": ("out",),
    "code": ("in",),
    "key-ink": ("key", "key-hover"),
    "pill-ink": ("pill",),
    "on-accent": ("accent",),
}
"""Colour of a text → the colours behind it; a translucent one lies on the canvas."""
ENOUGH = 4.5
"""The least ratio for small text, by WCAG 2.2, 1.4.3."""

Colour = tuple[float, float, float, float]


def variables() -> dict[str, dict[str, Colour]]:
    """Return the colours of both schemes by name, each as red, green, blue and opacity."""
    css = (FILES / "frame.css").read_text()
    light, dark = (css.split(":root {")[part] for part in (1, 2))
    day = {
        name: colour(text) for name, text in re.findall(r"--([\w-]+): (#\w{6}|rgb[^;]*);", light)
    }
    night = {
        name: colour(text) for name, text in re.findall(r"--([\w-]+): (#\w{6}|rgb[^;]*);", dark)
    }
    return {"light": day, "dark": day | night}


def colour(text: str) -> Colour:
    if text.startswith("#"):
        red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
        return red, green, blue, 1
    red, green, blue, opacity = re.findall(r"[\d.]+", text)
    return float(red), float(green), float(blue), float(opacity) / 100


def over(front: Colour, back: Colour) -> Colour:
    red, green, blue = (
        f * front[3] + b * (1 - front[3]) for f, b in zip(front, back[:3], strict=False)
    )
    return red, green, blue, 1


def luminance(shown: Colour) -> float:
    red, green, blue = (
        each / 255 / 12.92 if each / 255 <= 0.04045 else ((each / 255 + 0.055) / 1.055) ** 2.4
        for each in shown[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_the_chat_page_can_be_read_on_what_is_behind_it(scheme: str) -> None:
    colours = variables()[scheme]
    faint = {}
    for text, backs in PAIRS.items():
        for name in backs:
            back = over(colours[name], colours["canvas"])
            one, other = sorted((luminance(colours[text]), luminance(back)))
            ratio = (other + 0.05) / (one + 0.05)
            if ratio < ENOUGH:
                faint[text, name] = round(ratio, 2)
    assert faint == {}
