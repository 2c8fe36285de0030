"""Answers to a tap: a notice beside the button, an alert, or a link that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from digest.pacing.current_answer import current_answer

if TYPE_CHECKING:
    from telegram import CallbackQuery


class OpensLink(NamedTuple):
    """An answer to a tap that opens a link into the bot for the person who tapped."""

    url: str


async def answer_tap(
    query: CallbackQuery, notice: str | OpensLink | None = None, *, alert: bool = False
) -> None:
    """Answer a tap, so that its button stops spinning, with a notice, an alert or a link.

    If the button was already released while the answer waited, nothing is shown.

    Raises:
        telegram.error.TelegramError: As for `CallbackQuery.answer`.
    """
    answer = current_answer.get()
    if answer is None or answer.claim_tap():
        if isinstance(notice, OpensLink):
            await query.answer(url=notice.url)
        else:
            await query.answer(notice, show_alert=alert or None)
