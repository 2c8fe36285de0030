"""Limits of one HTTP connection and one port, and the pace of requests."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

REMEMBERED = 1_024
"""Keys kept before keys that no longer have to wait are dropped."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """The limits of one port. Times are in seconds."""

    header_seconds: float = 10.0
    """Seconds from the start of a connection, or of a later request, to the end of its head."""
    idle_seconds: float = 30.0
    """Seconds between an answer and the next request."""
    request_seconds: float = 60.0
    """Seconds from the end of a request's head until the last byte of its answer is sent."""
    connections: int = 256
    """Simultaneous connections from all addresses; fewer if descriptors are scarce."""
    per_address: int = 128
    """Simultaneous connections from one IPv4 address or IPv6 /64 that is not trusted.

    Telegram opens at most 100 (`max_connections` of setWebhook).
    """
    least: int = 64
    """Simultaneous connections while descriptors are scarce.

    It is more than Telegram is asked to open (`bot.telegram.webhook.CONNECTIONS`).
    """
    reserve: int = 256
    """Descriptors reserved for the database, sources and Telegram."""
    new_per_second: float = 2_000.0
    """Connections accepted per second; others wait in the system's queue."""
    new_at_once: int = 1_000
    requests_per_second: float = 20.0
    """Requests of one client per second; others are answered later.

    Telegram's updates do not count.
    """
    requests_at_once: int = 100
    head_bytes: int = 16 * 1024
    """Bytes of a request line with its headers, at most."""

    def bound(self, descriptors: int) -> int:
        """Return how many connections a port may have open at the same time.

        It is half of the unreserved descriptors, because two ports may be open.
        """
        return min(self.connections, max(self.least, (descriptors - self.reserve) // 2))


class KeyedPace:
    """A rate limiter (GCRA) that allows bursts, with a separate rate for each key.

    `at_once` is the burst: requests that need not wait after a pause. `clock` counts monotonic
    seconds.
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
