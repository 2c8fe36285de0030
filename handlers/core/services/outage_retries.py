"""Updates that arrived during a database outage, which are answered once it is over.

Each chat is asked once to wait. The updates are kept in memory only, and their number is limited.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import Counter, OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from telegram import Update

    from storage.db.outage import DatabaseUnavailableError

GRACE = 1.0
"""Seconds that an outage may last before readers are asked to wait."""
KEPT, KEPT_OF_A_CHAT = 2_000, 5
"""The most updates kept, in all and of one chat; beyond that the oldest is dropped."""
AGAIN = 10
"""The most outages after which the same update is tried again."""
SAME = 60.0
"""Seconds within which a second outage counts as the same one, and readers are not asked again."""


class Interrupted(Protocol):
    """An answer that a database outage interrupted."""

    def again(self) -> None:
        """Answer the update from the start."""

    def give_up(self) -> None:
        """Drop the update: too many wait."""

    async def say_one_moment(self, *, first: bool) -> None:
        """Ask the reader to wait; a chat that was asked before only has its button released."""


class OutageRetries:
    """The updates that wait for the database, in the order of arrival."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, tuple[Update, Interrupted]] = OrderedDict()
        self._tries: Counter[int] = Counter()
        self._informed: set[int] = set()
        self._ended = 0.0
        self._outage_task: asyncio.Task[None] | None = None
        self._is_long = False
        self._at_work: set[asyncio.Task[None]] = set()

    def take(self, update: Update, answer: Interrupted, error: DatabaseUnavailableError) -> bool:
        """Keep an update until the database is back; return False if it was interrupted too often.

        An inline query is dropped, because its answer would come too late.
        """
        number = update.update_id
        self._tries[number] += 1
        if update.inline_query is not None or self._tries[number] > AGAIN:
            del self._tries[number]
            return update.inline_query is not None
        self._waiting[number] = (update, answer)
        self._drop_surplus()
        if self._outage_task is None or self._outage_task.done():
            if time.monotonic() - self._ended > SAME:
                self._informed.clear()
            self._outage_task = self._begin(self._wait_it_out(error))
        elif self._is_long:
            self._begin(self._ask_to_wait(update, answer))
        return True

    def _drop_surplus(self) -> None:
        newest = next(reversed(self._waiting.values()))[0]
        chat = _chat_of(newest)
        of_chat = [n for n, (update, _) in self._waiting.items() if _chat_of(update) == chat]
        for number in of_chat[:-KEPT_OF_A_CHAT]:
            self._waiting.pop(number)[1].give_up()
        while len(self._waiting) > KEPT:
            self._waiting.popitem(last=False)[1][1].give_up()

    async def _wait_it_out(self, error: DatabaseUnavailableError) -> None:
        """Ask readers to wait if the outage is long, and retry all updates at its end."""
        self._is_long = False
        with suppress(TimeoutError):
            await asyncio.wait_for(error.over(), GRACE)
            self._hand_back()
            return
        self._is_long = True
        for update, answer in self._waiting.values():
            self._begin(self._ask_to_wait(update, answer))
        await error.over()
        self._hand_back()

    def _hand_back(self) -> None:
        self._ended = time.monotonic()
        waiting, self._waiting = self._waiting, OrderedDict()
        for _, answer in waiting.values():
            answer.again()
        if len(self._tries) > KEPT:
            self._tries = Counter({number: self._tries[number] for number in waiting})

    async def _ask_to_wait(self, update: Update, answer: Interrupted) -> None:
        chat = _chat_of(update)
        is_first = chat not in self._informed
        self._informed.add(chat)
        await answer.say_one_moment(first=is_first)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # Start with an empty context, because the interrupted answer has ended.
        task = asyncio.create_task(work, context=contextvars.Context())
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return task


def _chat_of(update: Update) -> int:
    return update.effective_chat.id if update.effective_chat is not None else 0
