"""How many may be at work at once, where one that takes long keeps no other waiting."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE = 2.0
"""Seconds after which who waits for a host that hangs makes room; nearly all answer within one."""
ASIDE = 128
"""Those who wait so at most: each has a connection open, and may have half a body in memory."""


class Gate:
    """Lets so many in at once. Who takes long steps aside, and another comes in.

    Args:
        inside: How many may be in.
        aside: How many may stand aside; while that is full, who takes long keeps the slot.
        patience: Seconds that are not long.
    """

    def __init__(self, inside: int, *, aside: int = ASIDE, patience: float = PATIENCE) -> None:
        self._inside = asyncio.Semaphore(inside)
        self._room_aside = aside
        self._patience = patience
        self.taken = 0
        """How many are in."""

    async def enter(self) -> Slot:
        """Wait for a slot. Who gets one leaves it, whatever happens."""
        await self._come_in()
        slot = Slot()
        self._give_time(slot)
        return slot

    async def keep(self, slot: Slot) -> None:
        """Be in for as long as it takes. Who stood aside waits for another slot.

        Cancelled meanwhile, the slot is still to be left.
        """
        slot.timer.cancel()
        if slot.aside:
            await self._come_in()
            slot.aside = False
            self._room_aside += 1

    def leave(self, slot: Slot) -> None:
        """Make room."""
        slot.timer.cancel()
        if slot.aside:
            self._room_aside += 1
        else:
            self._go_out()

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Be in, or aside, until the end of the block."""
        slot = await self.enter()
        try:
            yield
        finally:
            self.leave(slot)

    def _give_time(self, slot: Slot) -> None:
        slot.timer = asyncio.get_running_loop().call_later(self._patience, self._step_aside, slot)

    def _step_aside(self, slot: Slot) -> None:
        if not self._room_aside:
            self._give_time(slot)
            return
        self._room_aside -= 1
        slot.aside = True
        self._go_out()

    async def _come_in(self) -> None:
        await self._inside.acquire()
        self.taken += 1

    def _go_out(self) -> None:
        self.taken -= 1
        self._inside.release()


class Slot:
    """One who came through a gate."""

    __slots__ = ("aside", "timer")
    timer: asyncio.TimerHandle

    def __init__(self) -> None:
        self.aside = False
