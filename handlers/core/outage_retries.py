"""Updates that came while the database was away: answered once it is back.

Whoever wrote hears once that it takes a moment. What is kept is bounded, and lives in memory only.
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
"""Seconds that an outage may last before anybody is told of it."""
KEPT, KEPT_OF_A_CHAT = 2_000, 5
"""Updates that wait at most. Beyond that the oldest is given up."""
AGAIN = 10
"""Outages that may come upon the same update."""
SAME = 60.0
"""Seconds within which another outage is the same one for a reader."""


class Interrupted(Protocol):
    """An answer that an outage of the database has interrupted."""

    def again(self) -> None:
        """Begin anew."""

    async def say_one_moment(self, *, first: bool) -> None:
        """Say that it takes a moment; where that was said before, only let a button go."""


class OutageRetries:
    """The updates that wait for the database, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, tuple[Update, Interrupted]] = OrderedDict()
        self._tries: Counter[int] = Counter()
        self._informed: set[int] = set()
        self._ended = 0.0
        self._seeing_through: asyncio.Task[None] | None = None
        self._is_long = False
        self._at_work: set[asyncio.Task[None]] = set()

    def take(self, update: Update, answer: Interrupted, error: DatabaseUnavailableError) -> bool:
        """Keep an update until the database is back.

        Returns:
            False where that would lead nowhere: an inline query is old by then, and what was
            interrupted again and again is not tried for ever.
        """
        number = update.update_id
        self._tries[number] += 1
        if update.inline_query is not None or self._tries[number] > AGAIN:
            del self._tries[number]
            return update.inline_query is not None
        self._waiting[number] = (update, answer)
        self._let_go_of_more()
        if self._seeing_through is None or self._seeing_through.done():
            if time.monotonic() - self._ended > SAME:
                self._informed.clear()
            self._seeing_through = self._begin(self._see_through(error))
        elif self._is_long:
            self._begin(self._tell(update, answer))
        return True

    def _let_go_of_more(self) -> None:
        """Give up the oldest where a chat, or all of them, have too many."""
        newest = next(reversed(self._waiting.values()))[0]
        chat = _chat_of(newest)
        of_chat = [n for n, (update, _) in self._waiting.items() if _chat_of(update) == chat]
        for number in of_chat[:-KEPT_OF_A_CHAT]:
            del self._waiting[number]
        while len(self._waiting) > KEPT:
            self._waiting.popitem(last=False)

    async def _see_through(self, error: DatabaseUnavailableError) -> None:
        """Tell those who wait if it takes long, and hand everything back in the end."""
        self._is_long = False
        with suppress(TimeoutError):
            await asyncio.wait_for(error.over(), GRACE)
            self._hand_back()
            return
        self._is_long = True
        for update, answer in self._waiting.values():
            self._begin(self._tell(update, answer))
        await error.over()
        self._hand_back()

    def _hand_back(self) -> None:
        self._ended = time.monotonic()
        waiting, self._waiting = self._waiting, OrderedDict()
        for _, answer in waiting.values():
            answer.again()
        if len(self._tries) > KEPT:
            self._tries = Counter({number: self._tries[number] for number in waiting})

    async def _tell(self, update: Update, answer: Interrupted) -> None:
        """Say that it takes a moment, once in a chat; no button is left spinning."""
        chat = _chat_of(update)
        is_first = chat not in self._informed
        self._informed.add(chat)
        await answer.say_one_moment(first=is_first)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # In no answer's name: the one that was interrupted has ended.
        task = asyncio.create_task(work, context=contextvars.Context())
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return task


def _chat_of(update: Update) -> int:
    return update.effective_chat.id if update.effective_chat is not None else 0
