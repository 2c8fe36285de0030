"""Long work in small pieces, with turns for others in between."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BREATH = 0.002
"""Seconds of work after which others get their turn."""


async def breathe() -> None:
    """Let others go first, once."""
    await asyncio.sleep(0)


class Turns:
    """Lets others have their turn after a little work."""

    def __init__(self, breathe: Callable[[], Awaitable[None]] = breathe) -> None:
        self._breathe = breathe
        self._began = time.perf_counter()

    async def give(self) -> None:
        """Go on, or let others go first."""
        if time.perf_counter() - self._began > BREATH:
            await self._breathe()
            self._began = time.perf_counter()
