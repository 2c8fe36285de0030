"""Times of day that a reader types."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from handlers.typed import chinese_input, spoken_hours
from handlers.typed.folding import folded
from handlers.typed.phrases import listed, numbered

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
_APART = str.maketrans(dict.fromkeys("-'\N{RIGHT SINGLE QUOTATION MARK}", " "))
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
    """Read `7:35`, `7pm`, `à 7 h 35`, `晚上7点` or `half past eight` as minutes after midnight."""
    if len(text) > LONGEST:
        return None
    words = _bare(" ".join(folded(text).split())).split()
    written = " ".join(spoken_hours.without_fillers(words))
    match = hour_of_day().fullmatch(written) or four_digits.fullmatch(written)
    if match is None:
        spoken = spoken_hours.in_digits(written)
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
    for before in listed("hours", "every_day"):
        if written.startswith(before):
            written = written.removeprefix(before).lstrip()
            break
    exactly = (f" {word}" for word in listed("hours", "exactly"))
    for behind in (*listed("hours", "courtesies"), *exactly):
        written = written.removesuffix(behind)
    return written.rstrip(" ,.!。")


def read_hours(text: str) -> tuple[int, int] | None:
    """Read two different times such as `22-7` or `dalle 22 alle 7` as minutes after midnight."""
    if len(text) > 2 * LONGEST:
        return None
    written = folded(text).strip()
    for before in listed("hours", "before_two"):
        written = written.removeprefix(before)
    for between in (*BETWEEN_HOURS, *listed("hours", "between_two")):
        first, found, last = written.partition(between)
        joined = "-".join((*first.split()[-1:], *last.split()[:1]))
        if between == "-" and spoken_hours.is_number(joined):
            # This hyphen is inside a number: `twenty-two to seven`.
            continue
        start, end = read_minute(first), read_minute(last)
        if found and start is not None and end is not None and start != end:
            return start, end
    return None
