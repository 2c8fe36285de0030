"""Dates, times and weekdays as a language writes them: “12 min ago”, “today 09:40”."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from storage.model import EVERY_DAY, WEEKDAYS, WEEKEND
from templates.language.labels import LABELS
from templates.language.lists import listed, with_article
from templates.markup.text import capital

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from babel import Locale
    from babel.support import NullTranslations

FAR = 300
"""Days from which a date ahead is named with its year."""
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
"""CLDR date patterns, translated like words (`M月d日 EEEE`), and texts that combine the dates."""

DATE_CONTEXT = "date pattern"

DUE = {
    "today": "today at %(clock)s",
    "tomorrow": "tomorrow at %(clock)s",
    "day": "on %(day)s at %(clock)s",
}
"""When an edition is due, after the word “arrives”; by `due_day`."""
DUE_CONTEXT = "when an edition arrives"

_FIRST_OF_A_MONTH = {"fr": "d'er'"}
"""Language → the date pattern of a month's first day, as in “1er décembre”; CLDR has none."""


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

    Minutes within the hour (unless `lasting`), then the hour for today, `yesterday`, the weekday,
    the date. A moment further ahead than clocks may differ is named by its hour or date.
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
    """Return a moment's day as a key of `TIMES`: yesterday, today, tomorrow; "" for others."""
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


class Dates:
    """The dates and times of one language."""

    def __init__(self, locale: Locale, translations: NullTranslations) -> None:
        self._locale = locale
        self._translations = translations
        self._patterns = {
            key: str(translations.pgettext(DATE_CONTEXT, pattern)) for key, pattern in DATES.items()
        }
        self._of_the_first = {
            key: _first_of_a_month(pattern, locale) for key, pattern in self._patterns.items()
        }

    def filters(self) -> dict[str, Callable[..., object]]:
        """Return the filters of templates for dates and times, by name."""
        return {
            "from_iso": datetime.fromisoformat,
            "has_hour": has_hour,
            "clock": self.clock,
            "day": self.day,
            "day_and_clock": self.day_and_clock,
            "day_group": self.day_group,
            "days": self.days,
            "due": self.due,
            "edition_days": self.edition_days,
            "hour": self.hour,
            "moment": self.moment,
            "named_day": self.named_day,
            "near": self.near,
            "span": self.span,
            "story_day": self.story_day,
            "the_day": self.the_day,
            "weekday": self.weekday,
            "when": self.when,
        }

    def day(self, at: datetime, zone: str = "UTC", now: datetime | None = None) -> str:
        """Format a date as `24 Nov`, with the year unless it is that of `now`."""
        local = at.astimezone(ZoneInfo(zone))
        # A template without `now` passes Jinja's undefined: then name the year.
        same_year = isinstance(now, datetime) and now.astimezone(local.tzinfo).year == local.year
        pattern = self._pattern("day" if same_year else "day_of_year", local)
        return str(format_datetime(local, pattern, locale=self._locale))

    def the_day(self, at: datetime, zone: str = "UTC", now: datetime | None = None) -> str:
        """Format a date as `day` does, in Italian after its article: `il 24 nov`."""
        return with_article(self.day(at, zone, now), self._locale)

    def when(
        self,
        at: datetime,
        zone: str,
        now: datetime | None,
        *,
        under_day: bool = False,
        lasting: bool = False,
    ) -> str:
        """Say when something was published: `12 min ago`, `today 09:40`, `yesterday`, `24 Nov`.

        Without `now` the date has a year. `under_day`, the result is `12 min ago`, `09:40`, or ""
        if the source gave no hour. `lasting` is for texts that are read again later.
        """
        if now is None:
            return self.day(at, zone)
        form, minutes = time_form(at, now, zone, lasting=lasting)
        clock = self.clock(at, zone) if has_hour(at) else ""
        if under_day and form not in {TimeForm.NOW, TimeForm.MINUTES}:
            return clock
        if form is TimeForm.WEEKDAY:
            local = at.astimezone(ZoneInfo(zone))
            return str(format_datetime(local, "EEEE", locale=self._locale))
        if form in {TimeForm.DAY, TimeForm.DAY_OF_YEAR}:
            return self.day(at, zone, now)
        words = TIMES["today" if form is TimeForm.TODAY and not clock else form]
        return str(self._translations.gettext(words)) % {"num": minutes, "clock": clock}

    def day_group(self, at: datetime, zone: str, now: datetime) -> str:
        """Return the heading for a day's stories: `Today`, `Yesterday`, `Monday 24 November`."""
        here = ZoneInfo(zone)
        local, today = at.astimezone(here), now.astimezone(here).date()
        ago = (today - local.date()).days
        if 0 <= ago <= 1:
            key = "yesterday" if ago else "today"
            return capital(str(self._translations.gettext(TIMES[key])))
        pattern = "weekday" if local.year == today.year else "weekday_of_year"
        written = format_datetime(local, self._pattern(pattern, local), locale=self._locale)
        return capital(str(written))

    def due(self, at: datetime, zone: str, now: datetime) -> str:
        """Say when an edition arrives: `today at 08:00`, `on Tuesday 24 November`."""
        words = self._translations.pgettext(DUE_CONTEXT, DUE[due_day(at, now, zone)])
        return str(words) % {"day": self.weekday(at, zone), "clock": self.clock(at, zone)}

    def days(self, first: date, last: date) -> str:
        """Format days as `Mon–Wed`, or as `12–20 Nov` if a week or more apart."""  # noqa: RUF002
        if last - first < timedelta(days=7):
            patterns = ["EEE", "EEE"]
        elif (first.year, first.month) == (last.year, last.month):
            between = self._patterns["from_to"] % {"first": "", "last": ""}
            patterns = self._patterns["days_of_a_month"].split(between)
        else:
            patterns = [self._patterns["day"]] * 2
        ends = [
            str(format_date(each, self._of_day(pattern, each), self._locale))
            for pattern, each in zip(patterns, (first, last), strict=True)
        ]
        return self._patterns["from_to"] % {"first": ends[0], "last": ends[1]}

    def span(self, first: date, last: date, now: date) -> str:
        """Format days ahead as `12–17 Apr` or `30 Dec–2 Jan`; with the year if it is far off."""  # noqa: RUF002
        far = (last - (now.date() if isinstance(now, datetime) else now)).days >= FAR
        key = "day_of_year" if far else "day"
        if first == last:
            return str(format_date(first, self._pattern(key, first), locale=self._locale))
        patterns = [self._patterns["day"], self._patterns[key]]
        if not far and (first.year, first.month) == (last.year, last.month):
            between = self._patterns["from_to"] % {"first": "", "last": ""}
            patterns = self._patterns["days_of_a_month"].split(between)
        elif far and first.year != last.year:
            patterns = [self._patterns[key]] * 2
        ends = [
            str(format_date(each, self._of_day(pattern, each), self._locale))
            for pattern, each in zip(patterns, (first, last), strict=True)
        ]
        return self._patterns["from_to"] % {"first": ends[0], "last": ends[1]}

    def story_day(self, day: tuple[date, bool]) -> str:
        """Name an old story's day (`story_days.day_of`): `Sunday`, or `24 Nov` if a week old."""
        at, within_a_week = day
        pattern = "EEEE" if within_a_week else self._pattern("day", at)
        return str(format_date(at, pattern, locale=self._locale))

    def weekday(self, at: datetime, zone: str = "UTC") -> str:
        """Format a moment as `Tuesday 24 November`."""
        local = at.astimezone(ZoneInfo(zone))
        return str(format_datetime(local, self._pattern("weekday", local), locale=self._locale))

    def named_day(self, day: date) -> str:
        """Format a date as `Tuesday 24 November`."""
        return str(format_date(day, self._pattern("weekday", day), locale=self._locale))

    def _pattern(self, key: str, day: date) -> str:
        return (self._of_the_first if day.day == 1 else self._patterns)[key]

    def _of_day(self, pattern: str, day: date) -> str:
        return _first_of_a_month(pattern, self._locale) if day.day == 1 else pattern

    def moment(self, at: datetime, zone: str, now: datetime) -> str:
        """Format a moment as `Tue 24 Nov, 08:00`, with the year unless it is that of `now`."""
        local = at.astimezone(ZoneInfo(zone))
        same_year = now.astimezone(local.tzinfo).year == local.year
        pattern = self._pattern("moment" if same_year else "moment_of_year", local)
        return str(format_datetime(local, pattern, locale=self._locale))

    def near(self, at: datetime, zone: str, now: datetime) -> str:
        """Format a moment as `today 08:00` if its day is near, and otherwise as `moment` does."""
        words = TIMES.get(near_day(at, now, zone))
        if words is None:
            return self.moment(at, zone, now)
        return str(self._translations.gettext(words)) % {"clock": self.clock(at, zone)}

    def day_and_clock(self, at: datetime, zone: str, now: datetime | None) -> str:
        """Format a moment as `24 Nov, 08:00`, with the year unless it is that of `now`."""
        day, clock = self.day(at, zone, now), self.clock(at, zone)
        return self._patterns["day_and_clock"] % {"day": day, "clock": clock}

    def clock(self, at: datetime, zone: str = "UTC") -> str:
        """Format a time of day as `08:05`."""
        local = at.astimezone(ZoneInfo(zone))
        return clock(local.hour, local.minute, self._patterns["clock"], self._locale)

    def hour(self, minute: int) -> str:
        """Format minutes after midnight as `clock` does: `08:05`, in French `8 h 05`."""
        return clock(minute // 60 % 24, minute % 60, self._patterns["clock"], self._locale)

    def edition_days(self, bits: int) -> str:
        """Name the weekdays of a bit mask (bit 0 is Monday): `Every day`, `Monday to Friday`."""
        named = {EVERY_DAY: "every_day", WEEKDAYS: "weekdays", WEEKEND: "weekend"}.get(bits)
        if named is not None:
            return str(self._translations.gettext(str(LABELS[named])))
        names = self._locale.days["stand-alone"]["wide"]
        return capital(
            listed(tuple(str(names[day]) for day in range(7) if bits >> day & 1), self._locale)
        )


def _first_of_a_month(pattern: str, locale: Locale) -> str:
    first = _FIRST_OF_A_MONTH.get(locale.language, "d")
    return " ".join(first if part == "d" else part for part in pattern.split(" "))
