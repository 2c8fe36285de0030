"""The machine's clock, plus an offset by which it was moved forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from zoneinfo import ZoneInfo


class ForwardClock:
    """The machine's clock, plus an offset by which it was moved forward.

    Args:
        real: Returns the machine's time, in seconds since 1970.
    """

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the current time, in seconds since 1970."""
        return self._real() + self._ahead

    def now(self) -> datetime:
        """Return the current time, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    def forward(self, to: datetime) -> None:
        """Move the clock to `to`, an aware datetime; a time in the past changes nothing."""
        self._ahead += max(0.0, to.timestamp() - self())


def next_time(now: datetime, at: dt.time, zone: ZoneInfo) -> datetime:
    """Return the next moment after `now`, in UTC, at which it is `at` in a zone."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= at)
    return datetime.combine(day, at, zone).astimezone(UTC)
