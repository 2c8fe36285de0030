"""Who may use the bot: those whom the settings or an operator let in. Others get one line a day."""

from __future__ import annotations

import json
import logging
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import InlineQueryResultsButton
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, BaseHandler

from handlers.buttons.keyboards import HOME_PAYLOAD
from handlers.chats.membership import may_write
from handlers.core.origin import in_private
from handlers.core.tap_answers import answer_tap
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.core.services import Services
    from storage.db.key_value import KeyValue

log = logging.getLogger(__name__)

NOTE = "allowed"
"""The key of the note of whom ALLOWED_IDS let in at the last start: JSON."""
ASK_AGAIN = 300
"""Seconds for which Telegram may give a stranger the same answer to an inline query."""


async def apply_settings(services: Services, key_value: KeyValue) -> None:
    """Let in and shut out everybody anew where ALLOWED_IDS is another than at the last start.

    A channel goes on as long as one of its managers is let in.
    """
    admissions = services.admissions
    log.info("who may use the bot: %s", admissions)
    now = json.dumps(sorted(admissions.allowed))
    if now == (await key_value.get(NOTE) or "[]"):
        return
    chats = await services.subscribers.chats(State.ACTIVE, State.BARRED)
    others = [chat_id for chat_id, kind in chats if kind is not ChatKind.CHANNEL]
    await admissions.apply(others)
    await key_value.put(NOTE, now)


async def admit(update: Update, context: Context) -> None:
    """Let an update through to its handler, if whoever it comes from may use the bot.

    Raises:
        ApplicationHandlerStop: They may not; they were told, if that was not done lately.
    """
    if _is_admitted(update, context):
        return
    await _tell(update, context)
    raise ApplicationHandlerStop


def _is_admitted(update: Update, context: Context) -> bool:
    admissions = context.services.admissions
    change = update.my_chat_member
    channel = change is not None and change.chat.type == ChatType.CHANNEL
    if change is not None and not may_write(change.new_chat_member, channel=channel):
        # That it was shut out is for the bot to know, whoever did it.
        return True
    user, chat = update.effective_user, update.effective_chat
    if user is not None and admissions.is_banned(user.id):
        return False
    if chat is None or channel or in_private(update):
        # A channel is as much let in as whoever manages it.
        return user is not None and admissions.permits(user.id)
    before = update.message.migrate_from_chat_id if update.message is not None else None
    return context.lets_in(chat.id) or (before is not None and admissions.permits(before))


H = TypeVar("H", bound=BaseHandler[Any, Any, Any])


def for_everybody(handler: H) -> H:
    """The same handler for those who are not let in, too: what is kept of them is theirs.

    In a group, who was shut out by name is not answered. Whatever it answers, no other handler has.
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


async def _tell(update: Update, context: Context) -> None:
    """Say that the bot is private, unless that was said within a day."""
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
    admissions, whose = context.services.admissions, chat.id
    # One who was shut out is not put to shame before a group that is let in.
    may_hear = not (user is not None and admissions.is_banned(user.id)) or in_private(update)
    may_hear = may_hear and await admissions.may_be_told(whose)
    if query is not None:
        words = renderer.label("private_ask", language, id=whose) if may_hear else None
        await answer_tap(query, words, alert=may_hear)
    elif may_hear:
        await context.reply(update, renderer.message("private", language, id=whose))
