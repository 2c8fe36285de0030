"""What one connection and one port may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """The bounds of one port. Times are in seconds."""

    header_seconds: float = 10.0
    """From the first byte of a request, or from the connection's start, to the end of its head."""
    idle_seconds: float = 30.0
    """Between an answer and the next request."""
    request_seconds: float = 60.0
    """From the end of a request's head until its answer has been sent to the last byte."""
    connections: int = 256
    """At once, over all addresses; fewer where the process may open few descriptors."""
    per_address: int = 128
    """At once from one IPv4 address or IPv6 /64, unless it is trusted. Telegram opens 100 at most
    (`max_connections` of setWebhook)."""
    least: int = 64
    """What a port still takes while descriptors are scarce: more than Telegram is asked to open
    (`bot.telegram.webhook.CONNECTIONS`)."""
    reserve: int = 256
    """Descriptors that are left to the database, sources and Telegram."""
    new_per_second: float = 2_000.0
    """New connections; others wait in the system's queue."""
    new_at_once: int = 1_000
    requests_per_second: float = 20.0
    """Of one client, other than updates of Telegram; others are answered later."""
    requests_at_once: int = 100
    requests_a_connection: int = 1_000
    """After so many a connection is closed with its answer."""
    head_bytes: int = 16 * 1024
    """Of a request line with its headers."""

    def bound(self, descriptors: int) -> int:
        """Return how many connections a port takes where a process may open so many descriptors.

        Half of what is not reserved, since two ports may be open.
        """
        return min(self.connections, max(self.least, (descriptors - self.reserve) // 2))
