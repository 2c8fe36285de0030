"""Which messages go first: standing of people, queues at the rate limiter, pauses of editions."""

from __future__ import annotations

import asyncio
import heapq
import time
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWERS_IN_A_ROW = 3
"""Answers after which a waiting edition or alert goes first."""
OTHERS_PER_NEW = 4
"""Other messages after which a waiting answer to a new reader goes first."""
OTHERS_PER_STRANGER = 9
"""Other messages after which an answer to a stranger goes first: a tenth of the rate at least."""
MOMENT = 0.1
"""Maximum number of seconds that editions pause, even if one answer follows another."""


class Standing(IntEnum):
    """How well the sender of an update is known; smaller values are answered first."""

    OPERATOR = 0
    KNOWN = 1
    """A reader since yesterday or longer, or a person whom an operator admitted by name."""
    NEW = 2
    """A reader since today, or an unknown person in a known group."""
    STRANGER = 3
    """A person of whom nothing is stored, or who is not admitted."""

    @property
    def has_share(self) -> bool:
        """Whether answers get only a share of the rate while better known people wait."""
        return self > Standing.KNOWN


class Priority(IntEnum):
    """The kind of a message, which decides its order."""

    ANSWER = 0
    ALERT = 1
    EDITION = 2
    CORRECTION = 3
    """The edit of a delivered message, behind all editions."""
    TO_NEW = 4
    """An answer to a new reader, or to an unknown person in a known group."""
    TO_STRANGER = 5

    @property
    def is_answer(self) -> bool:
        """Whether the message is an answer, which leaves its chat room for editions and alerts."""
        return self is Priority.ANSWER or self >= Priority.TO_NEW


TO = {Standing.NEW: Priority.TO_NEW, Standing.STRANGER: Priority.TO_STRANGER}
"""Standing of a person who is not well known → priority of an answer to that person."""


class Waiter(NamedTuple):
    """A message waiting at the gate, ordered by its rank, which is unique."""

    rank: tuple[int, int, float, int]
    """Priority, 0 for an operator, the monotonic second in which its chat is at rest, number."""
    chat_id: int | str
    passed: asyncio.Future[None]

    @property
    def priority(self) -> Priority:
        """The message's priority."""
        return Priority(self.rank[0])


class _GateLine:
    __slots__ = ("others", "passed_by", "waiters")

    def __init__(self, others: int | None = None) -> None:
        self.others = others
        self.passed_by = 0
        self.waiters: list[Waiter] = []

    @property
    def is_next(self) -> bool:
        """Whether a message waits here and `others` messages have gone before it."""
        return bool(self.waiters) and self.others is not None and self.passed_by >= self.others


class GateLines:
    """All queues at the gate, in their usual order."""

    def __init__(self) -> None:
        answers, news = _GateLine(), _GateLine(ANSWERS_IN_A_ROW)
        self._line_of = {
            Priority.ANSWER: answers,
            Priority.ALERT: news,
            Priority.EDITION: news,
            Priority.CORRECTION: news,
            Priority.TO_NEW: _GateLine(OTHERS_PER_NEW),
            Priority.TO_STRANGER: _GateLine(OTHERS_PER_STRANGER),
        }
        self._lines = tuple(dict.fromkeys(self._line_of.values()))

    def __bool__(self) -> bool:
        first, second, third, fourth = self._lines  # unrolled: called for each message
        return bool(first.waiters or second.waiters or third.waiters or fourth.waiters)

    def push(self, waiter: Waiter) -> None:
        """Add a message to its queue."""
        heapq.heappush(self._line_of[waiter.priority].waiters, waiter)

    def next(self) -> _GateLine | None:
        """Return the next queue, or None if no message waits.

        A queue that enough other messages have passed comes before the usual order.
        """
        return next(
            (line for line in reversed(self._lines) if line.is_next),
            next((line for line in self._lines if line.waiters), None),
        )

    def passed(self, line: _GateLine) -> None:
        """Note that a message of this queue went before those of the others."""
        for each in self._lines:
            each.passed_by += 1
        line.passed_by = 0

    def clear(self) -> list[Waiter]:
        """Empty all queues, and return the messages that waited."""
        waited = [waiter for line in self._lines for waiter in line.waiters]
        for line in self._lines:
            line.waiters.clear()
        return waited


class AnswerPriority:
    """Tracks whether answers are being made, so that editions can pause for them.

    A fan-out at full speed keeps the event loop busy. An answer takes about thirty turns of the
    loop, so without a pause it would take ten times as long.

    Args:
        moment: Maximum number of seconds that an unbroken run of answers can pause editions.
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
