"""Managing channels, groups and topics from a private chat.

Their settings are the same pages as a reader's. The callback data of a button there begins with the
subscriber that it is about (`callback_codec.about`); an open question remembers it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from handlers.core.context import Managing
from handlers.core.origin import in_private, is_from_a_chat
from handlers.core.permissions import administers
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from telegram import Bot, Chat, ChatFullInfo, Update

    from handlers.core.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)

_INSIDE = " \u203a "
"""Separator between a group's title and a topic's name."""


async def manage(update: Update, context: Context, subscriber_id: int) -> bool:
    """Make the rest of an update concern a managed subscriber; return False if that is refused."""
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
    """Record an administrator who sets up a group, so that the settings open in private as well.

    An anonymous administrator cannot be recorded, because the message comes from the group itself.
    A person who may not use the bot is not recorded either.
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
    """Return the title of a group's topic in a list of managed chats."""
    return f"{title}{_INSIDE}{name}"


def name_in(title: str) -> str:
    """Return a topic's own name from a title made by `in_topic`."""
    return title.rpartition(_INSIDE)[2]


def _topic_name(update: Update) -> str:
    """Return the topic's name or "" from its first message, to which all others in it reply."""
    message = update.effective_message
    replied = getattr(message, "reply_to_message", None)
    created = getattr(replied, "forum_topic_created", None)
    return created.name if created is not None else ""


async def title_of(bot: Bot, chat_id: int) -> str:
    """Return a chat's `@name`, or else its title; raise TelegramError if the bot cannot see it."""
    return name_of(await bot.get_chat(chat_id))


def name_of(chat: Chat | ChatFullInfo) -> str:
    """Return a chat's public `@name`, or its title if it has none, or else its id."""
    return f"@{chat.username}" if chat.username else chat.title or str(chat.id)
