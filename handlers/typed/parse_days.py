"""Days that a reader types, in the future or the past."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from handlers.typed import chinese_input
from handlers.typed.folding import folded
from handlers.typed.phrases import listed, numbered
from templates.language.languages import locale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATE_HORIZON = timedelta(days=366)
LONGEST = 100
"""Characters of a text that may be a day."""
MOST_DIGITS = 3
APOSTROPHES = str.maketrans(dict.fromkeys(",'\N{RIGHT SINGLE QUOTATION MARK}", " "))
iso_date = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
chinese_date = re.compile(r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?")
european_date = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./]?(?P<year>\d{4})?")
named_month = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|re|o|°)?\.?\s+(?:de\s+|of\s+)?(?P<name>[^\W\d]+)\.?"
    r"(?:\s+(?:de\s+)?(?P<year>\d{4}))?"
)


def read_date(text: str, language: str, today: date) -> date | None:
    """Read a future day, at most a year away: `6 January`, `6.1.`, `1月6日`, `tomorrow`, `a week`.

    A weekday, or a date without a year, is the next such day. None if the text is no such day.
    """
    if len(text) > LONGEST:
        return None
    coming = coming_day(text, language, today)
    if coming is not None:
        return coming if today < coming <= today + DATE_HORIZON else None
    words = date_words(day_words(text), language)
    return written_date(" ".join(words), language, lambda *parts: in_time(today, *parts))


def coming_day(text: str, language: str, today: date) -> date | None:
    """Return the future day that words, not a date, name, or None."""
    words = bare_words(text)
    found = chinese_input.coming_day("".join(words), today)
    while words and found is None:
        found = day_ahead(words, today)
        if words[0] not in (*_named("fillers"), *_named("before_coming")):
            break
        words = words[1:]
    return found or next_called(words, language, today)


def day_ahead(words: list[str], today: date) -> date | None:
    """Return the day some time from today, such as `tomorrow` or `two weeks`, or None."""
    ahead = numbered("days", "ahead").get(" ".join(words))
    if ahead is not None:
        return today + timedelta(days=ahead)
    if len(words) != 2 or (number := number_of(words[0])) is None:
        return None
    return after_span(today, number, words[1])


def next_called(words: list[str], language: str, today: date) -> date | None:
    """Return the next weekday of this name, or the first day of next week or month, or None."""
    names = [word for word in words if word not in _named("next")]
    if len(names) != 1:
        return None
    if names[0] in _named("week"):
        return today + timedelta(days=7 - today.weekday()) if len(words) > 1 else None
    if names[0] in _named("month"):
        return today + relativedelta(months=1, day=1) if len(words) > 1 else None
    weekday = weekday_called(names[0], language)
    if weekday is None:
        return None
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def number_of(word: str) -> int | None:
    """Return the number in `3` or `three`, or None."""
    if word.isdecimal() and len(word) <= MOST_DIGITS:
        return int(word)
    return numbered("days", "numbers").get(word)


def after_span(today: date, number: int, unit: str) -> date | None:
    """Return the day this many days, weeks or months after today; None for any other unit."""
    if unit in _named("day"):
        return today + timedelta(days=number)
    if unit in _named("week"):
        return today + timedelta(weeks=number)
    return today + relativedelta(months=number) if unit in _named("month") else None


def bare_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and apostrophes."""
    return folded(text).translate(APOSTROPHES).split()


def day_words(text: str) -> list[str]:
    """Return the words of a day, without words around it that add nothing."""
    words = bare_words(text)
    while words and words[0] in _named("fillers"):
        words.pop(0)
    while words and words[-1] in _named("fillers"):
        words.pop()
    return words


def date_words(words: list[str], language: str) -> list[str]:
    """Return the words of a date, day before month, without a leading weekday."""
    if len(words) > 1 and weekday_called(words[0], language) is not None:
        words = words[1:]
    # Turn "November 24" into "24 November".
    if len(words) > 1 and words[0].isalpha() and month_called(words[0], language) is not None:
        words = [words[1], words[0], *words[2:]]
    return words


def written_date(
    written: str, language: str, in_year: Callable[[str | None, int, int], date | None]
) -> date | None:
    """Read a date in digits or with a named month; return None if it is none.

    `in_year` returns the date of a year (None if not given), a month and a day, or None.
    """
    written = chinese_input.in_digits(written)
    for pattern in (iso_date, chinese_date, european_date, named_month):
        match = pattern.fullmatch(written)
        if match is None:
            continue
        found = match.groupdict()
        month = int(found["month"]) if "month" in found else month_called(found["name"], language)
        if month is None:
            return None
        return in_year(found["year"], month, int(found["day"]))
    return None


def read_past_day(text: str, language: str, today: date) -> date | None:
    """Read a past day, or today: `yesterday`, `Monday`, `24 November`, `2026-11-24`, `ieri`.

    A weekday is the last one before today; a date without a year is the last such date. None if the
    text is no such day.
    """
    if len(text) > LONGEST:
        return None
    words = day_words(text)
    written = " ".join(words)
    if written in numbered("days", "ago"):
        return today - timedelta(days=numbered("days", "ago")[written])
    chinese = chinese_input.past_day(written, today)
    if chinese is not None:
        return chinese
    weekday = weekday_called(written, language)
    if weekday is not None:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    written = " ".join(date_words(words, language))
    return written_date(written, language, lambda *parts: past(today, *parts))


FIRST_YEAR = 1900
"""The first year that has news; days about the year 1 have no midnight in UTC."""


def past(today: date, year: str | None, month: int, day: int) -> date | None:
    """Return the last such date that is not after today, or None."""
    for candidate in [int(year)] if year else [today.year, today.year - 1]:
        if candidate < FIRST_YEAR:
            return None
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    return None


def in_time(today: date, year: str | None, month: int, day: int) -> date | None:
    """Return the date if it is after today and within a year, or None."""
    for candidate in [int(year)] if year else [today.year, today.year + 1]:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if today < found <= today + DATE_HORIZON:
            return found
    return None


def month_called(name: str, language: str) -> int | None:
    """Return a month's number by its unaccented name or beginning, English and Italian ones too."""
    for number, known in months(language):
        if known == name or (len(name) >= 3 and known.startswith(name)):
            return number
    return None


def weekday_called(name: str, language: str) -> int | None:
    """Return the number of a weekday with this name or beginning (Monday is 0), or None."""
    bare = folded(name.rstrip("."))
    for tongue in (language, "en", "it"):
        names = locale_of(tongue).days["format"]["wide"]
        for number, known in names.items():
            whole = folded(str(known).casefold())
            if whole == bare or (len(bare) >= 3 and whole.startswith(bare)):
                return int(number)
    return None


def months(language: str) -> Iterator[tuple[int, str]]:
    """Yield the number of every month with each of its names, without accents."""
    for tongue in (language, "en", "it"):
        names = locale_of(tongue).months["format"]
        for width in ("wide", "abbreviated"):
            for number, known in names[width].items():
                yield int(number), folded(str(known)).rstrip(".")


@cache
def _named(key: str) -> frozenset[str]:
    return frozenset(listed("days", key))
