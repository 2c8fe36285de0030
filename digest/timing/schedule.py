"""When the next edition is due, in the reader's own zone. Pure.

A reader chose a wall-clock minute, or one of the morning and one of the evening; the zone's rules
decide which moments these are. Where the clock jumps over a minute, the edition is due at the first
moment after the jump. Where the minute comes twice, the first counts. So on every local day that
exists each has one due moment, and only one; where a jump leaves one for both, one edition comes.
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
    def evening_minute(self) -> int | None:
        """That of a second edition; None for one a day."""

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
    evening_minute: int | None = None


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


def midnight(day: date, zone: str) -> datetime:
    """The moment at which a local day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone_of(zone)).astimezone(UTC)


def day_around(zone: str, moment: datetime) -> tuple[datetime, datetime]:
    """When the day of a moment begins and ends somewhere."""
    day = local_date(moment, zone)
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


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


def next_due(rhythm: Recurrence, after: datetime, *, had: Sequence[datetime] = ()) -> datetime:
    """The first due moment strictly after `after`, in UTC.

    A mask without any day counts as every day. With `had`, the times of the editions before, no
    local day has more of them than it would have had at home: a traveller's new zone may still have
    the old one's date. Of two a day the evening's may still come where the last was nearer to the
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
                # Who had as many as the day has, or one in its second half, gets no more of it.
                enough = dates.count(day) >= len(due) or max(had) >= due[0] + (due[-1] - due[0]) / 2
                due = () if enough else due[1:]
            for moment in due:
                if moment > start:
                    return moment
        day += DAY


def last_due(rhythm: Recurrence, at: datetime) -> datetime:
    """The latest due moment that is not after `at`; a pause is not looked at."""
    days = rhythm.days & EVERY_DAY or EVERY_DAY
    day = local_date(at, rhythm.zone) + DAY
    while True:
        if days >> day.weekday() & 1:
            for moment in reversed(due_moments(day, rhythm)):
                if moment <= at:
                    return moment
        day -= DAY


def due_moments(day: date, rhythm: Recurrence) -> tuple[datetime, ...]:
    """The due moments of a local day, whether it is one of the chosen ones or not."""
    first = due_on(day, rhythm.digest_minute, rhythm.zone)
    if rhythm.evening_minute is None:
        return () if first is None else (first,)
    second = due_on(day, rhythm.evening_minute, rhythm.zone)
    return tuple(sorted({each for each in (first, second) if each is not None}))


def joins_next(missed: datetime, following: datetime, zone: str, now: datetime) -> bool:
    """Whether an edition that could not go becomes part of the next, rather than one by itself.

    It does where the next is due on this very day, and is nearer than the one that was missed.
    """
    return local_date(following, zone) == local_date(now, zone) and following - now <= now - missed


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
