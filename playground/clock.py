"""A clock that runs as the machine's does, and can be put forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from zoneinfo import ZoneInfo


class ForwardClock:
    """Shows what the machine's clock does, and later by as much as it was put forward.

    Args:
        real: The clock beneath.
    """

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._ahead = 0.0

    def __call__(self) -> float:
        """This moment, in seconds since 1970."""
        return self._real() + self._ahead

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    def forward(self, to: datetime) -> None:
        """Make it `to`, which is aware; a moment that has passed changes nothing."""
        self._ahead += max(0.0, to.timestamp() - self())


def next_time(now: datetime, at: dt.time, zone: ZoneInfo) -> datetime:
    """The next moment after `now`, in UTC, at which the clocks of a zone show `at`."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= at)
    return datetime.combine(day, at, zone).astimezone(UTC)
