"""A rate limiter that keeps every message within Telegram's limits.

Answers of handlers and editions of the sender pass the same gate. Messages pass in the order of
priority, those to chats at rest first; a message that waits only for its own chat's limit lets
others pass. Every fourth message is an edition or alert, however many answers wait, and answers
leave each chat room for its editions. Answers to new readers and strangers wait behind all others,
but have a small share of their own. If Telegram replies 429 nevertheless, that chat waits as long
as Telegram says, and the overall rate drops and recovers.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from digest.pacing.current_answer import current_answer, waiting_for_others
from digest.pacing.priorities import TO, GateLines, Priority, Standing, Waiter
from digest.pacing.telegram_errors import UnreachableError, retry_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

WHOLE_BURST = 0.05
"""Seconds of messages that may leave together, so that the gate opens less often."""
SLOWER = 0.95
MUCH_SLOWER = 0.7
SLOWEST = 0.1
RECOVERY = 0.05
"""Share of the full rate regained each second."""
ALL_MEANT = 5
"""Number of recent 429s that are compared to detect a limit of the whole bot.

It counts as limited if these fell within twice as many messages and most were of different chats.
"""
LONGEST_STOP = 60.0
SHORTEST_NAP = 0.01
EPSILON = 1e-9
"""The part of a token that may be missing as a rounding error."""

FORGET_EVERY = 10_000
"""Messages between two removals of chats at rest from memory."""
ALL_CHATS = 0
"""Stands for all chats among those that other processes must leave alone."""
BEHIND = 0.5
"""Seconds that editions wait longer than answers after a 429, while other processes send too.

Another process may have an answer for the same chat, and learned the time from the database.
"""

MESSAGES = ("send", "copy", "forward", "edit", "stopPoll", "createForumTopic")
"""Prefixes of the methods with an effect that a chat sees and Telegram counts."""
NO_MESSAGES = frozenset({"sendChatAction"})
ANSWERED = "answer"
"""Prefix of the methods that answer a tapped button or an inline query."""
GROUP_MESSAGES = 20
GROUP_SECONDS = 60.0
CHAT_RATE = 1.0
CHAT_BURST = 5
"""Messages that one chat may get at once, as Telegram itself allows for a while."""
ANSWER_BURST = CHAT_BURST - 1
GROUP_ANSWERS = GROUP_MESSAGES - 3
"""Maximum number of answers in a group's minute; the rest is for editions and alerts."""


class _ChatLimits:
    """The messages that one chat was sent lately, by seconds of a monotonic clock."""

    __slots__ = ("blocked", "full_at", "last_minute")

    def __init__(self, now: float, *, group: bool) -> None:
        self.full_at = now
        """When the chat may be sent a full burst again."""
        self.blocked = 0.0
        """The time before which Telegram refuses messages to the chat, after a 429."""
        self.last_minute: deque[float] | None = deque(maxlen=GROUP_MESSAGES) if group else None

    def ready_at(self, now: float, *, answer: bool, before: int = 0, behind: float = 0.0) -> float:
        """Return when the chat may be sent a message, in seconds of the clock.

        `before` others go first. An edition waits `behind` seconds longer than an answer after a
        429.
        """
        burst = ANSWER_BURST if answer else CHAT_BURST
        full_at = self.full_at if not before else max(self.full_at, now) + before / CHAT_RATE
        blocked = self.blocked if answer else self.blocked + behind
        ready = max(blocked, full_at - (burst - 1) / CHAT_RATE)
        sent = self.last_minute
        if sent is not None:
            over = len(sent) + before - (GROUP_ANSWERS if answer else GROUP_MESSAGES)
            if over >= len(sent):
                ready = max(ready, now + GROUP_SECONDS)
            elif over >= 0:
                ready = max(ready, sent[over] + GROUP_SECONDS)
        return ready

    def answers_left(self, now: float) -> int | None:
        """Return how many answers a group may get in this minute, or None for other chats."""
        if self.last_minute is None:
            return None
        since = now - GROUP_SECONDS
        return max(0, GROUP_ANSWERS - sum(sent > since for sent in self.last_minute))

    def spend(self, now: float) -> None:
        """Count a message."""
        self.full_at = max(self.full_at, now) + 1 / CHAT_RATE
        if self.last_minute is not None:
            self.last_minute.append(now)

    def at_rest(self, now: float) -> bool:
        """Return whether no earlier message limits the next ones."""
        minute = self.last_minute
        return (
            self.full_at <= now
            and self.blocked <= now
            and (not minute or minute[-1] + GROUP_SECONDS <= now)
        )


def _is_group(chat_id: int | str) -> bool:
    """Return whether a group's limit applies to a chat, as it does to a channel."""
    return isinstance(chat_id, str) or chat_id < 0


class RateLimiter(BaseRateLimiter[Priority]):
    """Telegram's limits for all messages of this process, `per_second` over all chats."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._most = self._full = per_second
        self._clock = clock
        self._sleep = sleep
        now = clock()
        self._tokens = self._burst
        self._counted = now
        self._used = 1.0  # the share of this process, if others send too
        self._behind = 0.0  # seconds by which editions follow answers after a 429
        self._unshared: Counter[int] = Counter()
        self._share = 1.0  # of the full rate; less after floods
        self._closed = 0.0  # no message passes before
        self._slowed = float("-inf")
        self._flooded: deque[tuple[int, int | str]] = deque(maxlen=ALL_MEANT)
        self._chats: dict[int | str, _ChatLimits] = {}
        self._sent = self._counted_elsewhere = 0
        self._lines = GateLines()
        self._held: list[tuple[float, Waiter]] = []
        self._number = 0
        self._pump: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._met: dict[int, float] = {}  # floods, for other processes
        self._has_met = asyncio.Event()

    @property
    def rate(self) -> float:
        """The current rate over all chats, in messages a second."""
        self._refill(self._clock())
        return self._full * self._share

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Cancel all messages that wait at the gate."""
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
        """Make one of python-telegram-bot's requests when its turn comes.

        A request that Telegram refuses with 429 is repeated after the time that Telegram asks for,
        as often as needed. Requests that are no messages, such as the answer to a tapped button, do
        not wait for a turn.
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
                    with waiting_for_others():
                        await self._sleep(seconds)
                else:
                    self.flooded(chat_id, seconds)
            except UnreachableError:
                if answer is not None and seen:
                    answer.taken_back()
                raise

    async def acquire(self, chat_id: int | str, priority: Priority) -> None:
        """Wait until one message may be sent to this chat, and count it as sent."""
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
        # A chat that was just sent messages lets chats at rest go first, but only those that come
        # in the seconds until it is at rest: otherwise it waits as long as there are many others.
        spent = max(0, int(self._chat(chat_id, now).full_at - now))
        rank = (priority, not is_operator, now + spent, self._number)
        passed = asyncio.get_running_loop().create_future()
        self._lines.push(Waiter(rank, chat_id, passed))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._let_through(), name="rate-limiter")
        self._wake.set()
        await passed

    def wait_for(
        self, chat_id: int | str, priority: Priority = Priority.EDITION, *, before: int = 0
    ) -> float:
        """Return the seconds that the chat's limit requires, after `before` messages; 0 if none."""
        chat = self._chats.get(chat_id)
        if chat is None and not before:
            return 0.0  # it was sent nothing lately
        now = self._clock()
        chat = chat or _ChatLimits(now, group=_is_group(chat_id))
        return max(0.0, self._ready_at(chat, priority, now, before) - now)

    def room(self, chat_id: int | str) -> int | None:
        """Return how many answers a group may get in this minute, or None for other chats."""
        now = self._clock()
        chat = self._chats.get(chat_id) or _ChatLimits(now, group=_is_group(chat_id))
        return chat.answers_left(now)

    async def rest(self, seconds: float) -> None:
        """Wait for some seconds, by this limiter's clock."""
        await self._sleep(seconds)

    def flooded(self, chat_id: int | str, seconds: float) -> None:
        """Handle a 429: block this chat for some seconds and lower the overall rate."""
        now = self._clock()
        self._refill(now)
        self._chat(chat_id, now).blocked = now + seconds
        self._flooded.append((self._sent, chat_id))
        all_meant = (
            len({chat for _, chat in self._flooded}) > ALL_MEANT // 2
            and len(self._flooded) == ALL_MEANT
            and self._sent - self._flooded[0][0] <= 2 * ALL_MEANT
        )
        if isinstance(chat_id, int):
            self._meet(chat_id, seconds)
        if all_meant:
            stop = min(seconds, LONGEST_STOP)
            self._meet(ALL_CHATS, stop)
            self._closed = max(self._closed, now + stop)
        # Requests in progress together are refused together: count them as one 429.
        if now - self._slowed >= 1:
            self._slowed = now
            self._share = max(self._share * (MUCH_SLOWER if all_meant else SLOWER), SLOWEST)

    def _meet(self, chat_id: int, seconds: float) -> None:
        """Keep the longest wait of a chat for `next_floods`."""
        self._met[chat_id] = max(self._met.get(chat_id, 0.0), seconds)
        self._has_met.set()

    def heed(self, chat_id: int | None, seconds: float) -> None:
        """Leave a chat alone, or all for None: another process met 429. The rate stays."""
        now = self._clock()
        if chat_id is None:
            self._closed = max(self._closed, now + seconds)
        else:
            chat = self._chat(chat_id, now)
            chat.blocked = max(chat.blocked, now + seconds)

    async def next_floods(self) -> dict[int, float]:
        """Wait for a 429; return the seconds to wait by chat, with 0 for all, since the last call.

        Only a process beside others asks for it, to let them know.
        """
        await self._has_met.wait()
        self._has_met.clear()
        met, self._met = self._met, {}
        return met

    def take_unshared(self) -> Counter[int]:
        """Return how many messages went to which chats since the last call, for other processes.

        It is empty while this process sends alone. The first message of an edition to a person at
        rest is left out: answers leave room for it, and a thousand go out each second.
        """
        unshared, self._unshared = self._unshared, Counter()
        return unshared

    def give_back_unshared(self, unshared: Counter[int]) -> None:
        """Return what `take_unshared` did again with the next call: it was not passed on."""
        self._unshared.update(unshared)

    def count_elsewhere(self, chat_id: int, messages: int) -> None:
        """Count messages that another process has just sent to a chat."""
        now = self._clock()
        chat = self._chat(chat_id, now)
        for _ in range(messages):
            chat.spend(now)
        self._counted_elsewhere += 1
        if self._counted_elsewhere % FORGET_EVERY == 0:
            self._forget_resting(now)

    def limit(self, per_second: float) -> None:
        """Lower the full rate to at most `per_second` messages a second."""
        self._most = min(self._most, per_second)
        self._use(self._used)

    def use_share(self, share: float) -> None:
        """Use only a share of the full rate, from 0 to 1, because other processes send too."""
        if share != self._used:
            self._use(share)

    def _use(self, share: float) -> None:
        self._refill(self._clock())
        self._used = share
        self._behind = BEHIND if share < 1.0 else 0.0
        self._full = self._most * share
        self._tokens = min(self._tokens, self._burst)

    def moved(self, old_chat_id: int, new_chat_id: int) -> None:
        """Give a group's recent messages to its new id."""
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
        self._refill(now)
        missing = 1 - self._tokens
        missing = missing / (self._full * self._share) if missing > EPSILON else 0.0
        return max(missing, self._closed - now)

    def _take(self, chat_id: int | str, priority: Priority, now: float) -> bool:
        """Count a message as sent if it may pass at once; return whether it may."""
        if (
            self._lines
            or self._whole_wait(now) > 0
            or self._ready_at(self._chat(chat_id, now), priority, now) > now
        ):
            return False
        self._spend(chat_id, priority, now)
        return True

    def _ready_at(
        self, chat: _ChatLimits, priority: Priority, now: float, before: int = 0
    ) -> float:
        return chat.ready_at(now, answer=priority.is_answer, before=before, behind=self._behind)

    def _spend(self, chat_id: int | str, priority: Priority, now: float) -> None:
        self._tokens -= 1
        chat = self._chats[chat_id]
        if (
            self._used < 1.0
            and isinstance(chat_id, int)
            and (priority.is_answer or chat.full_at > now or _is_group(chat_id))
        ):
            self._unshared[chat_id] += 1
        chat.spend(now)
        self._sent += 1
        if self._sent % FORGET_EVERY == 0:
            self._forget_resting(now)

    def _forget_resting(self, now: float) -> None:
        resting = [key for key, chat in self._chats.items() if chat.at_rest(now)]
        for key in resting:
            del self._chats[key]
        # On SQLite nobody asks for them.
        self._met = {key: self._met[key] for key in self._met if key in self._chats or not key}

    def _chat(self, chat_id: int | str, now: float) -> _ChatLimits:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _ChatLimits(now, group=_is_group(chat_id))
        return chat

    async def _let_through(self) -> None:
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
        """Let through the messages that may pass now; return the seconds until the next may."""
        while (line := self._lines.next()) is not None:
            waiter = line.waiters[0]
            if waiter.passed.done():  # cancelled
                heapq.heappop(line.waiters)
                continue
            pause = self._whole_wait(now)
            if pause > 0:
                return pause
            heapq.heappop(line.waiters)
            chat = self._chat(waiter.chat_id, now)
            ready = self._ready_at(chat, waiter.priority, now)
            if ready > now:
                heapq.heappush(self._held, (ready, waiter))
            else:
                self._lines.passed(line)
                self._spend(waiter.chat_id, waiter.priority, now)
                waiter.passed.set_result(None)
        return float("inf")

    async def _nap(self, seconds: float) -> None:
        seconds = max(seconds, SHORTEST_NAP)
        # While the overall rate is exhausted, a new message cannot pass sooner.
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
