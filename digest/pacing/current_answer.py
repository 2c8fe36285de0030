"""The answer that the running task makes, so that the rate limiter can say when it waits."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from digest.pacing.standing import Standing


class Answer(Protocol):
    """An update of Telegram's that is being answered."""

    @property
    def standing(self) -> Standing:
        """Of whoever is answered."""

    def wait_begins(self) -> None:
        """Telegram's limits, or another answer to the same chat, make this one wait."""

    def wait_ends(self) -> None:
        """It goes on, or is given up."""

    def sends(self) -> None:
        """Something that a reader sees is about to leave."""

    def claim_tap(self) -> bool:
        """Whether the tap is still to be answered; it counts as answered from here on."""

    def taken_back(self) -> None:
        """Telegram did not take it, and it is to be sent again."""


current_answer: ContextVar[Answer | None] = ContextVar("current_answer", default=None)
"""None in tasks that answer nobody, such as those of editions."""
