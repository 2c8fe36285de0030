"""One update while it is answered: its turn, and what of it has been seen by its reader."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import CallbackQuery, Update

    from digest.pacing.answer_priority import AnswerPriority
    from digest.pacing.standing import Standing
    from handlers.updates.lanes import Item, Lanes

TAP_PATIENCE = 0.08
"""Seconds that a tapped button may wait while its answer does; then it stops spinning."""


class UpdateAnswer:
    """The answer to one update.

    Args:
        update: What is answered.
        item: Its turn.
        lanes: Where it has its place.
        answer_priority: Lets editions stand back while the answer is made.
        release: Answers the tap with nothing, so that its button does not spin.
        is_released: Whether the tap has been answered before, by another process.
    """

    def __init__(
        self,
        update: Update,
        item: Item,
        lanes: Lanes,
        answer_priority: AnswerPriority,
        release: Callable[[CallbackQuery], Awaitable[None]],
        *,
        is_released: bool = False,
    ) -> None:
        self.update = update
        self.item = item
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """True once it is to be answered, False once it is given up."""
        self.task: asyncio.Task[object] | None = None
        self._lanes = lanes
        self._answer_priority = answer_priority
        self._release = release
        self._is_released = is_released
        self._sent = 0
        self._is_abandoned = False
        self._arrived = asyncio.get_running_loop().time()
        self._timer: asyncio.TimerHandle | None = None
        self._releasing: asyncio.Task[None] | None = None

    @property
    def standing(self) -> Standing:
        """Of whoever is answered."""
        return self.item.standing

    @property
    def has_sent(self) -> bool:
        """Whether a reader has, or may have, seen something of it."""
        return self._sent > 0

    def claim_tap(self) -> bool:
        """Whether the tap is still to be answered; it counts as answered from here on."""
        if self._is_released:
            return False
        self._is_released = True
        self.stop_waiting()
        return True

    def begins(self) -> None:
        """Its turn has come."""
        self.stop_waiting()
        self._answer_priority.begin()

    def ends(self) -> None:
        """It has been answered."""
        self.stop_waiting()
        self._answer_priority.end()

    def waits(self) -> None:
        """Something is waited for: a tapped button does not spin for long."""
        query = self.update.callback_query
        if query is None or self._is_released or self._timer is not None:
            return
        # In no answer's name: that the button is let go is not yet what was asked for.
        self._timer = asyncio.get_running_loop().call_at(
            self._arrived + TAP_PATIENCE, self._let_go, query, context=Context()
        )

    def stop_waiting(self) -> None:
        """It is not waited for any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def abandon(self) -> None:
        """Give it up: nothing more of it is sent, whatever its handler makes of that."""
        self._is_abandoned = True
        if self.task is not None:
            self.task.cancel()

    def wait_begins(self) -> None:
        """Telegram's limits, or another answer to the same chat, make this one wait."""
        self._answer_priority.end()
        self._lanes.pause(self.item)
        self.waits()

    def wait_ends(self) -> None:
        """It goes on."""
        self.stop_waiting()
        self._lanes.resume(self.item)
        self._answer_priority.begin()

    def sends(self) -> None:
        """Something that a reader sees is about to leave.

        Raises:
            asyncio.CancelledError: It was given up.
        """
        if self._is_abandoned:
            raise asyncio.CancelledError
        self._sent += 1

    def taken_back(self) -> None:
        """Telegram did not take it."""
        self._sent -= 1

    def _let_go(self, query: CallbackQuery) -> None:
        self._timer = None
        if not self._is_released:
            self._is_released = True
            self._releasing = asyncio.ensure_future(self._release(query))
