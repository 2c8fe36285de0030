"""One update while it is answered: its turn, and whether its reader has seen a reply."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING

from handlers.updates.lanes import HOLDS_UP

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import CallbackQuery, Update

    from digest.pacing.priorities import AnswerPriority, Standing
    from handlers.updates.lanes import Lanes
    from handlers.updates.update_kinds import Item

TAP_PATIENCE = 0.08
"""Seconds after which a tapped button is released though its answer still waits."""


class UpdateAnswer:
    """The answer to one update.

    `release` answers a tap without a notice, so that its button stops spinning; `is_released` if an
    earlier process did. `end` ends an update that was left as begun.
    """

    def __init__(
        self,
        update: Update,
        item: Item,
        lanes: Lanes,
        answer_priority: AnswerPriority,
        release: Callable[[CallbackQuery], Awaitable[None]],
        *,
        end: Callable[[Update], None],
        is_released: bool = False,
    ) -> None:
        self.update = update
        self.item = item
        self.task: asyncio.Task[object] | None = None
        """The task that answers it; None while the update waits for its turn."""
        self._lanes = lanes
        self._answer_priority = answer_priority
        self._release = release
        self._end = end
        self._is_released = is_released
        self.is_only_released = False
        """Whether its button is released in its turn, and nothing else is done."""
        self.is_shared = False
        """Whether the update is one that the replicas share."""
        self.is_put_off = False
        """Whether it is to be answered again by the replica that claims it."""
        self.is_left = False
        """Whether it is left as begun, and somebody else sees to it."""
        self.failure: Exception | None = None
        """Why it could not be sent, if Telegram was away."""
        self._sent = 0
        self._is_abandoned = False
        self._arrived = asyncio.get_running_loop().time()
        self._timer: asyncio.TimerHandle | None = None
        self._releasing: asyncio.Task[None] | None = None
        self._waits = 0
        self._holds_up = HOLDS_UP
        """Seconds of waiting for others after which it holds up the next update no longer."""
        self._waits_since = 0.0
        self._passing: asyncio.TimerHandle | None = None

    @property
    def standing(self) -> Standing:
        """How well the person is known who gets the answer."""
        return self.item.standing

    @property
    def has_begun(self) -> bool:
        """Whether the update has had its turn."""
        return self.task is not None

    @property
    def has_sent(self) -> bool:
        """Whether the reader has seen, or may have seen, a part of the answer."""
        return self._sent > 0

    @property
    def is_released(self) -> bool:
        """Whether the tapped button was released, so that nothing can be shown beside it."""
        return self._is_released

    def claim_tap(self) -> bool:
        """Return whether the tap still needs an answer, and count it as answered."""
        if self._is_released:
            return False
        self._is_released = True
        self.stop_waiting()
        return True

    def put_off(self) -> bool:
        """Have the update answered again, if the replicas share it; return whether they do."""
        self.is_put_off = self.is_shared
        return self.is_put_off

    def leave_begun(self) -> None:
        """Leave the update as begun: whoever has the chat later sees to it."""
        self.is_left = True

    def could_not_be_sent(self, error: Exception) -> bool:
        """Note that Telegram was away; return False for an inline query, which is dropped."""
        if self.update.inline_query is not None:
            return False
        self.failure = error
        return True

    def give_up(self) -> None:
        """Note that an update that was left as begun is never answered."""
        self._end(self.update)

    def begins(self) -> None:
        """Note that the turn of the update has come."""
        self.stop_waiting()
        self._answer_priority.begin()

    def ends(self) -> None:
        """Note that the update has been answered."""
        self.stop_waiting()
        self._answer_priority.end()

    def waits(self) -> None:
        """Start the timer that releases a tapped button while its answer waits."""
        query = self.update.callback_query
        if query is None or self._is_released or self._timer is not None:
            return
        # Use an empty context, so that releasing the button does not count as sending the answer.
        self._timer = asyncio.get_running_loop().call_at(
            self._arrived + TAP_PATIENCE, self._let_go, query, context=Context()
        )

    def stop_waiting(self) -> None:
        """Stop the timer that would release the tapped button."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def abandon(self) -> None:
        """Cancel the answer; nothing more of it is sent even if its handler goes on."""
        self._is_abandoned = True
        if self.task is not None:
            self.task.cancel()

    def wait_begins(self) -> None:
        """Note that the answer waits for Telegram's limits, or for another answer to its chat."""
        self.others_begin()
        self._answer_priority.end()
        self._lanes.pause(self.item)
        self.waits()

    def wait_ends(self) -> None:
        """Note that the answer goes on."""
        self.stop_waiting()
        self._lanes.resume(self.item)
        self._answer_priority.begin()
        self.others_end()

    def others_begin(self) -> None:
        """Note that the answer waits for others; parts of it may do so at the same time."""
        self._waits += 1
        if self._waits == 1 and self.item.holds_up:
            loop = asyncio.get_running_loop()
            self._waits_since = loop.time()
            self._passing = loop.call_later(
                self._holds_up, self._lanes.let_pass, self.item, context=Context()
            )

    def others_end(self) -> None:
        """Note that the answer, or this part of it, goes on."""
        self._waits -= 1
        if not self._waits and self._passing is not None:
            self._passing.cancel()
            self._passing = None
            self._holds_up -= asyncio.get_running_loop().time() - self._waits_since

    def sends(self) -> None:
        """Note that a message is about to be sent; raise CancelledError if this was abandoned."""
        if self._is_abandoned:
            raise asyncio.CancelledError
        self._sent += 1

    def taken_back(self) -> None:
        """Note that the last message has not arrived."""
        self._sent -= 1

    def _let_go(self, query: CallbackQuery) -> None:
        self._timer = None
        if not self._is_released:
            self._is_released = True
            self._releasing = asyncio.ensure_future(self._release(query))
