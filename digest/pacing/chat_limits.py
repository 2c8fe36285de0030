"""Telegram's limits of one chat: about a message a second, and twenty a minute in a group.

Answers leave a chat some room for its editions and alerts: however much is asked in it, they come.
"""

from __future__ import annotations

from collections import deque

GROUP_MESSAGES = 20
GROUP_SECONDS = 60.0
CHAT_RATE = 1.0
CHAT_BURST = 5
"""Messages to one chat that may follow each other at once, as Telegram itself allows for a while:
a person who taps three buttons gets three answers."""
ANSWER_BURST = CHAT_BURST - 1
GROUP_ANSWERS = GROUP_MESSAGES - 3
"""What answers may take of a chat's room; the rest is for its editions and alerts."""


class ChatLimits:
    """What one chat was sent lately.

    Args:
        now: Seconds, of a clock that only grows.
        group: Whether the limit of a group holds.
    """

    __slots__ = ("blocked", "full_at", "last_minute")

    def __init__(self, now: float, *, group: bool) -> None:
        self.full_at = now
        """When the chat may again be sent a whole burst."""
        self.blocked = 0.0
        """Telegram said: not before."""
        self.last_minute: deque[float] | None = deque(maxlen=GROUP_MESSAGES) if group else None

    def ready_at(self, now: float, *, answer: bool, before: int = 0) -> float:
        """When a message may go, an answer or another, if so many others go `before` it."""
        burst = ANSWER_BURST if answer else CHAT_BURST
        full_at = self.full_at if not before else max(self.full_at, now) + before / CHAT_RATE
        ready = max(self.blocked, full_at - (burst - 1) / CHAT_RATE)
        sent = self.last_minute
        if sent is not None:
            over = len(sent) + before - (GROUP_ANSWERS if answer else GROUP_MESSAGES)
            if over >= len(sent):
                ready = max(ready, now + GROUP_SECONDS)
            elif over >= 0:
                ready = max(ready, sent[over] + GROUP_SECONDS)
        return ready

    def answers_left(self, now: float) -> int | None:
        """Answers that a group may still be sent this minute; None in any other chat."""
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
        """Whether nothing of what was sent limits what comes."""
        minute = self.last_minute
        return (
            self.full_at <= now
            and self.blocked <= now
            and (not minute or minute[-1] + GROUP_SECONDS <= now)
        )


def is_group(chat_id: int | str) -> bool:
    """Whether Telegram's limit of a group holds in a chat: also in a channel."""
    return isinstance(chat_id, str) or chat_id < 0
