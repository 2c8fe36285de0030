"""Exponential backoff: growing pauses between tries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses in seconds between tries: the first, and each longer by a factor up to a limit."""

    first: float
    longest: float
    factor: float = 2.0

    def pause(self, retries: int) -> float:
        """Return the seconds to wait before the next try; `retries` below 0 count as none."""
        try:
            return min(self.first * self.factor ** max(retries, 0), self.longest)
        except OverflowError:
            return self.longest
