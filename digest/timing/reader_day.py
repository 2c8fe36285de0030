"""A reader's day: what two editions of it share. Pure.

Caps are about a day, however many editions it has, so the first of two leaves room for the second,
and the second counts what the first has shown.
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
"""No local day is longer."""


@dataclass(frozen=True, slots=True)
class ReaderDay:
    """What an edition has to know of the others of its local day."""

    shown: tuple[int, ...] = ()
    """The ids of the articles that the reader was shown earlier that day."""
    silent: bool = False
    """Whether it goes without a word where it has no story: the day is not over, or had some."""
    first: bool = False
    """Whether another one is due later that day."""

    def share(self, size: int) -> int:
        """How many stories it may have, where a day has at most `size`.

        The first of two has two thirds of them.
        """
        most = size - size // 3 if self.first else size
        return max(most - len(self.shown), 0)


ALONE = ReaderDay()
"""The only edition of its day."""


def reader_day(
    due: datetime,
    zone: str,
    evening_minute: int | None,
    editions: Sequence[tuple[datetime, tuple[int, ...]]],
) -> ReaderDay:
    """What stands around an edition on its local day.

    Args:
        due: When the edition is due.
        zone: The reader's.
        evening_minute: When the second edition of a day comes; None where there is one.
        editions: When earlier ones were due, and the ids of the articles that they showed.
    """
    if evening_minute is None:
        return ALONE
    day = local_date(due, zone)
    earlier = (ids for moment, ids in editions if moment < due and local_date(moment, zone) == day)
    shown = tuple(id_ for ids in earlier for id_ in ids)
    second = due_on(day, evening_minute, zone)
    first = second is not None and due < second
    return ReaderDay(shown, silent=first or bool(shown), first=first)
