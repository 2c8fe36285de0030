"""The table of a port's open connections; it enforces limits and closes idle connections."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from bot.http_server.connection import Stage
from bot.http_server.descriptors import Descriptors, count_descriptors
from bot.http_server.trusted_networks import one_client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.http_server.connection import HttpConnection
    from bot.http_server.limits import HttpLimits
    from bot.http_server.trusted_networks import Address, TrustedNetworks

COUNTED_EVERY = 0.25
"""Seconds between two counts of open descriptors.

Between counts each new connection is assumed to take one more.
"""


class ConnectionTable:
    """The open connections of one port.

    The limit for each address does not hold for trusted ones.
    """

    def __init__(self, limits: HttpLimits, trusted: TrustedNetworks) -> None:
        self.displaced = 0
        """Connections closed to make room, or refused, since the start."""
        self._limits = limits
        self._trusted = trusted
        self._open: OrderedDict[HttpConnection, None] = OrderedDict()
        """Open connections, ordered by when their deadline was last set, oldest first."""
        self._by_client: Counter[object] = Counter()
        self._descriptors = Descriptors(0, 0)
        self._counted = float("-inf")
        self._since_counted = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[HttpConnection]:
        return iter(list(self._open))

    def admits(self, peer: Address | None) -> bool:
        """Return whether a new connection may be accepted, closing a waiting one if necessary."""
        client = one_client(peer)
        if self._by_client[client] >= self._limits.per_address and peer not in self._trusted:
            return self._end_one(each for each in self._open if one_client(each.peer) == client)
        bound = self._bound()
        while len(self._open) >= bound:
            if not self._end_one(self._open):
                return False
        return True

    def add(self, connection: HttpConnection) -> None:
        """Add a connection to the table."""
        self._open[connection] = None
        self._by_client[one_client(connection.peer)] += 1
        self._since_counted += 1

    def move_to_end(self, connection: HttpConnection) -> None:
        """Note that a connection's deadline was set again: all others have waited longer."""
        if connection in self._open:
            self._open.move_to_end(connection)

    def remove(self, connection: HttpConnection) -> None:
        """Remove a connection that has ended; do nothing if it is unknown."""
        if connection not in self._open:
            return
        del self._open[connection]
        client = one_client(connection.peer)
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]

    def _bound(self) -> int:
        limits = self._limits
        now = asyncio.get_running_loop().time()
        if now - self._counted >= COUNTED_EVERY:
            self._descriptors = count_descriptors()
            self._counted, self._since_counted = now, 0
        if self._descriptors.free - self._since_counted < limits.reserve:
            return limits.least
        return limits.bound(self._descriptors.limit)

    def _end_one(self, among: Iterable[HttpConnection]) -> bool:
        """Close the longest-waiting connection, Telegram's last, and count it as displaced.

        If none can be closed, as every one is being answered, the new connection counts as
        displaced, and False is returned. A stage alone closes none first: a flood of slow bodies
        would then displace every new connection.
        """
        self.displaced += 1
        first: HttpConnection | None = None
        for each in among:
            if each.stage is Stage.REQUEST:
                continue
            if not each.is_telegrams:
                first = each
                break
            first = first or each
        if first is None:
            return False
        self.remove(first)
        first.abort()
        return True
