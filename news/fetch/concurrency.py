"""Limit on concurrent work in which slow tasks do not block others."""

from __future__ import annotations

import asyncio

PATIENCE = 2.0
"""Seconds after which a waiting task frees its slot; nearly all hosts answer within one."""
ASIDE = 128
"""Most slow tasks without a slot; each has an open connection and perhaps a body in memory."""


class Gate:
    """A semaphore in which slow holders step aside, so that other tasks can enter.

    A task is slow after `patience` seconds. At most `aside` slow tasks step aside.
    """

    def __init__(self, inside: int, *, aside: int = ASIDE, patience: float = PATIENCE) -> None:
        self._inside = asyncio.Semaphore(inside)
        self._room_aside = aside
        self._patience = patience
        self._deadlines: dict[Slot, float] = {}
        # One timer for all tasks: most leave long before their deadline.
        self._timer: asyncio.TimerHandle | None = None
        self.taken = 0
        """Number of slots taken."""

    async def enter(self) -> Slot:
        """Wait for a slot and return it. The caller must release it by `leave` or `with`."""
        await self._come_in()
        slot = Slot(self)
        self._give_time(slot)
        return slot

    async def keep(self, slot: Slot) -> None:
        """Hold a slot from now on however long it takes, also after stepping aside.

        If this is cancelled, the slot must still be released.
        """
        self._take_time(slot)
        if slot.aside:
            await self._come_in()
            slot.aside = False
            self._room_aside += 1

    def leave(self, slot: Slot) -> None:
        """Release a slot."""
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
    """A task's place in a gate."""

    __slots__ = ("_gate", "aside")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.aside = False

    def __enter__(self) -> None:
        """Hold the slot until the end of the block."""

    def __exit__(self, *_: object) -> None:
        self._gate.leave(self)
