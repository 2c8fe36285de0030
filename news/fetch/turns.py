"""Turns at hosts: one request at a time at each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable


class Turns:
    """The turns at all hosts. Only one request runs at a host at a time."""

    def __init__(self) -> None:
        # The weak dictionary keeps a lock while a request holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, host: str, patience: float | None) -> Callable[[], None]:
        """Wait at most `patience` seconds for a turn (or TimeoutError); return what ends it."""
        turn = self._turns.setdefault(host, asyncio.Lock())
        async with asyncio.timeout(patience):
            await turn.acquire()
        return turn.release
