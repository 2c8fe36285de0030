"""Times of day that a reader types, in digits or words: `7:35`, `half past eight`, `22-7`."""

from __future__ import annotations

import re
from functools import cache
from itertools import dropwhile
from typing import TYPE_CHECKING

from handlers.typed import chinese_input
from handlers.typed.folding import folded
from handlers.typed.phrases import all_words, listed, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 100
"""Characters of a text that may be a time."""
BETWEEN_HOURS = ("-", "\N{EN DASH}")
"""Marks between two hours in every language."""

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:\s*(?:[:.h点时]|heures)\s*(?P<minute>\d{2})(?:分| ?h(?:oras|rs)?)?"
    r"|\s*(?:heures?|horas?|hr?s|[h点时]))?"
)
_APART = str.maketrans(dict.fromkeys("-'\N{RIGHT SINGLE QUOTATION MARK}\N{HYPHEN}", " "))
like_a_time = re.compile(r"\d{1,2} ?[:hH点點时時] ?\d{2}")
four_digits = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<half>)")


@cache
def hour_of_day() -> re.Pattern[str]:
    """Return the pattern of an hour in digits with its part of the day: `8:30 de la tarde`."""
    parts = (
        re.escape(part.translate(_APART)).replace(r"\ ", "[ '\N{RIGHT SINGLE QUOTATION MARK}-]")
        for part in numbered("hours", "parts_of_day")
    )
    return re.compile(rf"{_CLOCK}\s*(?P<half>[ap]\.? ?m\.?|{'|'.join(parts)})?")


@cache
def _after_noon() -> Mapping[str, range]:
    """Return the hours that each part of the day puts after noon: from 1 to 12 in the evening."""
    return {
        part.translate(_APART): range(hours[0], hours[1] + 1) if hours else range(0)
        for part, hours in numbered("hours", "parts_of_day").items()
    }


def read_minute(text: str) -> int | None:
    """Read `7:35`, `7pm`, `à 7 h 35`, `晚上7点` or `half past eight` as minutes after midnight.

    None if the text is no time.
    """
    if len(text) > LONGEST:
        return None
    words = _bare(" ".join(folded(text).split())).split()
    written = " ".join(without_fillers(words))
    match = hour_of_day().fullmatch(written) or four_digits.fullmatch(written)
    if match is None:
        spoken = spoken_in_digits(written)
        match = hour_of_day().fullmatch(spoken) if spoken is not None else None
    if match is None:
        return chinese_input.minute_of(written)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        part = match["half"].translate(_APART)
        late = part.startswith("p") and part not in _after_noon()
        late = late or hour in _after_noon().get(part, ())
        hour = hour % 12 + (12 if late else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def is_written_like_a_time(text: str) -> bool:
    """Return whether a text looks like a time in digits, such as `25:00`, which may be none."""
    return like_a_time.fullmatch(text) is not None


def _bare(written: str) -> str:
    daily = next(filter(written.startswith, listed("hours", "every_day")), "")
    written = written.removeprefix(daily).lstrip()
    exactly = (f" {word}" for word in listed("hours", "exactly"))
    for behind in (*listed("hours", "courtesies"), *exactly):
        written = written.removesuffix(behind)
    return written.rstrip(" ,.!。")


def read_hours(text: str) -> tuple[int, int] | None:
    """Read two different times such as `22-7` or `dalle 22 alle 7` as minutes after midnight.

    None if the text is nothing of the kind.
    """
    if len(text) > 2 * LONGEST:
        return None
    written, part = _of_part(folded(text).strip())
    for before in sorted(listed("hours", "before_two"), key=len, reverse=True):
        written = written.removeprefix(before)
    for between in (*BETWEEN_HOURS, *listed("hours", "between_two")):
        first, found, last = written.partition(between)
        joined = "-".join((*first.split()[-1:], *last.split()[:1]))
        if not found or (between == "-" and is_number(joined)):
            # This hyphen is inside a number: `twenty-two to seven`.
            continue
        start, end = read_minute(f"{first} {part}"), read_minute(last)
        if start is None:
            start = read_minute(first)
        if start is not None and end is not None and start != end:
            return start, end
    return None


def _of_part(written: str) -> tuple[str, str]:
    """Return two hours without a word for the night beside them, and the word: `at night`."""
    for part, hours in numbered("hours", "parts_of_day").items():
        # The evening's and the afternoon's hours begin at one: such a word is of one hour only.
        if hours and hours[0] > 1:
            for bare in (written.removeprefix(f"{part} "), written.removesuffix(f" {part}")):
                if bare != written:
                    return bare, part
    return written, ""


_MOST_WORDS = 3
"""The most words of a number: `treinta y cinco`, `vingt et un`."""
_TO_THE_HOUR = frozenset({5, 10, 15, 20, 25, 30})
"""Minutes that English says without `minutes`; `two to seven` means from two until seven."""


@cache
def numbers() -> Mapping[str, int]:
    """Return every number below sixty by its words, without accents and with spaces for hyphens."""
    found: dict[str, int] = {}
    for language, words in all_words().items():
        ones = words["hours"].get("units", ())
        found |= {unit: number for number, unit in enumerate(ones)}
        for count, ten in enumerate(words["hours"].get("tens", ()), 2):
            found[ten] = count * 10
            for one, unit in enumerate(ones[1:10], 1):
                for together in _together(language, ten, unit):
                    found[together] = count * 10 + one
    return found


def _together(language: str, ten: str, unit: str) -> tuple[str, ...]:
    if language == "it":
        elided = ten[:-1] + unit if unit[0] in "uo" else ten + unit
        return (elided, elided[:-1]) if elided.endswith("uno") else (elided,)
    if language == "es":
        units = (unit, "uno", "un") if unit == "una" else (unit,)
        if ten == "veinte":
            return tuple(f"veinti{each}" for each in units)
        return tuple(f"{ten} y {each}" for each in units)
    if language == "fr" and unit == "une":
        return f"{ten} et une", f"{ten} et un"
    return (f"{ten} {unit}",)


def spoken_in_digits(written: str) -> str | None:
    """Return a time in words as digits, such as `8:30 de la tarde`; None if it is no such time.

    The text has no accents. In the words after the time, spaces replace hyphens and apostrophes.
    """
    words = without_fillers(_words_of(written))
    return _minutes_first(words) or _hour_first(words)


def _words_of(written: str) -> list[str]:
    """Return the words of a typed time; the `h` of `9h` is a word of its own."""
    words = []
    for word in written.split():
        if word[:-1].isdecimal() and word.endswith("h"):
            words += [word[:-1], "h"]
        else:
            # Keep a word that begins with a hyphen, which may be a negative number.
            words += word.translate(_APART).split() if word[0].isalnum() else [word]
    return words


def without_fillers(words: list[str]) -> list[str]:
    """Return the words of a time without leading words that add nothing: `at`, `verso le`."""
    return list(dropwhile(_named("before").__contains__, words))


def is_number(words: str) -> bool:
    """Return whether words joined by hyphens or spaces are one number: `twenty-two`."""
    return " ".join(words.translate(_APART).split()) in numbers()


def _minutes_first(words: list[str]) -> str | None:
    """Read a time such as `half past eight`, `ten to nine` or `half eight`; return None if none."""
    minutes, taken = _amount(words)
    rest = words[taken:]
    named = bool(rest) and rest[0] in _named("minutes")
    rest = rest[named:]
    if minutes is None or not (named or minutes in _TO_THE_HOUR):
        return None
    joined = bool(rest) and rest[0] in _signs("past", "to")
    if not joined and words[0] != "half":
        return None
    hour, used = _hour(rest[joined:])
    if hour is None:
        return None
    return _clock(
        hour, minutes * (_signs("past", "to")[rest[0]] if joined else 1), rest[joined + used :]
    )


def _hour_first(words: list[str]) -> str | None:
    """Read a time such as `las nueve y media`, `eight thirty` or `mezzogiorno`; None if none."""
    hour, used = _hour(words)
    if hour is None:
        return None
    rest = words[used:]
    counted = bool(rest) and rest[0] in _named("hours")
    rest = _without_sharp(rest[counted:])
    if rest and rest[0] in _signs("and", "less"):
        minutes, taken = _amount(rest[1:])
        if minutes is None:
            return None
        minutes *= _signs("and", "less")[rest[0]]
        taken += 1
    else:
        minutes, taken = _bare_minutes(rest, counted=counted)
    rest = rest[taken:]
    if taken and rest and rest[0] in _named("minutes"):
        rest = rest[1:]
    return _clock(hour, minutes, rest)


def _bare_minutes(words: list[str], *, counted: bool) -> tuple[int, int]:
    """Return the minutes that directly follow an hour, and their number of words; 0, 0 if none.

    Minutes below ten count only after the word for hours or a zero: `huit heures cinq`, `eight oh
    five`. Minutes in digits count only after the word for hours.
    """
    nought = len(words) > 1 and words[0] in _named("zero")
    minutes, taken = leading_number(words[nought:])
    if minutes is None or (words[nought].isdigit() and not counted):
        return 0, 0
    if nought:
        return (minutes, 1 + taken) if minutes < 10 else (0, 0)
    return (minutes, taken) if counted or minutes >= 10 else (0, 0)


def _without_sharp(words: list[str]) -> list[str]:
    """Return the words without those at their start that mean “exactly”."""
    joined = " ".join(words)
    for sharp in ("o clock", *listed("hours", "exactly")):
        if f"{joined} ".startswith(f"{sharp} "):
            return joined.removeprefix(sharp).split()
    return words


def _hour(words: list[str]) -> tuple[int | None, int]:
    """Return the hour that the words begin with, or None, and how many words it has."""
    if words and words[0] in _named("noon"):
        return 12, 1
    if words and words[0] in _named("midnight"):
        return 0, 1
    hour, taken = leading_number(words)
    return (hour, taken) if hour is not None and hour <= 24 else (None, 0)


def _amount(words: list[str]) -> tuple[int | None, int]:
    """Return the minutes (quarters, halves too) that the words begin with, and how many words."""
    after = 1 if words and words[0] in _named("before_quarter") else 0
    if len(words) > after and words[after] in _named("quarter"):
        return 15, after + 1
    if words and words[0] in _named("half"):
        return 30, 1
    if len(words) > 1 and " ".join(words[:2]) in _named("three_quarters"):
        return 45, 2
    return leading_number(words)


def leading_number(words: list[str]) -> tuple[int | None, int]:
    """Return the longest number below sixty at the start, or None, and how many words it has."""
    for taken in range(min(_MOST_WORDS, len(words)), 0, -1):
        number = numbers().get(" ".join(words[:taken]))
        if number is not None:
            return number, taken
    if words and words[0].isdecimal() and len(words[0]) <= 2:
        return int(words[0]), 1
    return None, 0


def _clock(hour: int, minutes: int, rest: list[str]) -> str:
    """Return a time as `H:MM` with the words after it; negative minutes are before the hour."""
    if minutes < 0:
        # A quarter to one is 12:45, not 0:45.
        hour = 12 if hour == 1 else (hour - 1) % 24
        minutes += 60
    return " ".join((f"{hour}:{minutes:02}", *rest))


@cache
def _named(key: str) -> frozenset[str]:
    return frozenset(listed("hours", key))


@cache
def _signs(after: str, before: str) -> Mapping[str, int]:
    """Return the words between an hour and its minutes, with 1 if they are added, else -1."""
    return dict.fromkeys(listed("hours", after), 1) | dict.fromkeys(listed("hours", before), -1)
