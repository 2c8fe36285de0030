"""When the next edition is due, by the reader's time zone. Pure.

A reader chooses a local time, or one in the morning and one in the evening; the rules of the time
zone decide which moments these are. If the clock skips the time, the edition is due at the first
moment after the jump. If the time comes twice, the first one counts. So each chosen time comes
exactly once on every local day that exists. If a jump makes both times equal, one edition comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.model import EVERY_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

LATE = timedelta(hours=2)
"""How late an edition may be and still not be a catch-up, such as one of 23:50 sent at 0:10."""


class Recurrence(Protocol):
    """The settings that due times follow from, as in `Subscriber` and `Hours`."""

    @property
    def zone(self) -> str:
        """The IANA name of the time zone."""

    @property
    def digest_minute(self) -> int:
        """Minutes after local midnight."""

    @property
    def evening_minute(self) -> int | None:
        """Minutes after local midnight of a second edition; None for one edition a day."""

    @property
    def days(self) -> int:
        """A bit mask of weekdays; bit 0 is Monday."""

    @property
    def paused_until(self) -> datetime | None:
        """The time before which no edition is due; None for no pause."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The settings that due times follow from, without a subscriber; the ledger groups by them."""

    zone: str
    digest_minute: int
    days: int = EVERY_DAY
    paused_until: datetime | None = None
    evening_minute: int | None = None


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone with an IANA name, or UTC for an unknown one, so that planning goes on."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_date(moment: datetime, zone: str) -> date:
    """Return the local date of a moment in a zone."""
    return moment.astimezone(zone_of(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """Return the moment at which a local day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone_of(zone)).astimezone(UTC)


def day_around(zone: str, moment: datetime) -> tuple[datetime, datetime]:
    """Return the moments at which the local day of a moment begins and ends, in UTC."""
    day = local_date(moment, zone)
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


@lru_cache(maxsize=8192)
def due_on(day: date, minute: int, zone: str) -> datetime | None:
    """Return the moment (UTC) of a local day's minute; None for a day that the zone skipped."""
    place = zone_of(zone)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001  # local time; the next line adds the zone
    moment = wall.replace(tzinfo=place).astimezone(UTC)
    if moment.astimezone(place).replace(tzinfo=None) == wall:
        return moment
    after = _end_of_gap(wall, place)
    if after.astimezone(place).date() == day:
        return after
    # The gap crosses midnight and ends the day: use the last minute before it.
    before = after - MINUTE
    return before if before.astimezone(place).date() == day else None


def _end_of_gap(wall: datetime, place: ZoneInfo) -> datetime:
    # With the offset from after the gap, the local time lies before the gap, and vice versa.
    early = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    late = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    offset = early.astimezone(place).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(place).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late


def next_due(rhythm: Recurrence, after: datetime, *, had: Sequence[datetime] = ()) -> datetime:
    """Return the first due moment strictly after `after`, in UTC.

    A mask without any day counts as every day. `had` lists the times of earlier editions: a
    traveller's new zone may still be on the same date, and no local day gets more editions than
    planned. With two a day, the evening edition still comes if the last one was nearer to the
    morning's time.
    """
    days = rhythm.days & EVERY_DAY or EVERY_DAY
    start = after
    if rhythm.paused_until is not None and rhythm.paused_until > after:
        start = rhythm.paused_until - timedelta(microseconds=1)
    dates = [local_date(each, rhythm.zone) for each in had]
    latest = max(dates, default=None)
    day = local_date(start, rhythm.zone) - DAY
    while True:
        if days >> day.weekday() & 1 and (latest is None or day >= latest):
            due = due_moments(day, rhythm)
            if due and day == latest:
                # A reader who had all of them, or one in the second half, gets no more today.
                enough = dates.count(day) >= len(due) or max(had) >= due[0] + (due[-1] - due[0]) / 2
                due = () if enough else due[1:]
            for moment in due:
                if moment > start:
                    return moment
        day += DAY


def last_due(rhythm: Recurrence, at: datetime) -> datetime:
    """Return the latest due moment that is not after `at`; pauses are ignored."""
    days = rhythm.days & EVERY_DAY or EVERY_DAY
    day = local_date(at, rhythm.zone) + DAY
    while True:
        if days >> day.weekday() & 1:
            for moment in reversed(due_moments(day, rhythm)):
                if moment <= at:
                    return moment
        day -= DAY


def due_moments(day: date, rhythm: Recurrence) -> tuple[datetime, ...]:
    """Return the due moments of a local day, whether or not the day is chosen."""
    first = due_on(day, rhythm.digest_minute, rhythm.zone)
    if rhythm.evening_minute is None:
        return () if first is None else (first,)
    second = due_on(day, rhythm.evening_minute, rhythm.zone)
    return tuple(sorted({each for each in (first, second) if each is not None}))


def joins_next(missed: datetime, following: datetime, zone: str, now: datetime) -> bool:
    """Return whether a missed edition joins the next one, due today and nearer than the missed."""
    return local_date(following, zone) == local_date(now, zone) and following - now <= now - missed


def day_has_passed(due: datetime, zone: str, now: datetime) -> bool:
    """Return whether an edition is too late for its day, so that it becomes a catch-up."""
    return now - due > LATE and local_date(now, zone) > local_date(due, zone)
