"""Spans of hours and minutes from now that somebody types: `in two hours`, `半小时后`."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

from handlers.typed import chinese_input, spoken_hours
from handlers.typed.parse_days import bare_words, number_of
from handlers.typed.phrases import listed, numbered

LONGEST = timedelta(days=7)
"""The longest span; a later moment has a day."""
HALF = 30

_APART = str.maketrans("-", " ")
SPAN = re.compile(r"(\d+)\s*([a-z]+)(?=\d|\s|$)")
chinese_span = re.compile(
    r"过?(?:(?P<hours>\d{1,3}|[一二两兩三四五六七八九十]{1,3})个?(?P<half>半)?(?:小时|小時|钟头|鐘頭)"
    r"(?P<more>半)?|(?P<only>半)个?(?:小时|小時|钟头|鐘頭)|(?P<quarters>[一两兩三])刻钟)?"
    r"(?:(?P<minutes>\d{1,3}|[一二两兩三四五六七八九十]{1,3})分钟?)?(?:[之以]?[后後])?"
)


def read_span(text: str) -> timedelta | None:
    """Read a span of a minute to `LONGEST`: `in two hours`, `fra due ore e mezza`, `两小时后`."""
    minutes = _minutes(text)
    if minutes is None:
        minutes = _chinese_minutes("".join(text.split()))
    span = None if minutes is None else timedelta(minutes=minutes)
    return span if span is not None and timedelta(0) < span <= LONGEST else None


def _minutes(text: str) -> int | None:
    words = " ".join(bare_words(text)).translate(_APART).rstrip(" .!")
    for before in listed("moments", "ahead"):
        if words.startswith(f"{before} "):
            return _counted(words.removeprefix(before).strip())
    return None


def _counted(words: str) -> int | None:
    """Return the minutes in `two hours and ten minutes`, `2h30` or `half an hour`, or None."""
    spans = numbered("moments", "spans")
    if words in spans:
        return int(spans[words])
    for half in listed("moments", "and_half"):
        if words.endswith(f" {half}"):
            whole = _units(words.removesuffix(half).split())
            return whole + HALF if whole is not None and whole % 60 == 0 else None
        # “one and a half hours”
        if f" {half} " in words:
            number, _, unit = words.partition(f" {half} ")
            whole = _units([*number.split(), unit])
            return whole + HALF if whole is not None and whole % 60 == 0 else None
    return _units(words.split())


def _units(words: list[str]) -> int | None:
    """Return the minutes of numbers with their units, hours before minutes; None if none."""
    spaced = SPAN.sub(r"\1 \2 ", " ".join(words)).split()
    left = [word for word in spaced if word not in _named("and")]
    total, of_hours = 0, False
    while left:
        number, taken = _number(left)
        if number is None:
            return None
        unit = left[taken] if taken < len(left) else ""
        if unit in _named("hour") and not total:
            total, of_hours = number * 60, True
        elif unit in _named("minute") or (not unit and of_hours and number < 60):
            return total + number if len(left) <= taken + 1 else None
        else:
            return None
        left = left[taken + 1 :]
    return total or None


def _number(words: list[str]) -> tuple[int | None, int]:
    """Return the number that the words begin with, or None, and how many words it has."""
    for taken in (3, 2, 1):
        number = spoken_hours.numbers().get(" ".join(words[:taken]))
        if number is not None and taken <= len(words):
            return number, taken
    return number_of(words[0]), 1


def _chinese_minutes(text: str) -> int | None:
    match = chinese_span.fullmatch(text)
    if match is None or not (text.startswith("过") or text.endswith(("后", "後"))):
        return None
    total = 0
    if match["hours"]:
        half = HALF if match["half"] or match["more"] else 0
        total = _count(match["hours"]) * 60 + half
    elif match["only"]:
        total = HALF
    elif match["quarters"]:
        total = _count(match["quarters"]) * 15
    return total + (_count(match["minutes"]) if match["minutes"] else 0) or None


def _count(number: str) -> int:
    return int(number) if number.isdecimal() else chinese_input.number_of(number)


@cache
def _named(key: str) -> frozenset[str]:
    return frozenset(listed("moments", key))
