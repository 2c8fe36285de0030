"""The chat page's texts: complete in each language, and all used."""

from __future__ import annotations

import json
import re

import pytest

from playground.chat_page.controls import GUESTS
from playground.chat_page.page import FILES

LANGUAGES = ("en", "it", "es", "fr", "zh")


def words() -> dict[str, list[str]]:
    """Return key → text in each language, from `words.js`."""
    text = (FILES / "words.js").read_text()
    rows = re.findall(r"^  (\w+): (\[\".*\"\]),$", text, flags=re.MULTILINE)
    return {key: json.loads(row.replace("\\u202f", "\u202f")) for key, row in rows}


def test_a_channel_has_one_name_in_each_language() -> None:
    table = words()
    for key in ("room", "roomChannel", "whichChannel"):
        for name, sentence in zip(table["channel"], table[key], strict=True):
            # The plural of "canal" is "canaux".
            assert name[:4] in sentence.lower(), (key, sentence)


def test_the_pages_texts_exist_in_every_language_with_equal_values() -> None:
    table = words()
    assert len(table) > 50
    for key, row in table.items():
        assert len(row) == len(LANGUAGES), key
        assert all(row), key
        values = [sorted(re.findall(r"\{(\w+)\}", each)) for each in row]
        assert values.count(values[0]) == len(row), key


def test_the_page_uses_exactly_the_texts_of_the_table() -> None:
    used: set[str] = set()
    for file in FILES.glob("*.js"):
        if file.name != "words.js":
            used.update(re.findall(r"\"(\w+)\"", file.read_text()))
            calls = re.findall(r"\bsay\(\"(\w+)\"", file.read_text())
            assert set(calls) <= words().keys(), file.name
    assert words().keys() <= used


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guest_of_each_language_can_enter_the_page(language: str) -> None:
    assert len(set(GUESTS[language])) >= 6
    assert f'{{ id: "{language}", name:' in (FILES / "controls.js").read_text()
