"""What a reader types where a button would not do: an hour, a date, a day that was."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

from handlers import chinese_input
from news.text.letters import without_accents
from templates.languages import locale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_PAUSE = timedelta(days=366)
APOSTROPHES = str.maketrans(dict.fromkeys(",'\N{RIGHT SINGLE QUOTATION MARK}", " "))
DAYS_AGO = {
    "today": 0,
    "oggi": 0,
    "yesterday": 1,
    "ieri": 1,
    "day before yesterday": 2,
    "altro ieri": 2,
    "altroieri": 2,
    "ieri altro": 2,
    "avantieri": 2,
    "aujourd hui": 0,
    "hier": 1,
    "avant hier": 2,
    "avant-hier": 2,
    "hoy": 0,
    "ayer": 1,
    "anteayer": 2,
    "antier": 2,
    "antes de ayer": 2,
}
FILLERS = frozenset(
    {"on", "of", "for", "from", "the", "last", "il", "lo", "la", "l", "i", "di", "del", "dello"}
    | {"della", "dell", "scorso", "scorsa", "ultimo", "ultima", "until", "fino", "al"}
    | {"le", "du", "de", "dernier", "dernière", "jusqu", "au"}
    | {"el", "día", "pasado", "pasada", "último", "última", "hasta"}
)
"""Words around a day that say nothing: `of last Monday`, `di lunedì scorso`."""
BEFORE_TWO_HOURS = (
    *("from ", "between ", "dalle ore ", "dalle ", "tra le ", "fra le "),
    *("desde las ", "de las ", "entre las ", "entre ", "de "),
)
BETWEEN_HOURS = (
    *("-", "\N{EN DASH}", " to ", " until ", " till ", " and "),
    *(" fino alle ", " alle ore ", " alle ", " e le "),
    *(" hasta las ", " a las ", " y las ", " a ", " à ", " et ", "至", "到"),
)
"""What stands before two hours and between them; another language adds its own words."""
BEFORE_HOURS = frozenset({"at", "alle", "ore", "à", "vers", "a", "las"})
"""Words before an hour that say nothing: `à 8h30`."""
AFTERNOON = ("p", "du soir", "de l'", "de l\N{RIGHT SINGLE QUOTATION MARK}", "de la tarde")
"""How the words behind an hour begin that put it after noon: `8 h du soir`."""
SOME_AFTERNOON = {"de la noche": range(6, 12), "de la mañana": range(12, 13)}
"""Words behind an hour → the hours that they put after noon: `8 de la noche`, unlike `1` of it."""

hour_of_day = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*(?:[:.h点时]|heures)\s*(?P<minute>\d{2})(?:分| ?h(?:oras|rs)?)?"
    r"|\s*(?:heures?|horas?|hrs|[h点时]))?"
    r"\s*(?P<half>[ap]\.?m\.?|du matin|du soir|de l.après-midi"
    r"|de la (?:madrugada|mañana|tarde|noche))?"
)
four_digits = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<half>)")
iso_date = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
chinese_date = re.compile(r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?")
european_date = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./]?(?P<year>\d{4})?")
named_month = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|o|°)?\.?\s+(?:de\s+)?(?P<name>[^\W\d]+)\.?"
    r"(?:\s+(?:de\s+)?(?P<year>\d{4}))?"
)


def read_minute(text: str) -> int | None:
    """An hour such as `7:35`, `0735`, `7pm`, `à 7 h 35` or `晚上7点`, in minutes after midnight."""
    words = unicodedata.normalize("NFKC", text).casefold().split()
    while words and words[0] in BEFORE_HOURS:
        words.pop(0)
    written = " ".join(words)
    match = hour_of_day.fullmatch(written) or four_digits.fullmatch(written)
    if match is None:
        return chinese_input.minute_of(written)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        late = match["half"].startswith(AFTERNOON) or hour in SOME_AFTERNOON.get(match["half"], ())
        hour = hour % 12 + (12 if late else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def read_hours(text: str) -> tuple[int, int] | None:
    """Hours such as `22-7`, `23:30 to 8` or `dalle 22 alle 7`, each in minutes after midnight.

    None also where both are the same: that is no time, or all of it.
    """
    written = unicodedata.normalize("NFKC", text).strip().casefold()
    for before in BEFORE_TWO_HOURS:
        written = written.removeprefix(before)
    for between in BETWEEN_HOURS:
        first, found, last = written.partition(between)
        start, end = read_minute(first), read_minute(last)
        if found and start is not None and end is not None and start != end:
            return start, end
    return None


def read_date(text: str, language: str, today: date) -> date | None:
    """A date to come: `2027-01-06`, `6.1.`, `6/1/2027`, `6 January`, `1月6日`.

    Without a year it is the next such day.
    """
    words = date_words(day_words(text), language)
    return written_date(" ".join(words), language, lambda *parts: in_time(today, *parts))


def day_words(text: str) -> list[str]:
    """The words of a day, without those around it that say nothing."""
    written = unicodedata.normalize("NFKC", text).casefold()
    words = written.translate(APOSTROPHES).split()
    while words and words[0] in FILLERS:
        words.pop(0)
    while words and words[-1] in FILLERS:
        words.pop()
    return words


def date_words(words: list[str], language: str) -> list[str]:
    """The words of a date, the day first; of "Tuesday 24 November", the date says it all."""
    if len(words) > 1 and weekday_called(words[0], language) is not None:
        words = words[1:]
    # "November 24" is "24 November".
    if len(words) > 1 and words[0].isalpha() and month_called(words[0], language) is not None:
        words = [words[1], words[0], *words[2:]]
    return words


def written_date(
    written: str, language: str, in_year: Callable[[str | None, int, int], date | None]
) -> date | None:
    """The date of a text, by what makes one of a year, if it names one, a month and a day."""
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
    """A day that was, or today: `yesterday`, `Monday`, `24 November`, `2026-11-24`, `ieri`.

    A name of a day is the last such day before today; a date without a year the last such date.
    """
    words = day_words(text)
    written = " ".join(words)
    if written in DAYS_AGO:
        return today - timedelta(days=DAYS_AGO[written])
    chinese = chinese_input.past_day(written, today)
    if chinese is not None:
        return chinese
    weekday = weekday_called(written, language)
    if weekday is not None:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    written = " ".join(date_words(words, language))
    return written_date(written, language, lambda *parts: past(today, *parts))


def past(today: date, year: str | None, month: int, day: int) -> date | None:
    """The last such date that has come."""
    for candidate in [int(year)] if year else [today.year, today.year - 1]:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    return None


def in_time(today: date, year: str | None, month: int, day: int) -> date | None:
    """The date, if it comes after today and within a year."""
    for candidate in [int(year)] if year else [today.year, today.year + 1]:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if today < found <= today + LONGEST_PAUSE:
            return found
    return None


def month_called(name: str, language: str) -> int | None:
    """The number of a month, by its name or the beginning of it.

    Names are those of the language, of English and of Italian.
    """
    for number, known in months(language):
        if known == name or (len(name) >= 3 and known.startswith(name)):
            return number
    return None


def weekday_called(name: str, language: str) -> int | None:
    """The number of a weekday, by its name or the beginning of it; Monday is 0."""
    bare = without_accents(name.rstrip("."))
    for tongue in (language, "en", "it"):
        names = locale_of(tongue).days["format"]["wide"]
        for number, known in names.items():
            whole = without_accents(str(known).casefold())
            if whole == bare or (len(bare) >= 3 and whole.startswith(bare)):
                return int(number)
    return None


def months(language: str) -> Iterator[tuple[int, str]]:
    """Every month's number and its names."""
    for tongue in (language, "en", "it"):
        names = locale_of(tongue).months["format"]
        for width in ("wide", "abbreviated"):
            for number, known in names[width].items():
                yield int(number), str(known).casefold().rstrip(".")
