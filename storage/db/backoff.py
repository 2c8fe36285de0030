"""Exponential backoff: growing pauses between tries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between tries, in seconds: the first one, and each longer by a factor up to a limit.

    Attributes:
        first: Seconds before the first retry.
        longest: Seconds at most.
        factor: How many times longer each pause is than the one before.
    """

    first: float
    longest: float
    factor: float = 2.0

    def pause(self, retries: int) -> float:
        """Return the seconds to wait before the next try.

        Args:
            retries: How many retries there were already; below zero counts as none.
        """
        try:
            return min(self.first * self.factor ** max(retries, 0), self.longest)
        except OverflowError:
            return self.longest
