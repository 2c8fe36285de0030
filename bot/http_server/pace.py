"""A rate limiter with separate keys, which returns how long each request must wait (GCRA)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

REMEMBERED = 1_024
"""Keys kept before keys that no longer have to wait are dropped."""


class KeyedPace:
    """A rate limiter that allows bursts, with a separate rate for each key.

    Args:
        per_second: The rate: requests per second.
        at_once: The burst: requests that need not wait after a pause.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self, per_second: float, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._every = 1 / per_second
        self._burst = at_once * self._every
        self._clock = clock
        self._at: dict[Hashable, float] = {}

    def delay(self, key: Hashable = None) -> float:
        """Count one more request of a key; return the seconds that it must wait."""
        now = self._clock()
        at = max(self._at.get(key, now), now) + self._every
        if len(self._at) >= REMEMBERED and key not in self._at:
            self._at = {each: until for each, until in self._at.items() if until > now}
        self._at[key] = at
        return max(at - now - self._burst, 0.0)

    def give_back(self, key: Hashable = None) -> None:
        """Count one request of a key less, as it was given up before its turn."""
        if key in self._at:
            self._at[key] -= self._every
