"""Telegram's own parser (TDLib, offline), and its judgement of our texts."""

from __future__ import annotations

import json
from typing import Any, cast

from tdjson import td_execute

from templates.markup.fit import ENTITIES, RAW_BYTES, UNITS
from templates.markup.telegram_html import parse
from templates.markup.text import units, visible


def parsed(html: str) -> dict[str, Any]:
    """Return Telegram's answer to a text with parse mode HTML: a formattedText, or an error."""
    request = {
        "@type": "parseTextEntities",
        "text": html,
        "parse_mode": {"@type": "textParseModeHTML"},
    }
    answer = td_execute(json.dumps(request).encode())
    return cast("dict[str, Any]", json.loads(answer or b"{}"))


def addresses(text: str) -> list[tuple[int, str]]:
    """Return what Telegram links in a text without markup, with positions in UTF-16 units."""
    request = {"@type": "getTextEntities", "text": text}
    answer = json.loads(td_execute(json.dumps(request).encode()) or b"{}")
    units_of = text.encode("utf-16-le", "surrogatepass")
    return [
        (
            each["offset"],
            units_of[2 * each["offset"] : 2 * (each["offset"] + each["length"])].decode(
                "utf-16-le", "replace"
            ),
        )
        for each in answer.get("entities", ())
        if each["type"]["@type"] == "textEntityTypeUrl"
    ]


def plain(html: str) -> str:
    """Return the text of a message part without its markup."""
    return parse(html).text.strip()


def assert_telegram_takes(html: str) -> None:
    """Assert that a part of a message is valid.

    The parser checks its markup; the limits that the parser ignores are checked here.
    """
    answer = parsed(html)
    assert answer["@type"] == "formattedText", f"{answer.get('message')}: {html[:2000]!r}"
    text, entities = answer["text"], answer["entities"]
    assert visible(text)
    ours = parse(html)
    assert text == ours.text, "Telegram reads other words than we wrote"
    assert units(text) <= UNITS
    assert len(html.encode()) <= RAW_BYTES
    assert len(entities) <= ENTITIES
    assert len(ours.spans) <= ENTITIES
    kinds = [entity["type"]["@type"] for entity in entities]
    assert kinds.count("textEntityTypeTextUrl") == html.count("<a href="), "a link was lost"
