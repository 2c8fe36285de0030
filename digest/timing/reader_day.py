"""A reader's local day; its two editions share the day's limits. Pure.

The limits are for a day, however many editions it has. So the first of two leaves room for the
second, and the second counts what the first has shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.timing.schedule import due_on, local_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

LONGEST = timedelta(hours=26)
"""The longest that a local day can be."""


@dataclass(frozen=True, slots=True)
class ReaderDay:
    """The other editions of an edition's local day, as far as they limit it."""

    shown: tuple[int, ...] = ()
    """The ids of the articles that the reader was shown earlier that day."""
    silent: bool = False
    """Whether an edition without stories is skipped, since another one comes that day or came."""
    first: bool = False
    """Whether another edition is due later that day."""

    def share(self, size: int) -> int:
        """Return how many of a day's `size` stories the edition may have; the first of two, 2/3."""
        most = size - size // 3 if self.first else size
        return max(most - len(self.shown), 0)


ALONE = ReaderDay()
"""The day of a reader who gets one edition a day."""


def reader_day(
    due: datetime,
    zone: str,
    evening_minute: int | None,
    editions: Sequence[tuple[datetime, tuple[int, ...]]],
) -> ReaderDay:
    """Return the other editions of an edition's local day, as far as they limit it.

    `editions` are due times with the articles shown; `evening_minute` counts from midnight.
    """
    if evening_minute is None:
        return ALONE
    day = local_date(due, zone)
    earlier = (ids for moment, ids in editions if moment < due and local_date(moment, zone) == day)
    shown = tuple(id_ for ids in earlier for id_ in ids)
    second = due_on(day, evening_minute, zone)
    first = second is not None and due < second
    return ReaderDay(shown, silent=first or bool(shown), first=first)
