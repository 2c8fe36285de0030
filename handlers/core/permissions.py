"""Who may change what a chat gets, and what the sender of an update may do at the desk."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram.error import BadRequest, ChatMigrated, Forbidden

from handlers.core.member_rights import may_decide
from handlers.core.origin import in_private
from storage.model.desk_model import NO_RIGHTS

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber
    from storage.model.desk_model import Rights

log = logging.getLogger(__name__)


async def may_choose(update: Update, context: Context) -> bool:
    """Return whether a person may change what the chat gets; in a group only administrators may."""
    chat, user, message = update.effective_chat, update.effective_user, update.message
    if chat is None:
        return False
    if in_private(update):
        return True
    if message is not None and message.sender_chat is not None:
        # An anonymous administrator writes as the group itself.
        return message.sender_chat.id == chat.id
    return user is not None and await administers(context, chat.id, user.id)


async def is_refused(update: Update, context: Context, subscriber: Subscriber) -> bool:
    """Return whether the writer may not change this chat; if so, say that administrators may."""
    if await may_choose(update, context):
        return False
    await context.reply(update, context.render("administrators", subscriber))
    return True


async def administers(context: Context, chat_id: int, user_id: int) -> bool:
    """Return whether a person administers a chat, from a list at most ten seconds old.

    If the person is not on the list, Telegram is asked again, at most every few seconds. A chat
    that is closed to the bot has no administrators.
    """
    memory, now = context.services.memory, context.now
    known = memory.administrators.get(chat_id, now)
    try:
        if known is None or (
            user_id not in known and memory.administrators_asked.get(chat_id, now) is None
        ):
            known = await ask_administrators(context, chat_id)
    except (BadRequest, Forbidden, ChatMigrated) as error:
        log.info("cannot list the administrators of chat %d: %s", chat_id, error)
        return False
    return user_id in known


async def ask_administrators(context: Context, chat_id: int) -> frozenset[int]:
    """Ask Telegram for the ids of a chat's administrators, and remember them for `administers`.

    For a channel, only those who may post are returned. If the chat is closed to the bot, the
    TelegramError is `BadRequest`, `Forbidden` or `ChatMigrated`.
    """
    memory = context.services.memory
    # getChatMember fails if members are hidden and the bot is no administrator.
    members = await context.bot.get_chat_administrators(chat_id)
    known = frozenset(member.user.id for member in members if may_decide(member))
    memory.administrators.put(chat_id, known, context.now)
    memory.administrators_asked.put(chat_id, value=True, now=context.now)
    return known


async def rights_of(update: Update, context: Context) -> Rights:
    """Return what a person may do at the desk; nothing if the update is from no private chat."""
    user = update.effective_user
    if user is None or not in_private(update):
        return NO_RIGHTS
    return await context.services.desk.rights.of(user.id)
