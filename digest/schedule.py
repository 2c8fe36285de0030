"""When the next edition is due, in the reader's own zone. Pure.

A reader chose a wall-clock minute; the zone's rules decide which moment that is. Where the clock
jumps over the minute, the edition is due at the first moment after the jump. Where the minute
comes twice, the first counts. So every local day that exists has one due moment, and only one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.model import EVERY_DAY

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

LATE = timedelta(hours=2)
"""An edition of 23:50 that is sent ten minutes after midnight is no catch-up yet."""


class Recurrence(Protocol):
    """What a due time follows from; a `Subscriber` has it, and so has `Hours`."""

    @property
    def zone(self) -> str:
        """An IANA name."""

    @property
    def digest_minute(self) -> int:
        """Minutes after local midnight."""

    @property
    def days(self) -> int:
        """Bit 0 is Monday."""

    @property
    def paused_until(self) -> datetime | None:
        """No edition is due before this moment."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A rhythm by itself, as the ledger groups subscribers by it."""

    zone: str
    digest_minute: int
    days: int = EVERY_DAY
    paused_until: datetime | None = None


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC for a name that this machine's data does not know.

    One subscriber with a name of another time's data must not stop the planning of all others.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_date(moment: datetime, zone: str) -> date:
    """The date that a moment has in a zone."""
    return moment.astimezone(zone_of(zone)).date()


@lru_cache(maxsize=8192)
def due_on(day: date, minute: int, zone: str) -> datetime | None:
    """The moment, in UTC, at which a local day's minute comes.

    None for a day that the zone never had, as when islands move across the date line.
    """
    place = zone_of(zone)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001  # the wall's time; its zone follows
    moment = wall.replace(tzinfo=place).astimezone(UTC)
    if moment.astimezone(place).replace(tzinfo=None) == wall:
        return moment
    after = _end_of_gap(wall, place)
    if after.astimezone(place).date() == day:
        return after
    # The gap reaches over midnight: the day ends with it, so its last minute before must do.
    before = after - MINUTE
    return before if before.astimezone(place).date() == day else None


def _end_of_gap(wall: datetime, place: ZoneInfo) -> datetime:
    """The moment at which the clock jumped over a wall time."""
    # The same wall time read with the offset from after the gap lies before it, and vice versa.
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


def next_due(rhythm: Recurrence, after: datetime, *, last: datetime | None = None) -> datetime:
    """The first due moment strictly after `after`, in UTC.

    A mask without any day counts as every day. With `last`, the time of the edition before, the
    next one is on a later local day: a traveller's new zone may still have the old one's date.
    """
    days = rhythm.days & EVERY_DAY or EVERY_DAY
    start = after
    if rhythm.paused_until is not None and rhythm.paused_until > after:
        start = rhythm.paused_until - timedelta(microseconds=1)
    had = None if last is None else local_date(last, rhythm.zone)
    day = local_date(start, rhythm.zone) - DAY
    while True:
        if days >> day.weekday() & 1 and (had is None or day > had):
            due = due_on(day, rhythm.digest_minute, rhythm.zone)
            if due is not None and due > start:
                return due
        day += DAY


def last_due(rhythm: Recurrence, at: datetime) -> datetime:
    """The latest due moment that is not after `at`; a pause is not looked at."""
    days = rhythm.days & EVERY_DAY or EVERY_DAY
    day = local_date(at, rhythm.zone) + DAY
    while True:
        if days >> day.weekday() & 1:
            due = due_on(day, rhythm.digest_minute, rhythm.zone)
            if due is not None and due <= at:
                return due
        day -= DAY


def day_has_passed(due: datetime, zone: str, now: datetime) -> bool:
    """Whether an edition is too late to be that day's: it becomes part of a catch-up."""
    return now - due > LATE and local_date(now, zone) > local_date(due, zone)


def quiet_until(
    now: datetime, zone: str, quiet_from: int | None, quiet_to: int | None
) -> datetime | None:
    """The end of the quiet hours that `now` falls in; None outside them.

    Hours from 22:00 to 7:00 reach over midnight. Equal ends are no quiet hours.
    """
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    local = now.astimezone(zone_of(zone))
    minute = local.hour * 60 + local.minute
    inside = (
        quiet_from <= minute < quiet_to
        if quiet_from < quiet_to
        else (minute >= quiet_from or minute < quiet_to)
    )
    if not inside:
        return None
    # On the night of a change the wall may read an hour of the day before: look from there.
    return next_due(Hours(zone, quiet_to), now)
