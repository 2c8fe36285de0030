"""A day and a time of day that somebody types together: `tomorrow at 7`, `18:30`, `明天7点`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from handlers.typed.parse_days import day_words, read_date
from handlers.typed.parse_input import read_minute
from handlers.typed.phrases import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 60
"""Characters of a text that may be a moment."""


def read_moment(text: str, language: str, now: datetime) -> datetime | None:
    """Read a future moment within a year.

    A time alone is its next occurrence. A day alone is no moment.

    Args:
        text: The typed text.
        language: The language for names of months and weekdays.
        now: The present in the typist's zone; the result is in that zone too.
    """
    if len(text) > LONGEST:
        return None
    minute = read_minute(text)
    if minute is not None:
        today = _at(now.date(), minute, now)
        return today if today > now else _at(now.date() + timedelta(days=1), minute, now)
    for first, second in _halves(text):
        for day, time in ((first, second), (second, first)):
            minute = read_minute(time)
            on = None if minute is None else _day(day, language, now.date())
            if on is not None and minute is not None:
                moment = _at(on, minute, now)
                return moment if moment > now else None
    return None


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


def _at(day: date, minute: int, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=now.tzinfo)
