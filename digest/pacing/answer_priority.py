"""Right of way: while a reader waits for an answer, editions can wait a moment."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOMENT = 0.1
"""Seconds for which editions stand back at most, however many answers follow one another."""


class AnswerPriority:
    """Whether somebody waits for an answer.

    A fan-out at full speed keeps the event loop so busy that an answer, which takes some thirty
    turns of it, would take ten times as long as it does alone.

    Args:
        moment: Seconds that an unbroken run of answers can hold editions up.
        clock: Seconds that only grow.
    """

    def __init__(
        self, *, moment: float = MOMENT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._moment = moment
        self._clock = clock
        self._answers = 0
        self._since = 0.0
        self._free = asyncio.Event()
        self._free.set()

    def begin(self) -> None:
        """An answer is made from here on."""
        if not self._answers:
            self._since = self._clock()
            self._free.clear()
        self._answers += 1

    def end(self) -> None:
        """It is made, or waits for something else."""
        self._answers -= 1
        if not self._answers:
            self._free.set()

    async def give(self) -> None:
        """Let answers go first; and whatever else is ready, in any case."""
        left = self._moment - (self._clock() - self._since) if self._answers else 0.0
        if left <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(left):
                await self._free.wait()
        except TimeoutError:
            return

    @property
    def is_free(self) -> bool:
        """Whether there is nobody to wait for."""
        return not self._answers
