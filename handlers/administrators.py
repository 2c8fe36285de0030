"""Who may change what a chat gets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram.error import BadRequest, Forbidden

from handlers.origin import in_private

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def may_choose(update: Update, context: Context) -> bool:
    """Whether whoever wrote or tapped may change what this chat gets.

    In a private chat that is its reader, in a group its administrators.
    """
    chat, user, message = update.effective_chat, update.effective_user, update.message
    if chat is None:
        return False
    if in_private(update):
        return True
    if message is not None and message.sender_chat is not None:
        # An administrator who writes as the group itself.
        return message.sender_chat.id == chat.id
    return user is not None and user.id in await administrators(context, chat.id)


async def is_refused(update: Update, context: Context, subscriber: Subscriber) -> bool:
    """Whether whoever wrote may not choose here; they are told that administrators do."""
    if await may_choose(update, context):
        return False
    await context.reply(update, context.render("administrators", subscriber))
    return True


async def administrators(context: Context, chat_id: int) -> frozenset[int]:
    """The ids of a group's administrators, asked for once a minute at most."""
    memory = context.services.memory.administrators
    known = memory.get(chat_id, context.now)
    if known is None:
        # getChatMember fails for bots that are no administrators where members are hidden.
        try:
            members = await context.bot.get_chat_administrators(chat_id)
        except (BadRequest, Forbidden) as error:
            log.info("a group does not say who administers it: %s", error)
            return frozenset()
        known = frozenset(member.user.id for member in members)
        memory.put(chat_id, known, context.now)
    return known
