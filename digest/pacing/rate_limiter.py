"""Telegram's limits, held before it has to remind us.

One gate for every message, the answers of handlers and the editions of the sender alike. Who
waits at it goes through in the order of priority, chats at rest first; who waits only because of
the own chat lets others pass. However many answers wait, every fourth message is another's, and
they leave each chat some room for its editions. Those who are new or not known wait behind all
others, but for a share of their own. When Telegram says 429 all the same, that chat
waits as long as it is told, and the whole slows down and recovers.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from digest.pacing.chat_limits import ChatLimits, is_group
from digest.pacing.current_answer import current_answer
from digest.pacing.gate_lines import TO, GateLines, Priority, Waiter
from digest.pacing.standing import Standing
from digest.pacing.telegram_errors import retry_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

__all__ = ["Priority", "RateLimiter"]

WHOLE_BURST = 0.05
"""Seconds' worth of messages that may leave together: the gate need not open a thousand times a
second to let a thousand through."""
SLOWER = 0.95
MUCH_SLOWER = 0.7
SLOWEST = 0.1
RECOVERY = 0.05
"""Of the full rate, regained each second."""
ALL_MEANT = 5
"""Most of so many 429s in twice as many messages mean that it is not about single chats."""
LONGEST_STOP = 60.0
SHORTEST_NAP = 0.01
EPSILON = 1e-9
"""A token that is missing so little is a rounding error."""

FORGET_EVERY = 10_000
"""Messages between two looks for chats whose waiting is over."""

MESSAGES = ("send", "copy", "forward", "edit", "stopPoll", "createForumTopic")
"""How the requests begin that a chat sees something of, and Telegram counts."""
NO_MESSAGES = frozenset({"sendChatAction"})
ANSWERED = "answer"
"""How the requests begin that end a button's waiting, or bring the results of an inline query."""


class RateLimiter(BaseRateLimiter[Priority]):
    """Telegram's limits for all messages of this process.

    Args:
        per_second: Messages a second over all chats.
        clock: Seconds that only grow.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._full = per_second
        self._clock = clock
        self._sleep = sleep
        now = clock()
        self._tokens = self._burst
        self._counted = now
        self._share = 1.0  # of the full rate; less after floods
        self._closed = 0.0  # nobody passes before
        self._slowed = float("-inf")
        self._flooded: deque[tuple[int, int | str]] = deque(maxlen=ALL_MEANT)
        self._chats: dict[int | str, ChatLimits] = {}
        self._sent = 0
        self._lines = GateLines()
        self._held: list[tuple[float, Waiter]] = []
        self._number = 0
        self._pump: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    @property
    def rate(self) -> float:
        """Messages a second over all chats, as things are now."""
        self._refill(self._clock())
        return self._full * self._share

    async def initialize(self) -> None:
        """Nothing has to be opened."""

    async def shutdown(self) -> None:
        """Let nobody wait any longer: those at the gate are cancelled."""
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None
        held = (waiter for _, waiter in self._held)
        for waiter in [*self._lines.clear(), *held]:
            waiter.passed.cancel()
        self._held.clear()

    async def process_request(  # noqa: PLR0917  # the signature is python-telegram-bot's
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401  # as above
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Any:  # noqa: ANN401  # as above
        """Make one of python-telegram-bot's requests when its turn has come.

        A request that Telegram turns away with 429 is made again when the time is over, however
        often that takes. What is no message, such as an answer to a tapped button, never waits.
        """
        chat_id: int | str | None = None
        if endpoint.startswith(MESSAGES) and endpoint not in NO_MESSAGES:
            chat_id = data.get("chat_id")
        priority = Priority.ANSWER if rate_limit_args is None else rate_limit_args
        answer = current_answer.get()
        seen = chat_id is not None or endpoint.startswith(ANSWERED)
        while True:
            if chat_id is not None:
                await self.acquire(chat_id, priority)
            elif answer is not None and seen:
                answer.sends()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                if answer is not None and seen:
                    answer.taken_back()
                seconds = retry_after(error).total_seconds()
                if chat_id is None:
                    await self._sleep(seconds)
                else:
                    self.flooded(chat_id, seconds)

    async def acquire(self, chat_id: int | str, priority: Priority) -> None:
        """Wait until one message may be sent to this chat; it counts as sent."""
        answer = current_answer.get()
        is_operator = answer is not None and answer.standing is Standing.OPERATOR
        if answer is not None and priority is Priority.ANSWER:
            priority = TO.get(answer.standing, priority)
        if not self._take(chat_id, priority, self._clock()):
            if answer is not None:
                answer.wait_begins()
            try:
                await self._queued(chat_id, priority, is_operator=is_operator)
            finally:
                if answer is not None:
                    answer.wait_ends()
        if answer is not None:
            answer.sends()

    async def _queued(
        self, chat_id: int | str, priority: Priority, *, is_operator: bool = False
    ) -> None:
        now = self._clock()
        self._number += 1
        # A chat that was just sent something lets those pass that were not.
        spent = max(0, int(self._chat(chat_id, now).full_at - now))
        passed = asyncio.get_running_loop().create_future()
        self._lines.push(Waiter((priority, not is_operator, spent, self._number), chat_id, passed))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._let_through(), name="rate-limiter")
        self._wake.set()
        await passed

    def wait_for(
        self, chat_id: int | str, priority: Priority = Priority.EDITION, *, before: int = 0
    ) -> float:
        """Seconds that this chat itself must wait, whatever the others do; 0 if it need not.

        Args:
            chat_id: The chat.
            priority: Of the message; answers leave editions some room.
            before: Messages to the same chat that go first.
        """
        chat = self._chats.get(chat_id)
        if chat is None and not before:
            return 0.0  # it was sent nothing lately
        now = self._clock()
        chat = chat or ChatLimits(now, group=is_group(chat_id))
        return max(0.0, chat.ready_at(now, answer=priority.is_answer, before=before) - now)

    def room(self, chat_id: int | str) -> int | None:
        """Answers that a group may still be sent this minute; None where no such limit holds."""
        now = self._clock()
        chat = self._chats.get(chat_id) or ChatLimits(now, group=is_group(chat_id))
        return chat.answers_left(now)

    async def rest(self, seconds: float) -> None:
        """Wait by the clock that this pace goes by."""
        await self._sleep(seconds)

    def flooded(self, chat_id: int | str, seconds: float) -> None:
        """Learn from a 429: this chat waits, and the whole slows down."""
        now = self._clock()
        self._refill(now)
        self._chat(chat_id, now).blocked = now + seconds
        self._flooded.append((self._sent, chat_id))
        all_meant = (
            len({chat for _, chat in self._flooded}) > ALL_MEANT // 2
            and len(self._flooded) == ALL_MEANT
            and self._sent - self._flooded[0][0] <= 2 * ALL_MEANT
        )
        if all_meant:
            self._closed = max(self._closed, now + min(seconds, LONGEST_STOP))
        # Requests that were on their way together are told together: that is one reminder.
        if now - self._slowed >= 1:
            self._slowed = now
            self._share = max(self._share * (MUCH_SLOWER if all_meant else SLOWER), SLOWEST)

    def limit(self, per_second: float) -> None:
        """From now on, let no more than so many pass each second."""
        self._refill(self._clock())
        self._full = min(self._full, per_second)
        self._tokens = min(self._tokens, self._burst)

    def moved(self, old_chat_id: int, new_chat_id: int) -> None:
        """A group has a new id; what it was sent lately still counts."""
        chat = self._chats.pop(old_chat_id, None)
        if chat is not None:
            self._chats[new_chat_id] = chat

    @property
    def _burst(self) -> float:
        return max(1.0, self._full * WHOLE_BURST)

    def _refill(self, now: float) -> None:
        passed = now - self._counted
        if passed <= 0:
            return
        self._counted = now
        if self._share < 1.0:
            self._share = min(1.0, self._share + passed * RECOVERY)
        self._tokens = min(self._burst, self._tokens + passed * self._full * self._share)

    def _whole_wait(self, now: float) -> float:
        """Seconds until anybody may pass."""
        self._refill(now)
        missing = 1 - self._tokens
        missing = missing / (self._full * self._share) if missing > EPSILON else 0.0
        return max(missing, self._closed - now)

    def _take(self, chat_id: int | str, priority: Priority, now: float) -> bool:
        """Pass at once, if that is possible."""
        if (
            self._lines
            or self._whole_wait(now) > 0
            or self._chat(chat_id, now).ready_at(now, answer=priority.is_answer) > now
        ):
            return False
        self._spend(chat_id, now)
        return True

    def _spend(self, chat_id: int | str, now: float) -> None:
        self._tokens -= 1
        self._chats[chat_id].spend(now)
        self._sent += 1
        if self._sent % FORGET_EVERY == 0:
            resting = [key for key, chat in self._chats.items() if chat.at_rest(now)]
            for key in resting:
                del self._chats[key]

    def _chat(self, chat_id: int | str, now: float) -> ChatLimits:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = ChatLimits(now, group=is_group(chat_id))
        return chat

    async def _let_through(self) -> None:
        """Open the gate for those who wait, as long as anybody does."""
        while self._lines or self._held:
            now = self._clock()
            while self._held and self._held[0][0] <= now:
                self._lines.push(heapq.heappop(self._held)[1])
            pause = self._open(now)
            if self._held:
                pause = min(pause, self._held[0][0] - now)
            if not self._lines and not self._held:
                return
            self._wake.clear()
            await self._nap(pause)

    def _open(self, now: float) -> float:
        """Let through who may pass now; seconds until the next one may."""
        while (line := self._lines.next()) is not None:
            waiter = line.waiters[0]
            if waiter.passed.done():  # it was cancelled
                heapq.heappop(line.waiters)
                continue
            pause = self._whole_wait(now)
            if pause > 0:
                return pause
            heapq.heappop(line.waiters)
            chat = self._chat(waiter.chat_id, now)
            ready = chat.ready_at(now, answer=waiter.priority.is_answer)
            if ready > now:
                heapq.heappush(self._held, (ready, waiter))
            else:
                self._lines.passed(line)
                self._spend(waiter.chat_id, now)
                waiter.passed.set_result(None)
        return float("inf")

    async def _nap(self, seconds: float) -> None:
        """Wait for the next opening, or for somebody who need not wait for it."""
        seconds = max(seconds, SHORTEST_NAP)
        # While the whole waits, a newcomer changes nothing that the next opening does not see.
        if self._lines:
            await self._sleep(seconds)
            return
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()
