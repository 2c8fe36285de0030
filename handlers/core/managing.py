"""Channels, groups and topics that are managed from a private chat: by whom, and what they hear.

Their settings are the same pages as a reader's. A button there names the subscriber that it is
about in its callback data (`callback_codec.about`); an open question remembers it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from handlers.core.administrators import administers
from handlers.core.context import Managing
from handlers.core.origin import in_private, is_from_a_chat
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from telegram import Bot, Chat, ChatFullInfo, Update

    from handlers.core.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)

_INSIDE = " \u203a "
"""Between a group's title and a topic's name."""


async def manage(update: Update, context: Context, subscriber_id: int) -> bool:
    """Have the rest of an update be about what its writer manages; False where they may not.

    By Telegram's list of administrators, ten seconds old at most.
    """
    if not in_private(update):
        return False
    own = await context.own(update)
    title = await context.services.managers.title(subscriber_id, own.id)
    subscriber = None if title is None else await context.services.subscribers.get(subscriber_id)
    if title is None or subscriber is None or subscriber.state is State.GONE:
        return False
    admissions = context.services.admissions
    if admissions.is_banned(subscriber.chat_id) or (
        subscriber.kind is not ChatKind.CHANNEL and not admissions.permits(subscriber.chat_id)
    ):
        return False
    if not await administers(context, subscriber.chat_id, own.chat_id):
        return False
    context.managed = Managing(subscriber_id, title, own.chat_id, own.language)
    return True


async def note_manager(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Note that an administrator of a group set it up, who may go on in private.

    An anonymous one is not known: the group itself has written. One who is not let in cannot.
    """
    chat = update.effective_chat
    if in_private(update) or is_from_a_chat(update) or chat is None:
        return
    own = await context.own(update)
    if not context.lets_in(own.chat_id):
        return
    title = name_of(chat)
    if subscriber.thread_id:
        title = in_topic(title, _topic_name(update) or str(subscriber.thread_id))
    await context.services.managers.add(subscriber.id, own.id, title, context.now)


def in_topic(title: str, name: str) -> str:
    """How a topic of a group is called in the list of what somebody manages."""
    return f"{title}{_INSIDE}{name}"


def name_in(title: str) -> str:
    """A topic's own name, of what `in_topic` made of it."""
    return title.rpartition(_INSIDE)[2]


def _topic_name(update: Update) -> str:
    """A topic's name, where its first message is at hand: everything there replies to it."""
    message = update.effective_message
    replied = getattr(message, "reply_to_message", None)
    created = getattr(replied, "forum_topic_created", None)
    return created.name if created is not None else ""


async def title_of(bot: Bot, chat_id: int) -> str:
    """How a chat is called: `@name` where it has a public one, or else its title.

    Raises:
        telegram.error.TelegramError: The bot cannot look into it.
    """
    return name_of(await bot.get_chat(chat_id))


def name_of(chat: Chat | ChatFullInfo) -> str:
    """The same, of a chat that is at hand."""
    return f"@{chat.username}" if chat.username else chat.title or str(chat.id)
