"""Turns at hosts: one request at a time at each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Turns:
    """The turns at all hosts. Only one request runs at a host at a time."""

    def __init__(self) -> None:
        # The weak dictionary keeps a lock while a request holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.visit: Callable[[str], Awaitable[Callable[[], None] | None]] | None = None
        """Waits until this process may ask a host, and returns what ends that; None for nothing.

        Raises TimeoutError if it may not. Among several processes each has its own hosts.
        """

    @property
    def under_way(self) -> frozenset[str]:
        """The hosts that are being asked, or must not be asked now."""
        return frozenset(host for host, turn in self._turns.items() if turn.locked())

    def at(self, host: str) -> asyncio.Lock:
        """Return the lock that every request to a host holds."""
        return self._turns.setdefault(host, asyncio.Lock())

    async def take(self, host: str, patience: float | None) -> Callable[[], None]:
        """Wait for a turn at a host, at most `patience` seconds; return what ends the turn.

        Raises:
            TimeoutError: It did not come in time.
        """
        turn, ended = self.at(host), None
        async with asyncio.timeout(patience):
            await turn.acquire()
            try:
                if self.visit is not None:
                    ended = await self.visit(host)
            except BaseException:
                turn.release()
                raise

        def leave() -> None:
            if ended is not None:
                ended()
            turn.release()

        return leave
