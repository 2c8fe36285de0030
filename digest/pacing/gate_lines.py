"""Who waits at the rate limiter's gate, and whose turn it is."""

from __future__ import annotations

import heapq
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from digest.pacing.standing import Standing

if TYPE_CHECKING:
    import asyncio

ANSWERS_IN_A_ROW = 3
"""Answers after which an edition or an alert goes first, if one waits."""
OTHERS_PER_NEW = 4
"""Messages to others after which one to somebody new goes first, if one waits."""
OTHERS_PER_STRANGER = 9
"""The same for strangers: a tenth of the pace is theirs, and whatever nobody else needs."""


class Priority(IntEnum):
    """Who goes first."""

    ANSWER = 0
    ALERT = 1
    EDITION = 2
    TO_NEW = 3
    """An answer to somebody new."""
    TO_STRANGER = 4

    @property
    def is_answer(self) -> bool:
        """Whether it leaves its chat some room for editions and alerts."""
        return self is Priority.ANSWER or self >= Priority.TO_NEW


TO = {Standing.NEW: Priority.TO_NEW, Standing.STRANGER: Priority.TO_STRANGER}
"""The priority of an answer to those who are not known."""


class Waiter(NamedTuple):
    """Who waits at the gate; they are compared by rank, which no two share."""

    rank: tuple[int, int, int, int]
    """Priority, 0 for an operator, seconds that the chat needs to be at rest, number."""
    chat_id: int | str
    passed: asyncio.Future[None]

    @property
    def priority(self) -> Priority:
        """Of its message."""
        return Priority(self.rank[0])


class _GateLine:
    """Those who wait alike.

    Args:
        others: Messages to others after which one of these goes first; None for no such right.
    """

    __slots__ = ("others", "passed_by", "waiters")

    def __init__(self, others: int | None = None) -> None:
        self.others = others
        self.passed_by = 0
        self.waiters: list[Waiter] = []

    @property
    def is_next(self) -> bool:
        """Whether somebody waits here whom as many others have passed as are let by."""
        return bool(self.waiters) and self.others is not None and self.passed_by >= self.others


class GateLines:
    """All of them, those first who go first."""

    def __init__(self) -> None:
        answers, news = _GateLine(), _GateLine(ANSWERS_IN_A_ROW)
        self._line_of = {
            Priority.ANSWER: answers,
            Priority.ALERT: news,
            Priority.EDITION: news,
            Priority.TO_NEW: _GateLine(OTHERS_PER_NEW),
            Priority.TO_STRANGER: _GateLine(OTHERS_PER_STRANGER),
        }
        self._lines = tuple(dict.fromkeys(self._line_of.values()))

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        first, second, third, fourth = self._lines  # asked for each of a fan-out's messages
        return bool(first.waiters or second.waiters or third.waiters or fourth.waiters)

    def push(self, waiter: Waiter) -> None:
        """Let somebody wait."""
        heapq.heappush(self._line_of[waiter.priority].waiters, waiter)

    def next(self) -> _GateLine | None:
        """Whose turn it is: theirs whom enough others have passed, or else the first's."""
        return next(
            (line for line in reversed(self._lines) if line.is_next),
            next((line for line in self._lines if line.waiters), None),
        )

    def passed(self, line: _GateLine) -> None:
        """One of a line has passed all others."""
        for each in self._lines:
            each.passed_by += 1
        line.passed_by = 0

    def clear(self) -> list[Waiter]:
        """Let nobody wait any more; who did."""
        waited = [waiter for line in self._lines for waiter in line.waiters]
        for line in self._lines:
            line.waiters.clear()
        return waited
