"""When something was published or is due, as people say it: “12 min ago”, “today 09:40”."""

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
"""How far ahead of ours a source's clock may be."""

DUE = {
    ("today", True): "today at %(clock)s",
    ("tomorrow", True): "tomorrow at %(clock)s",
    ("day", True): "on %(day)s at %(clock)s",
    ("today", False): "today",
    ("tomorrow", False): "tomorrow",
    ("day", False): "on %(day)s",
}
"""When an edition is due, behind “arrives”: the day, and whether with its hour."""
DUE_CONTEXT = "when an edition arrives"


class TimeForm(StrEnum):
    """The way in which a moment is named."""

    NOW = "just_now"
    MINUTES = "minutes_ago"
    TODAY = "today_at"
    YESTERDAY = "yesterday"
    WEEKDAY = "on_weekday"
    """One of the last six days."""
    DAY = "on_day"
    DAY_OF_YEAR = "on_day_of_year"
    """In another year than this one."""


class TimeName(NamedTuple):
    """A moment's name, in no language yet."""

    form: TimeForm
    minutes: int = 0
    """How many minutes ago, for `TimeForm.MINUTES`."""


def time_form(at: datetime, now: datetime, zone: str, *, lasting: bool = False) -> TimeName:
    """How somebody in a time zone says at `now` when something was.

    Minutes within the hour, then the hour today, yesterday, the day of the week, the date. Both
    moments are UTC-aware; `zone` is an IANA name. What is later than `now` by more than a clock may
    be wrong is named by its date. What is `lasting` is read again later, when minutes are wrong.
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
    """Whether a source said more than the day: one that did not is kept as midnight UTC."""
    utc = at.astimezone(UTC)
    return (utc.hour, utc.minute, utc.second) != (0, 0, 0)


def due_day(at: datetime, now: datetime, zone: str) -> str:
    """How the day of an edition that is due is said: `today`, `tomorrow` or `day`, by its date."""
    here = ZoneInfo(zone)
    ahead = (at.astimezone(here).date() - now.astimezone(here).date()).days
    return {0: "today", 1: "tomorrow"}.get(ahead, "day")


def hhmm(minute: int) -> str:
    """Minutes after midnight as `08:05`."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


# Of all that is written of a story it takes longest, and a day has few minutes.
@cache
def clock(hour: int, minute: int, pattern: str, locale: Locale) -> str:
    """An hour and a minute as a pattern of CLDR writes them, such as `HH:mm`."""
    return str(format_time(time(hour, minute), pattern, locale=locale))
