"""The chat page's texts: complete in each language, and all used."""

from __future__ import annotations

import json
import re

from playground.chat_page.page import FILES

LANGUAGES = ("en", "it", "es", "fr", "zh")


def words() -> dict[str, list[str]]:
    """Return key → text in each language, from `words.js`."""
    text = (FILES / "words.js").read_text()
    rows = re.findall(r"^  (\w+): (\[\".*\"\]),$", text, flags=re.MULTILINE)
    return {key: json.loads(row.replace("\\u202f", "\u202f")) for key, row in rows}


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
