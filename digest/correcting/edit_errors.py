"""The meaning of Telegram's errors for the editing of a delivered message. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from telegram.error import BadRequest, ChatMigrated

from digest.pacing.telegram_errors import REFUSED, Action, judge
from storage.db.backoff import Backoff

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Form

PAUSES = Backoff(first=1.0, longest=3600.0)
"""Pauses between tries of a copy whose requests are not answered."""
TRIES = 36
"""Tries of a copy without an answer after which it is given up: a day of them."""
NO_ANSWER = "unreached"
"""The error kind of a copy whose requests were never answered."""
NOT_TEXT = "not text"
"""The error kind of a message without a text, such as a photo with a caption."""

# Telegram's descriptions, in lower case → a short error kind.
_GONE = {
    "message to edit not found": "deleted",
    "message_id_invalid": "deleted",
    "message can't be edited": "too old",
    "message_edit_time_expired": "too old",
    "message is not your": "not ours",
    "there is no text in the message": NOT_TEXT,
}
_NOT_MODIFIED = "message is not modified"


class Next(Enum):
    """The next step after an error."""

    DONE = auto()
    """The message has the content already."""
    WAIT = auto()
    """Edit it at `retry_at`; Telegram asked this chat to wait."""
    AGAIN = auto()
    """Edit it at `retry_at`; Telegram gave no answer."""
    PLAIN = auto()
    """Telegram refuses the markup: edit without it."""
    WITHOUT_PICTURES = auto()
    """Telegram refuses a rich message, perhaps for its pictures: edit without them."""
    GIVE_UP = auto()
    """The message cannot be edited; `error` says why."""
    STOP = auto()
    """Telegram does not know the bot: edit nothing any more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of an error for the editing of one message."""

    step: Next
    error: str = ""
    retry_at: datetime | None = None


def judge_edit(
    error: Exception,
    *,
    attempts: int,
    now: datetime,
    plain: bool = False,
    form: Form | None = None,
) -> Verdict:
    """Return what an error means for the editing of a message.

    An edit may be repeated without harm, so one without an answer is.

    Args:
        attempts: Earlier tries of this copy that got no answer.
        plain: Whether the content was without markup already.
    """
    known = _known(error)
    if known is not None:
        return known
    verdict = judge(error, attempts=0, now=now, plain=plain, form=form)
    step = _STEPS.get(verdict.action, Next.GIVE_UP)
    if step is Next.AGAIN:
        if attempts + 1 >= TRIES:
            return Verdict(Next.GIVE_UP, NO_ANSWER)
        retry_at = now + timedelta(seconds=PAUSES.pause(attempts))
        return Verdict(step, verdict.error, retry_at)
    return Verdict(step, verdict.error or REFUSED, verdict.retry_at)


_STEPS = {
    Action.WAIT: Next.WAIT,
    Action.STOP: Next.STOP,
    Action.PLAIN: Next.PLAIN,
    Action.WITHOUT_PICTURES: Next.WITHOUT_PICTURES,
    Action.AGAIN: Next.AGAIN,
    Action.UNCLEAR: Next.AGAIN,
}


def _known(error: Exception) -> Verdict | None:
    """Return the meaning of an error that only an edit can have, or None for others."""
    if isinstance(error, ChatMigrated):
        # The group's former messages are in a chat that no longer exists.
        return Verdict(Next.GIVE_UP, "moved")
    if not isinstance(error, BadRequest):
        return None
    text = str(error).lower()
    if _NOT_MODIFIED in text:
        return Verdict(Next.DONE)
    found = (kind for phrase, kind in _GONE.items() if phrase in text)
    kind = next(found, None)
    return None if kind is None else Verdict(Next.GIVE_UP, kind)
