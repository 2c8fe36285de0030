"""Priority of answers: editions pause briefly while a reader waits for an answer."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOMENT = 0.1
"""Maximum number of seconds that editions pause, even if one answer follows another."""


class AnswerPriority:
    """Tracks whether answers are being made, so that editions can pause for them.

    A fan-out at full speed keeps the event loop busy. An answer takes about thirty turns of the
    loop, so without a pause it would take ten times as long.

    Args:
        moment: Maximum number of seconds that an unbroken run of answers can pause editions.
        clock: Returns the seconds of a monotonic clock.
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
        """Note that an answer is being made."""
        if not self._answers:
            self._since = self._clock()
            self._free.clear()
        self._answers += 1

    def end(self) -> None:
        """Note that the answer is made, or waits for something else."""
        self._answers -= 1
        if not self._answers:
            self._free.set()

    async def give(self) -> None:
        """Wait while answers are being made, at most `moment` seconds, and let other tasks run."""
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
        """Whether no answer is being made."""
        return not self._answers
