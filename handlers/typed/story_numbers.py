"""The number of a story as somebody types it: `2`, `no. 2`, `la seconda`, `第二条`. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from handlers.typed import chinese_input
from handlers.typed.phrases import all_words, listed
from handlers.typed.plain_words import LONGEST, plain
from handlers.typed.requests import without_courtesies

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DIGITS = 3
"""The most digits of a number that may stand beside a story."""

digits = re.compile(rf"(\d{{1,{MOST_DIGITS}}}) ?(?:st|nd|rd|th|a|o|e|er|re|eme|ere)?")
in_chinese = re.compile(
    rf"第?(?P<number>\d{{1,{MOST_DIGITS}}}|[一二三四五六七八九十两]{{1,3}})(?P<unit>\D{{0,4}})"
)


def story_number(text: str) -> int | None:
    """Return the number of a story that a whole message names, or None."""
    if len(text) > LONGEST:
        return None
    words = plain(without_courtesies(text))
    for before in _chinese_before():
        words = words.removeprefix(before).strip() or words
    asked = ""
    while words and words != asked:
        asked = words
        words = next(
            (words[len(each) :].strip() for each in _before() if words.startswith(f"{each} ")),
            words,
        )
    for after in listed("numbers", "after"):
        words = words.removesuffix(f" {plain(after)}") or words
    match = digits.fullmatch(words)
    if match is not None:
        return int(match[1])
    return spelled_numbers().get(words) or _of_chinese(words)


def _of_chinese(words: str) -> int | None:
    """Return the number in `第二条` or `2号`, or None."""
    match = in_chinese.fullmatch(words)
    if match is None or match["unit"] not in {"", *listed("numbers", "after")}:
        return None
    return chinese_input.number_of(match["number"])


@cache
def _before() -> tuple[str, ...]:
    return tuple(sorted(map(plain, listed("numbers", "before")), key=len, reverse=True))


@cache
def _chinese_before() -> tuple[str, ...]:
    return tuple(each for each in _before() if not each.isascii())


@cache
def spelled_numbers() -> Mapping[str, int]:
    """Return the cardinal and ordinal numbers in words, folded."""
    found: dict[str, int] = {}
    for words in all_words().values():
        units = words["hours"].get("units", ())
        found |= {plain(unit): number for number, unit in enumerate(units) if number}
        for number, spelled in enumerate(words["numbers"].get("ordinals", ()), start=1):
            found |= dict.fromkeys(map(plain, spelled.split()), number)
    return found
