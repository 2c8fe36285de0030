"""How many may be at work at once, where one that takes long keeps no other waiting."""

from __future__ import annotations

import asyncio

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
        self._deadlines: dict[Slot, float] = {}
        # One for all: most leave long before theirs would ring.
        self._timer: asyncio.TimerHandle | None = None
        self.taken = 0
        """How many are in."""

    async def enter(self) -> Slot:
        """Wait for a slot. Who gets one leaves it, whatever happens: by `leave` or a `with`."""
        await self._come_in()
        slot = Slot(self)
        self._give_time(slot)
        return slot

    async def keep(self, slot: Slot) -> None:
        """Be in for as long as it takes. Who stood aside waits for another slot.

        Cancelled meanwhile, the slot is still to be left.
        """
        self._take_time(slot)
        if slot.aside:
            await self._come_in()
            slot.aside = False
            self._room_aside += 1

    def leave(self, slot: Slot) -> None:
        """Make room."""
        self._take_time(slot)
        if slot.aside:
            self._room_aside += 1
        else:
            self._go_out()

    def _give_time(self, slot: Slot) -> None:
        loop = asyncio.get_running_loop()
        self._deadlines[slot] = loop.time() + self._patience
        if self._timer is None:
            self._timer = loop.call_later(self._patience, self._step_aside)

    def _take_time(self, slot: Slot) -> None:
        self._deadlines.pop(slot, None)
        if not self._deadlines and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step_aside(self) -> None:
        """Let those step aside whose time is over; come back when the next one's is."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for slot in [each for each, until in self._deadlines.items() if until <= now]:
            del self._deadlines[slot]
            if self._room_aside:
                self._room_aside -= 1
                slot.aside = True
                self._go_out()
            else:
                self._deadlines[slot] = now + self._patience
        until = next(iter(self._deadlines.values()), None)
        self._timer = None if until is None else loop.call_at(until, self._step_aside)

    async def _come_in(self) -> None:
        await self._inside.acquire()
        self.taken += 1

    def _go_out(self) -> None:
        self.taken -= 1
        self._inside.release()


class Slot:
    """One who came through a gate."""

    __slots__ = ("_gate", "aside")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.aside = False

    def __enter__(self) -> None:
        """Be in, or aside, until the end of the block."""

    def __exit__(self, *_: object) -> None:
        self._gate.leave(self)
