"""Long work in time slices, between which other tasks of the event loop run."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SLICE = 0.002
"""Seconds of work after which other tasks run."""


async def yield_to_others() -> None:
    """Let every other task that is ready run once."""
    await asyncio.sleep(0)


class TimeSlices:
    """Lets other tasks run whenever a time slice of work is used up."""

    def __init__(self, let_others: Callable[[], Awaitable[None]] = yield_to_others) -> None:
        self._let_others = let_others
        self._began = time.perf_counter()

    async def pause(self) -> None:
        """Return at once, or after other tasks have run if the time slice is used up."""
        if time.perf_counter() - self._began > SLICE:
            await self._let_others()
            self._began = time.perf_counter()
