"""A moment to come that somebody types: `tomorrow at 7`, `18:30`, `in two hours`, `明天7点`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from handlers.typed.parse_days import bare_words, day_words, read_date
from handlers.typed.parse_input import read_minute
from handlers.typed.parse_span import read_span
from handlers.typed.phrases import numbered

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
    """Read a future moment within a year.

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
    """Yield the text cut in two at each space, or at each character if it has none."""
    words = text.replace(",", " ").split()
    if len(words) > 1:
        for place in range(1, len(words)):
            yield " ".join(words[:place]), " ".join(words[place:])
    else:
        for place in range(1, len(text)):
            yield text[:place], text[place:]


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
