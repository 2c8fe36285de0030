"""The roles of a replica: the work that it does for the whole bot."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A part of the bot's work, which a process takes on or leaves to others."""

    ANSWER = "answer"
    """Answers the readers of its chats."""
    SEND = "send"
    """May hold the lease, and then sends, plans, fetches sources, and polls Telegram."""


OUTSIDE = "outside"
"""In place of the roles of a replica that Telegram does not answer, and that waits until it does.
"""
