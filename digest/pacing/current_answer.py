"""The answer that the running task makes; the rate limiter reports its waits to it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.pacing.priorities import Standing


class Answer(Protocol):
    """A Telegram update that is being answered."""

    @property
    def standing(self) -> Standing:
        """How well the sender of the update is known."""

    @property
    def is_released(self) -> bool:
        """Whether the tapped button was released, so that nothing can be shown beside it."""

    def wait_begins(self) -> None:
        """Note that the answer waits for Telegram's limits or another answer to the chat."""

    def wait_ends(self) -> None:
        """Note that the answer goes on or is given up."""

    def others_begin(self) -> None:
        """Note that the answer, or a part of it, waits for another server."""

    def others_end(self) -> None:
        """Note that it has the other server's reply or gives it up."""

    def sends(self) -> None:
        """Note that something the reader will see is about to be sent."""

    def claim_tap(self) -> bool:
        """Return whether the tap is still to be answered, and mark it as answered."""

    def put_off(self) -> bool:
        """Note that the update is to be answered again; return False if the caller sees to it."""

    def leave_begun(self) -> None:
        """Leave the update as begun: whoever has the chat later sees to it."""

    def could_not_be_sent(self, error: Exception) -> bool:
        """Note that Telegram was away; return whether the queue answers the update again."""

    def give_up(self) -> None:
        """Note that an update that was left as begun is never answered."""

    def taken_back(self) -> None:
        """Note that the last request has not arrived: Telegram refused it with 429, or was away."""


current_answer: ContextVar[Answer | None] = ContextVar("current_answer", default=None)
"""The running task's answer; None in other tasks, such as those that send editions."""


@contextmanager
def waiting_for_others() -> Iterator[None]:
    """Report to the running task's answer, if it makes one, that it waits for another server."""
    answer = current_answer.get()
    if answer is not None:
        answer.others_begin()
    try:
        yield
    finally:
        if answer is not None:
            answer.others_end()
