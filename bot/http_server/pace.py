"""A rate for each of many: how long who is above it has to wait (GCRA)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

REMEMBERED = 1_024
"""Keys that are remembered before those are let go of that are back at rest."""


class KeyedPace:
    """A rate with a burst, for each key apart.

    Args:
        per_second: The rate.
        at_once: The burst.
        clock: Seconds that only grow.
    """

    def __init__(
        self, per_second: float, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._every = 1 / per_second
        self._burst = at_once * self._every
        self._clock = clock
        self._at: dict[Hashable, float] = {}

    def delay(self, key: Hashable = None) -> float:
        """Count one more of a key; return the seconds that it has to wait for its turn."""
        now = self._clock()
        at = max(self._at.get(key, now), now) + self._every
        if len(self._at) >= REMEMBERED and key not in self._at:
            self._at = {each: until for each, until in self._at.items() if until > now}
        self._at[key] = at
        return max(at - now - self._burst, 0.0)
