"""Rich messages for tests."""

from __future__ import annotations

from typing import Any

WORDS = [{"type": "paragraph", "text": "Good morning."}]


def rich(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"blocks": list(blocks), "skip_entity_detection": True} | more


def picture(file_id: str, **more: object) -> dict[str, Any]:
    return {"type": "photo", "photo": {"type": "photo", "media": file_id}} | more


def every_block(file_id: str) -> list[dict[str, Any]]:
    """Return a message with every block and every text style of the playground."""
    linked = {
        "type": "url",
        "text": {"type": "bold", "text": "Prada"},
        "url": "https://a.example/1",
    }
    marks = [
        {"type": kind, "text": kind}
        for kind in ("italic", "underline", "strikethrough", "spoiler", "subscript", "superscript")
    ]
    return [
        {"type": "heading", "text": "Thursday", "size": 1},
        {"type": "paragraph", "text": ["Good ", {"type": "marked", "text": "morning"}, *marks]},
        picture(file_id, caption={"text": "In Milan", "credit": "FT"}),
        {"type": "heading", "text": linked, "size": 2},
        {"type": "divider"},
        {"type": "anchor", "name": "motor"},
        {
            "type": "list",
            "items": [{"blocks": WORDS, "type": "1", "value": 3}, {"blocks": WORDS, "type": "1"}],
        },
        {"type": "list", "items": [{"blocks": WORDS, "has_checkbox": True, "is_checked": True}]},
        {"type": "blockquote", "blocks": WORDS, "credit": "WWD"},
        {"type": "expandable_blockquote", "text": "A long one", "credit": "WWD"},
        {"type": "pullquote", "text": "A short one"},
        {"type": "pre", "text": "x = 1", "language": "python"},
        {"type": "mathematical_expression", "expression": "x^2"},
        {
            "type": "table",
            "caption": "Sales",
            "cells": [[{"text": "x", "align": "left", "valign": "top", "is_header": True}]],
        },
        {"type": "slideshow", "blocks": [picture(file_id)], "caption": {"text": "Two"}},
        {"type": "collage", "blocks": [picture(file_id)]},
        {"type": "map", "location": {"latitude": 45.4, "longitude": 9.1}},
        {"type": "details", "summary": "2 more", "blocks": WORDS, "is_open": True},
        {
            "type": "buttons",
            "buttons": [{"text": "Go", "callback_data": "go", "style": "primary"}],
            "align": "center",
        },
        {
            "type": "paragraph",
            "text": [
                {"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "🦉"},
                {"type": "date_time", "text": "8", "unix_time": 1, "date_time_format": "t"},
                {"type": "anchor_link", "text": "Motor", "anchor_name": "motor"},
                {"type": "mention", "text": "@somebody", "username": "somebody"},
                {"type": "button", "button": {"text": "Off", "disabled": {}}},
            ],
        },
        {"type": "footer", "text": "57 sources"},
    ]
