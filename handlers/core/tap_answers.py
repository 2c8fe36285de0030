"""How a tap is answered: words beside the button, an alert, or a link that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from digest.pacing.current_answer import current_answer

if TYPE_CHECKING:
    from telegram import CallbackQuery


class OpensLink(NamedTuple):
    """What answers a tap by opening a link into the bot, on the screen of whoever tapped."""

    url: str


async def answer_tap(
    query: CallbackQuery, notice: str | OpensLink | None = None, *, alert: bool = False
) -> None:
    """End a button's waiting, with words beside it if there are any, or as an alert; or by a link.

    Where the answer had to wait, the button was let go before, and the words are not said.

    Raises:
        telegram.error.TelegramError: As `CallbackQuery.answer`.
    """
    answer = current_answer.get()
    if answer is None or answer.claim_tap():
        if isinstance(notice, OpensLink):
            await query.answer(url=notice.url)
        else:
            await query.answer(notice, show_alert=alert or None)
