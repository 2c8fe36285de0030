"""Times of publication and of editions as people say them: “12 min ago”, “today 09:40”."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_time

if TYPE_CHECKING:
    from babel import Locale

SOON = timedelta(minutes=10)
"""How far a source's clock may be ahead of this machine's."""

TIMES = {
    "just_now": "just now",
    "minutes_ago": "%(num)s min ago",
    "today_at": "today %(clock)s",
    "today": "today",
    "yesterday": "yesterday",
    "yesterday_at": "yesterday %(clock)s",
    "tomorrow_at": "tomorrow %(clock)s",
}
"""Short forms of a time; a day alone is also a heading, capitalised."""

DATES = {
    "weekday": "EEEE d MMMM",
    "day": "d MMM",
    "day_of_year": "d MMM y",
    "weekday_of_year": "EEEE d MMMM y",
    "clock": "HH:mm",
    "from_to": "%(first)s–%(last)s",  # noqa: RUF001  # from one day to another
    "days_of_a_month": "d–d MMM",  # noqa: RUF001  # both ends, divided as in the line above
    "day_and_clock": "%(day)s, %(clock)s",
    "moment": "EEE d MMM, HH:mm",
    "moment_of_year": "EEE d MMM y, HH:mm",
}
"""CLDR date patterns, translated like words, and the texts that combine the dates.

`M月d日 EEEE` is a translation of the first pattern.
"""

DATE_CONTEXT = "date pattern"

DUE = {
    "today": "today at %(clock)s",
    "tomorrow": "tomorrow at %(clock)s",
    "day": "on %(day)s at %(clock)s",
}
"""When an edition is due, after the word “arrives”; by `due_day`."""
DUE_CONTEXT = "when an edition arrives"


class TimeForm(StrEnum):
    """The form in which a moment is named."""

    NOW = "just_now"
    MINUTES = "minutes_ago"
    TODAY = "today_at"
    YESTERDAY = "yesterday"
    WEEKDAY = "on_weekday"
    """Two to six days ago."""
    DAY = "on_day"
    DAY_OF_YEAR = "on_day_of_year"
    """In another year than the current one."""


class TimeName(NamedTuple):
    """The form of a moment's name, before it is put into a language."""

    form: TimeForm
    minutes: int = 0
    """Minutes ago, for `TimeForm.MINUTES`; otherwise 0."""


def time_form(at: datetime, now: datetime, zone: str, *, lasting: bool = False) -> TimeName:
    """Return the form in which a reader in a time zone names a past moment.

    Minutes within the hour, then the hour for today, `yesterday`, the weekday, the date. A moment
    further ahead than clocks may differ is named by its hour or date.

    Args:
        at: The moment, UTC-aware.
        now: The current time, UTC-aware.
        zone: An IANA name.
        lasting: Whether it is read again later, when minutes would be wrong.
    """
    passed = now - at
    if -SOON <= passed < timedelta(hours=1) and has_hour(at) and not lasting:
        minutes = passed // timedelta(minutes=1)
        return TimeName(TimeForm.MINUTES, minutes) if minutes > 0 else TimeName(TimeForm.NOW)
    here = ZoneInfo(zone)
    day, today = at.astimezone(here).date(), now.astimezone(here).date()
    ago = (today - day).days
    if ago == 0:
        return TimeName(TimeForm.TODAY)
    if ago == 1:
        return TimeName(TimeForm.YESTERDAY)
    if 1 < ago < 7:
        return TimeName(TimeForm.WEEKDAY)
    return TimeName(TimeForm.DAY if day.year == today.year else TimeForm.DAY_OF_YEAR)


def has_hour(at: datetime) -> bool:
    """Return whether a source gave the hour; a date alone is stored as midnight UTC."""
    utc = at.astimezone(UTC)
    return (utc.hour, utc.minute, utc.second) != (0, 0, 0)


def near_day(at: datetime, now: datetime, zone: str) -> str:
    """Return the day of a moment by local date, as a key of `TIMES`.

    Returns:
        `yesterday_at`, `today_at` or `tomorrow_at`; "" for a day further away.
    """
    here = ZoneInfo(zone)
    ahead = (at.astimezone(here).date() - now.astimezone(here).date()).days
    return {-1: "yesterday_at", 0: "today_at", 1: "tomorrow_at"}.get(ahead, "")


def due_day(at: datetime, now: datetime, zone: str) -> str:
    """Return which day an edition is due, by local date: `today`, `tomorrow` or `day`."""
    here = ZoneInfo(zone)
    ahead = (at.astimezone(here).date() - now.astimezone(here).date()).days
    return {0: "today", 1: "tomorrow"}.get(ahead, "day")


# Cached: it is the slowest part of writing a story, and a day has few minutes.
@cache
def clock(hour: int, minute: int, pattern: str, locale: Locale) -> str:
    """Format an hour and a minute by a CLDR pattern such as `HH:mm`."""
    return str(format_time(time(hour, minute), pattern, locale=locale))
