"""Who may change what a chat gets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram.error import BadRequest, ChatMigrated, Forbidden

from handlers.core.member_rights import may_decide
from handlers.core.origin import in_private

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
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
    return user is not None and await administers(context, chat.id, user.id)


async def is_refused(update: Update, context: Context, subscriber: Subscriber) -> bool:
    """Whether whoever wrote may not choose here; they are told that administrators do."""
    if await may_choose(update, context):
        return False
    await context.reply(update, context.render("administrators", subscriber))
    return True


async def administers(context: Context, chat_id: int, user_id: int) -> bool:
    """Whether somebody is an administrator of a chat: by what was said ten seconds ago at most.

    Who is not among those may have become one since: then Telegram is asked anew, every few
    seconds at most. A chat that is closed to the bot has none.
    """
    memory, now = context.services.memory, context.now
    known = memory.administrators.get(chat_id, now)
    try:
        if known is None or (
            user_id not in known and memory.administrators_asked.get(chat_id, now) is None
        ):
            known = await ask_administrators(context, chat_id)
    except (BadRequest, Forbidden, ChatMigrated) as error:
        log.info("chat %d does not say who administers it: %s", chat_id, error)
        return False
    return user_id in known


async def ask_administrators(context: Context, chat_id: int) -> frozenset[int]:
    """The ids of a chat's administrators as Telegram says now; remembered for `administers`.

    Of a channel, only those who may post there.

    Raises:
        telegram.error.TelegramError: It does not say so; of a chat that is closed to the bot,
            `BadRequest`, `Forbidden` or `ChatMigrated`.
    """
    memory = context.services.memory
    # getChatMember fails for bots that are no administrators where members are hidden.
    members = await context.bot.get_chat_administrators(chat_id)
    known = frozenset(member.user.id for member in members if may_decide(member))
    memory.administrators.put(chat_id, known, context.now)
    memory.administrators_asked.put(chat_id, value=True, now=context.now)
    return known
