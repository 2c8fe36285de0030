"""Telegram's limits for one chat: about one message a second, in a group twenty a minute.

Answers leave room in each chat for its editions and alerts, which arrive however many questions a
chat asks.
"""

from __future__ import annotations

from collections import deque

GROUP_MESSAGES = 20
GROUP_SECONDS = 60.0
CHAT_RATE = 1.0
CHAT_BURST = 5
"""Messages that one chat may get at once, as Telegram itself allows for a while."""
ANSWER_BURST = CHAT_BURST - 1
GROUP_ANSWERS = GROUP_MESSAGES - 3
"""Maximum number of answers in a group's minute; the rest is for editions and alerts."""


class ChatLimits:
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


def is_group(chat_id: int | str) -> bool:
    """Return whether a group's limit applies to a chat, as it does to a channel."""
    return isinstance(chat_id, str) or chat_id < 0
