"""The words that people type, read from one file a language: `words/en.toml` and so on.

All languages are read at once, because a reader with Telegram in English may write `basta`. Nothing
is read before the first text arrives. The tables of a file:

- `commands`: messages that mean a command, or a page of the settings
- `courtesies`: messages that are a greeting, thanks, a goodbye or an agreement
- `requests`: words before a name that ask for something; `requests_after`: words after a name
- `news`: words for news, and those that join them to a name
- `sentences`: polite words at both ends of a request; other words after a name that is known
  (`endings`); articles, other words between a request and a name (`fillers`), words that say that
  a word follows (`marks`); and the words that begin a question
- `numbers`: words before and after the number of a story, and the ordinal numbers in order
- `hours` and `days`: words of times of day, and of days and spans, without accents;
  `from` stands before the first of two days, `to` between them
- `moments`: spans of hours and minutes from now, and parts of the day beside a day, without accents
- `filters`: words that narrow a search to a day, a source or a category, without accents
- `wishes`: the phrases of each idea that a sentence in any order may have (`wishes.py`); `small`
  ones mean nothing by themselves. `tongues`: the names of the languages of articles
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("words")
CHINESE = "zh"
"""The language without spaces between words, whose phrases match parts of a text."""


@cache
def all_words() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of each language's file, by the file's name without its ending."""
    return {
        each.stem: tomllib.loads(each.read_text(encoding="utf-8"))
        for each in sorted(FOLDER.glob("*.toml"))
    }


@cache
def listed(table: str, key: str) -> tuple[str, ...]:
    """Return the phrases of a list in all languages, in the order of the files."""
    return tuple(phrase for words in all_words().values() for phrase in words[table].get(key, ()))


@cache
def numbered(table: str, key: str) -> Mapping[str, Any]:
    """Return the values of a table's phrases in all languages."""
    return {
        phrase: value
        for words in all_words().values()
        for phrase, value in words[table].get(key, {}).items()
    }


def keyed(table: str) -> Mapping[str, str]:
    """Return each phrase of a table's lists in all languages, with the name of its list."""
    return {
        phrase: key
        for words in all_words().values()
        for key, phrases in words[table].items()
        for phrase in phrases
    }
