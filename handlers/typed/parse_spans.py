"""Days ahead that somebody types: `12–17 April, Milan`, `dal 12 al 17 aprile`, `4月12日至17日`."""  # noqa: RUF002

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from handlers.typed.folding import folded
from handlers.typed.parse_days import (
    LONGEST,
    bare_words,
    date_words,
    day_words,
    months,
    past,
    read_date,
    written_date,
)
from handlers.typed.phrases import listed
from templates.language.languages import languages

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS_AHEAD = 8
"""Years within which a date comes again: there may be eight between two 29ths of February."""
comma = re.compile(r"[,，、;；\n]")  # noqa: RUF001
dash = re.compile(r"[-\u2010-\u2015~至到和]")
lone_day = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|re|o|º|°|\.|日|号)?")
lone_year = re.compile(r"\d{4}")


class TypedDates(NamedTuple):
    """The days that a text begins with, and what it says behind them, cut at commas."""

    first: date
    last: date
    said: tuple[str, ...]


def read_typed_dates(text: str, language: str, today: date) -> TypedDates | None:
    """Read a text such as `12–17 April, Milan, Salone`; None if it begins with no days ahead."""  # noqa: RUF002
    parts = [part for each in comma.split(text) if (part := " ".join(each.split()))]
    year = parts[1] if len(parts) > 1 and lone_year.fullmatch(parts[1]) else ""
    if year:
        # April 12-17, 2027
        del parts[1]
        if not today.year <= int(year) <= today.year + YEARS_AHEAD:
            return None
        today = max(today, date(int(year), 1, 1))
    days = read_span(parts[0], language, today) if parts else None
    if days is not None and year and days[1].year != int(year):
        return None
    return None if days is None else TypedDates(*days, tuple(parts[1:]))


def read_span(text: str, language: str, today: date) -> tuple[date, date] | None:
    """Read the first and last of days that are not over, or one day; None if the text is neither.

    Days without a year are the next that are not over: on 1 January, 30 December to 2 January began
    last year.
    """
    if len(text) > LONGEST:
        return None
    bare = " ".join(bare_words(text))
    for before in listed("days", "from"):
        if bare.startswith(f"{before} "):
            text = bare.removeprefix(before)
    for tongue in (language, *(each for each in languages() if each != language)):
        only = _coming(text, tongue, today) or read_date(text, tongue, today)
        if only is not None:
            return only, only
        for first, last in _halves(text):
            days = _between(first, last, tongue, today)
            if days is not None and days[0] < days[1]:
                return days
    return None


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Yield each way to cut a text in two at a dash or a word such as `to`."""
    for match in dash.finditer(text):
        yield text[: match.start()].strip(), text[match.end() :].strip()
    words = text.split()
    for at, word in enumerate(words):
        if folded(word.casefold()) in listed("days", "to"):
            yield " ".join(words[:at]), " ".join(words[at + 1 :])


def _between(first: str, last: str, language: str, today: date) -> tuple[date, date] | None:
    first, last = (" ".join(day_words(each)) for each in (first, last))
    day = lone_day.fullmatch(first)
    if day is not None:
        # 12-17 April
        end = _coming(last, language, today)
        begin = None if end is None else _day_of(end, int(day[1]))
        return None if begin is None or end is None else (begin, end)
    day = lone_day.fullmatch(last)
    if day is not None:
        # April 12-17, 4月12日至17日: the day of the same month, if that is not over.
        for since in (date(today.year, today.month, 1), date(today.year + 1, 1, 1)):
            begin = _coming(first, language, since)
            end = None if begin is None else _day_of(begin, int(day[1]))
            if begin is not None and end is not None and end >= today:
                return begin, end
        return None
    end = _coming(last, language, today)
    begin = None if end is None else _written(first, language, end, ahead=False)
    if end is None or begin is None:
        # 30 December 2027-2 January
        begin = _coming(first, language, today)
        end = None if begin is None else _coming(last, language, begin)
    return None if begin is None or end is None else (begin, end)


def _coming(text: str, language: str, since: date) -> date | None:
    return _written(text, language, since, ahead=True)


def _written(text: str, language: str, since: date, *, ahead: bool) -> date | None:
    """Read a date; without a year the first one from a day on, or the last one until it."""

    def in_year(year: str | None, month: int, day: int) -> date | None:
        if not ahead:
            return past(since, year, month, day)
        for candidate in [int(year)] if year else range(since.year, since.year + YEARS_AHEAD + 1):
            found = _date(candidate, month, day)
            if found is not None and since <= found and candidate <= since.year + YEARS_AHEAD:
                return found
        return None

    words = date_words(day_words(text), language)
    return written_date(" ".join(words), language, in_year)


def _day_of(other: date, day: int) -> date | None:
    return _date(other.year, other.month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_named(text: str, language: str) -> int | None:
    """Return the number of a month's full name or abbreviation in any language, or None."""
    bare = folded(text.strip().casefold()).rstrip(".")
    found = {name: number for tongue in languages() for number, name in reversed([*months(tongue)])}
    found |= {name: number for number, name in months(language)}
    return found.get(bare)
