"""Taps on a post in a channel: only the person who tapped sees the answer, and nothing is stored.

The bot does not know the readers of a channel, and any message that it sends there is a post.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.chats.membership import confirm_kind
from handlers.core.conversation import OpensLink, answer_tap
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import FollowMyself
from handlers.updates.update_kinds import private_payload
from storage.db.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from telegram import CallbackQuery, Update

    from handlers.core.context import Context


start_parameter = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def answer_aside(update: Update, context: Context) -> None:
    """Answer a tap in a channel with a link into the bot or a notice; ignore all other updates.

    This runs before every other handler, so that no other tap handler has to consider channels.

    Raises:
        ApplicationHandlerStop: The update was a tap in a channel; nothing else may handle it.
    """
    query, chat = update.callback_query, update.effective_chat
    if query is None or chat is None or chat.type != ChatType.CHANNEL:
        return
    payload = _payload(query)
    if payload is not None and start_parameter.fullmatch(payload):
        await answer_tap(query, OpensLink(context.link(payload)))
    else:
        words = context.services.renderer.label("button_is_old", context.language(update))
        await answer_tap(query, words)
    with suppress(DatabaseUnavailableError):
        # Older versions stored some channels as groups. The answer itself needs no database.
        await confirm_kind(context, chat.id, channel=True)
    raise ApplicationHandlerStop


def _payload(query: CallbackQuery) -> str | None:
    """Return the payload of a link that shows in private what the tap asks for, or None."""
    if FollowMyself.matches(query.data):
        try:
            return f"f-{FollowMyself.unpack(query.data or '').category}"
        except StaleTap:
            return None
    return private_payload(query)
