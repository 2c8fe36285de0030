"""A moment to come that somebody types: `tomorrow at 7`, `18:30`, `in two hours`, `明天7点`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from handlers.typed import chinese_input
from handlers.typed.parse_days import bare_words, day_words, number_of, read_date
from handlers.typed.parse_hours import leading_number, read_minute
from handlers.typed.phrases import listed, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 60
"""Characters of a text that may be a moment."""
DAWN = 6 * 60
"""Minutes after midnight until which an hour of tonight is one of tomorrow."""


class Written(NamedTuple):
    """A text without the part of the day that stands beside its day."""

    text: str
    part: str = ""
    """The part of the day as it is said behind an hour: `in the evening`; empty if none is said."""
    today: bool = False
    """Whether the part of the day was one of today, such as `tonight`."""


def read_moment(text: str, language: str, now: datetime) -> datetime | None:
    """Read a future moment within a year; None if the text is none.

    A time alone is its next occurrence. A day alone is no moment. An hour that the clock skips in
    spring is the hour after it; of an hour that comes twice in autumn, the next is meant. `now` is
    in the typist's zone, and so is the result.
    """
    if len(text) > LONGEST:
        return None
    span = read_span(text)
    if span is not None:
        return (now.astimezone(UTC) + span).astimezone(now.tzinfo)
    for written in _written(text):
        moment = _moment(written, language, now)
        if moment is not None:
            return moment
    return None


def _moment(written: Written, language: str, now: datetime) -> datetime | None:
    minute = _minute(written.text, written)
    if minute is not None:
        today = _at(now.date(), minute, now)
        late = not written.today or minute < DAWN
        return today or (_at(now.date() + timedelta(days=1), minute, now) if late else None)
    for first, second in _halves(written.text):
        for day, time in ((first, second), (second, first)):
            minute = _minute(time, written)
            on = None if minute is None else _day(day, language, now.date())
            if on is not None and minute is not None:
                return _at(on, minute, now)
    return None


def _written(text: str) -> Iterator[Written]:
    """Yield a text without its part of the day, and then as it is unless that was one of today."""
    for short, full in numbered("moments", "whole").items():
        text = text.replace(short, full)
    words = f" {' '.join(bare_words(text))} "
    for table in ("today", "parts"):
        for phrase, part in _longest_first(table):
            if f" {phrase} " in words:
                without = words.replace(f" {phrase} ", " ", 1).strip()
                yield Written(without, part, today=table == "today")
                if table == "today":
                    return
    yield Written(text)


@cache
def _longest_first(table: str) -> tuple[tuple[str, str], ...]:
    found = numbered("moments", table)
    return tuple(sorted(found.items(), key=lambda each: -len(each[0])))


def _minute(time: str, written: Written) -> int | None:
    plain = read_minute(time)
    return read_minute(f"{time} {written.part}") or plain if written.part and time else plain


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Yield each way to cut a text in two, as (before, after).

    It is cut at spaces and commas, which are left out, or between any characters if there are none.
    """
    words = text.replace(",", " ").split()
    parts, joint = (words, " ") if len(words) > 1 else ([*text], "")
    for place in range(1, len(parts)):
        yield joint.join(parts[:place]), joint.join(parts[place:])


def _day(text: str, language: str, today: date) -> date | None:
    named = " ".join(day_words(text))
    return today if numbered("days", "ago").get(named) == 0 else read_date(text, language, today)


def _at(day: date, minute: int, now: datetime) -> datetime | None:
    """Return a time of a day in the zone of now, or None if it is past."""
    for fold in (0, 1):
        local = datetime(
            day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=now.tzinfo, fold=fold
        )
        # Two times of one zone are compared by their digits, so both are taken to UTC.
        moment = local.astimezone(UTC)
        if moment > now.astimezone(UTC):
            return moment.astimezone(now.tzinfo)
    return None


LONGEST_SPAN = timedelta(days=7)
"""The longest span; a later moment has a day."""
HALF = 30

SPAN = re.compile(r"(\d+)\s*([a-z]+)(?=\d|\s|$)")
chinese_span = re.compile(
    r"过?(?:(?P<hours>\d{1,3}|[一二两兩三四五六七八九十]{1,3})个?(?P<half>半)?(?:小时|小時|钟头|鐘頭)"
    r"(?P<more>半)?|(?P<only>半)个?(?:小时|小時|钟头|鐘頭)|(?P<quarters>[一两兩三])刻钟)?"
    r"(?:(?P<minutes>\d{1,3}|[一二两兩三四五六七八九十]{1,3})分钟?)?(?:[之以]?[后後])?"
)


def read_span(text: str) -> timedelta | None:
    """Read a span of a minute to `LONGEST_SPAN`: `in two hours`, `fra due ore`, `两小时后`.

    None if the text is no such span.
    """
    minutes = _minutes(text)
    if minutes is None:
        minutes = _chinese_minutes("".join(text.split()))
    span = None if minutes is None else timedelta(minutes=minutes)
    return span if span is not None and timedelta(0) < span <= LONGEST_SPAN else None


def _minutes(text: str) -> int | None:
    words = " ".join(bare_words(text)).replace("-", " ").rstrip(" .!")
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
    number, taken = leading_number(words)
    return (number, taken) if taken else (number_of(words[0]), 1)


def _chinese_minutes(text: str) -> int | None:
    match = chinese_span.fullmatch(text)
    if match is None or not (text.startswith("过") or text.endswith(("后", "後"))):
        return None
    total = 0
    if match["hours"]:
        half = HALF if match["half"] or match["more"] else 0
        total = chinese_input.number_of(match["hours"]) * 60 + half
    elif match["only"]:
        total = HALF
    elif match["quarters"]:
        total = chinese_input.number_of(match["quarters"]) * 15
    return total + (chinese_input.number_of(match["minutes"]) if match["minutes"] else 0) or None


@cache
def _named(key: str) -> frozenset[str]:
    return frozenset(listed("moments", key))
