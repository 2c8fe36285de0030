"""What comes before every handler: taps in channels are answered, and who may not use the bot.

The bot does not know the readers of a channel, and any message that it sends there is a post. So
only the person who tapped sees the answer, and nothing is stored.
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import InlineQueryResultsButton
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, BaseHandler

from digest.pacing.current_answer import current_answer
from handlers.buttons.keyboards import HOME_PAYLOAD
from handlers.chats.membership import confirm_kind, may_write
from handlers.core.conversation import OpensLink, answer_tap
from handlers.core.origin import in_private
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import FollowMyself
from handlers.updates.update_kinds import private_payload
from storage.db.outage import DatabaseUnavailableError
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from telegram import CallbackQuery, Update

    from handlers.core.context import Context
    from handlers.core.services.services import Services
    from storage.db.key_value import KeyValue

log = logging.getLogger(__name__)

NOTE = "allowed"
"""Key under which the database keeps ALLOWED_IDS as they were at the last start, as JSON."""
ASK_AGAIN = 300
"""Seconds for which Telegram may reuse the answer to a stranger's inline query."""
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a link into the bot may carry."""


async def apply_settings(services: Services, key_value: KeyValue) -> None:
    """Let in or shut out every known chat if ALLOWED_IDS changed since the last start."""
    admissions = services.admissions
    log.info("who may use the bot: %s", admissions)
    now = json.dumps(sorted(admissions.allowed))
    if now == (await key_value.get(NOTE) or "[]"):
        return
    chats = await services.subscribers.chats(State.ACTIVE, State.BARRED)
    others = [chat_id for chat_id, kind in chats if kind is not ChatKind.CHANNEL]
    await admissions.apply(others)
    await key_value.put(NOTE, now)


async def answer_aside(update: Update, context: Context) -> None:
    """Answer a tap in a channel with a link into the bot or a notice; ignore all other updates.

    This runs before every other handler, and raises ApplicationHandlerStop after such a tap, so
    that no other tap handler has to consider channels.
    """
    query, chat = update.callback_query, update.effective_chat
    if query is None or chat is None or chat.type != ChatType.CHANNEL:
        return
    payload = _payload(query)
    if payload is not None and START_PARAMETER.fullmatch(payload):
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


async def admit(update: Update, context: Context) -> None:
    """Let an update pass if its sender may use the bot; otherwise raise ApplicationHandlerStop."""
    if _is_admitted(update, context):
        return
    await _refuse(update, context)
    raise ApplicationHandlerStop


def _is_admitted(update: Update, context: Context) -> bool:
    admissions = context.services.admissions
    change = update.my_chat_member
    channel = change is not None and change.chat.type == ChatType.CHANNEL
    if change is not None and not may_write(change.new_chat_member, channel=channel):
        # The bot must learn that a chat removed it, whoever did that.
        return True
    user, chat = update.effective_user, update.effective_chat
    if user is not None and admissions.is_banned(user.id):
        return False
    if chat is None or channel or in_private(update):
        # A channel may use the bot if its manager may.
        return user is not None and admissions.permits(user.id)
    before = update.message.migrate_from_chat_id if update.message is not None else None
    return context.lets_in(chat.id) or (before is not None and admissions.permits(before))


H = TypeVar("H", bound=BaseHandler[Any, Any, Any])


def for_everybody(handler: H) -> H:
    """Return a copy of a handler that also answers people who may not use the bot.

    They may see and delete what is stored about them. In a group, a person whom an operator banned
    gets no answer. After the copy has answered, no other handler runs.
    """
    answer = handler.callback

    async def whoever_asks(update: Update, context: Context, *found: object) -> None:
        user = update.effective_user
        banned = user is not None and context.services.admissions.is_banned(user.id)
        if in_private(update) or not banned:
            await answer(update, context, *found)
            raise ApplicationHandlerStop

    open_to_all = copy(handler)
    open_to_all.callback = whoever_asks
    return open_to_all


async def _refuse(update: Update, context: Context) -> None:
    """Say that the bot is private, unless the chat was sent this within a day or cannot see it."""
    language, renderer = context.language(update), context.services.renderer
    if update.inline_query is not None:
        line = InlineQueryResultsButton(
            renderer.label("private", language), start_parameter=HOME_PAYLOAD
        )
        await update.inline_query.answer([], cache_time=ASK_AGAIN, is_personal=True, button=line)
        return
    chat, user, query = update.effective_chat, update.effective_user, update.callback_query
    if chat is None or update.my_chat_member is not None:
        return
    answer = current_answer.get()
    if query is not None and answer is not None and answer.is_released:
        return
    admissions, whose = context.services.admissions, chat.id
    # Do not refuse a banned person in front of a group that may use the bot.
    may_answer = not (user is not None and admissions.is_banned(user.id)) or in_private(update)
    may_answer = may_answer and await admissions.may_be_refused(whose)
    if query is not None:
        words = renderer.label("private_ask", language, id=whose) if may_answer else None
        await answer_tap(query, words, alert=may_answer)
    elif may_answer:
        await context.reply(update, renderer.message("private", language, id=whose))
