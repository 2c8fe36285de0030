"""What paid broadcast costs: Stars for the messages above Telegram's free rate. Pure.

Telegram bills what a bot sends above 30 messages a second, second by second. So the cost of a
run depends on how fast it is: the fewer seconds it takes, the fewer messages of it are free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FREE_RATE = 30
"""Messages a second that cost nothing."""
PAID_RATE = 1000
"""Messages a second that Telegram takes at most."""
PER_STAR = 10
"""Messages above the free rate that one Star pays for."""
LEAST_STARS = 100_000
"""A bot must own so many before Telegram lets it pay."""
LEAST_READERS = 100_000
"""So many people must use it in a month."""
BURST = 0.05
"""Seconds' worth of messages that may leave together: `digest.pacing.rate_limiter.WHOLE_BURST`.

That module is too heavy to be imported for this."""


@dataclass(frozen=True, slots=True)
class Run:
    """The messages that fall due at one time."""

    due: datetime
    editions: int
    messages: int
    """An edition may take more than one."""
    seconds_free: float
    """From the due time until the last is sent, at the free rate; what fell due before goes
    first."""
    seconds: float
    """The same at the rate asked for."""
    paid: int
    """Messages above the free rate, at most."""

    @property
    def stars(self) -> float:
        """What they cost."""
        return stars(self.paid)


def stars(paid: int) -> float:
    """What messages above the free rate cost."""
    return paid / PER_STAR


def paid(messages: int, rate: int) -> int:
    """How many of the messages of one run are above the free rate, at most.

    Most are when they are sent in as few seconds as the pace allows: a burst, and then `rate`
    each second.
    """
    if rate <= FREE_RATE:
        return 0
    first = min(messages, rate + math.ceil(rate * BURST))
    seconds, rest = divmod(messages - first, rate)
    return _above(first) + seconds * _above(rate) + _above(rest)


def _above(messages: int) -> int:
    """How many of the messages of one second are above the free rate."""
    return max(messages - FREE_RATE, 0)


def forecast(
    due: Mapping[datetime, int], *, rate: int, messages_each: float = 1.0
) -> tuple[Run, ...]:
    """What the editions that fall due take and cost, if every one of them is sent.

    Args:
        due: Due time → how many editions.
        rate: Messages a second.
        messages_each: Messages that an edition takes, on average.

    Returns:
        One run for each due time, in their order.
    """
    runs = []
    free, fast = _Queue(FREE_RATE), _Queue(rate)
    for moment, editions in sorted(due.items()):
        messages = math.ceil(editions * messages_each)
        seconds_free, _ = free.add(moment, messages)
        seconds, above = fast.add(moment, messages)
        runs.append(Run(moment, editions, messages, seconds_free, seconds, above))
    return tuple(runs)


def dearest(runs: Sequence[Run], most: int) -> tuple[Run, ...]:
    """The `most` biggest runs, in the order of their time."""
    biggest = sorted(runs, key=lambda run: (-run.messages, run.due))[:most]
    return tuple(sorted(biggest, key=lambda run: run.due))


class _Queue:
    """Messages that are sent one after the other at some rate."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._began: datetime | None = None
        self._sent = 0
        """Since it was last idle."""

    def add(self, moment: datetime, messages: int) -> tuple[float, int]:
        """Seconds until the last of these messages is sent, and how many of them are paid for."""
        if self._began is None or self._left(moment) <= 0:
            self._began, self._sent = moment, 0
        before = paid(self._sent, self._rate)
        self._sent += messages
        return self._left(moment), paid(self._sent, self._rate) - before

    def _left(self, moment: datetime) -> float:
        """Seconds from a moment until all is sent."""
        if self._began is None:
            return 0.0
        return self._sent / self._rate - (moment - self._began).total_seconds()
