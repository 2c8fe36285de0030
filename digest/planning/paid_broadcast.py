"""The cost of paid broadcast: Stars for messages above Telegram's free rate. Pure.

Telegram bills the messages that a bot sends above 30 in each second. The cost of a run therefore
depends on its speed: a faster run has fewer free messages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FREE_RATE = 30
"""Messages a second that are free."""
PAID_RATE = 1000
"""Maximum number of messages a second that Telegram accepts."""
PER_STAR = 10
"""Messages above the free rate that one Star pays for."""
LEAST_STARS = 100_000
"""Stars that a bot must own before Telegram lets it pay."""
LEAST_READERS = 100_000
"""Monthly users that a bot must have before Telegram lets it pay."""
BURST = 0.05
"""Seconds of messages that leave together: `rate_limiter.WHOLE_BURST`, a slow import."""


@dataclass(frozen=True, slots=True)
class Run:
    """The messages that are due at one time."""

    due: datetime
    editions: int
    messages: int
    """Number of messages; an edition may take several."""
    seconds_free: float
    """Seconds from the due time until the last message is sent free. Earlier runs go first."""
    seconds: float
    """The same seconds at the configured rate."""
    paid: int
    """Maximum number of messages above the free rate."""

    @property
    def stars(self) -> float:
        """The cost of the paid messages, in Stars."""
        return stars(self.paid)


def stars(paid: int) -> float:
    """Return the cost of messages above the free rate, in Stars."""
    return paid / PER_STAR


def paid(messages: int, rate: int) -> int:
    """Return the most messages of a run above the free rate: a burst, then `rate` each second."""
    if rate <= FREE_RATE:
        return 0
    first = min(messages, rate + math.ceil(rate * BURST))
    seconds, rest = divmod(messages - first, rate)
    return _above(first) + seconds * _above(rate) + _above(rest)


def _above(messages: int) -> int:
    return max(messages - FREE_RATE, 0)


def forecast(
    due: Mapping[datetime, int], *, rate: int, messages_each: float = 1.0
) -> tuple[Run, ...]:
    """Forecast the duration and cost of the editions due, one run for each due time, in order."""
    runs = []
    free, fast = _Queue(FREE_RATE), _Queue(rate)
    for moment, editions in sorted(due.items()):
        messages = math.ceil(editions * messages_each)
        seconds_free, _ = free.add(moment, messages)
        seconds, above = fast.add(moment, messages)
        runs.append(Run(moment, editions, messages, seconds_free, seconds, above))
    return tuple(runs)


def dearest(runs: Sequence[Run], most: int) -> tuple[Run, ...]:
    """Return the `most` biggest runs, in the order of their time."""
    biggest = sorted(runs, key=lambda run: (-run.messages, run.due))[:most]
    return tuple(sorted(biggest, key=lambda run: run.due))


class _Queue:
    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._began: datetime | None = None
        self._sent = 0
        """Messages sent since the queue was last empty."""

    def add(self, moment: datetime, messages: int) -> tuple[float, int]:
        """Return the seconds until the last of these messages is sent, and the paid messages."""
        if self._began is None or self._left(moment) <= 0:
            self._began, self._sent = moment, 0
        before = paid(self._sent, self._rate)
        self._sent += messages
        return self._left(moment), paid(self._sent, self._rate) - before

    def _left(self, moment: datetime) -> float:
        if self._began is None:
            return 0.0
        return self._sent / self._rate - (moment - self._began).total_seconds()
