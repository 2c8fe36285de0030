"""Changes to chats: the bot is added, removed or silenced; a group or a topic changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import (
    ChatMemberAdministrator,
    ChatMemberRestricted,
    InlineKeyboardButton,
)
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden
from telegram.ext import ChatMemberHandler, MessageHandler
from telegram.ext.filters import StatusUpdate, UpdateType

from handlers.buttons.keyboards import button
from handlers.core.managing import in_topic, name_of
from handlers.core.origin import ChatOrTopic, chat_of
from handlers.taps.callback_data import SetUp, SetUpChannel
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import ChatMember, Update

    from handlers.core.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def membership(update: Update, context: Context) -> None:
    """Stop writing to a chat that removed the bot; resume in one that added it; greet a new one."""
    change = update.my_chat_member
    if change is None:
        raise ValueError("the update has no change of the bot's membership")
    services, chat = context.services, change.chat
    channel = chat.type == ChatType.CHANNEL
    services.memory.administrators.drop(chat.id)
    if not may_write(change.new_chat_member, channel=channel):
        await services.manager_notices.gone(await services.subscribers.gone(chat.id))
        return
    await confirm_kind(context, chat.id, channel=channel)
    known = await services.subscribers.of_chat(chat.id)
    for each in known:
        if each.state is State.GONE:
            await come_back(context, each)
    if may_write(change.old_chat_member, channel=channel):
        return
    if channel:
        await offer_channel(update, context, known)
    elif not known and chat.type in {ChatType.GROUP, ChatType.SUPERGROUP}:
        await greet(update, context)


async def confirm_kind(context: Context, chat_id: int, *, channel: bool) -> None:
    """Store whether a chat is a channel, if that was in doubt or stored wrongly."""
    subscribers = context.services.subscribers
    for each in await subscribers.of_chat(chat_id):
        if not each.kind_confirmed or (each.kind is ChatKind.CHANNEL) is not channel:
            await subscribers.confirm_kind(chat_id, channel=channel)
            return


async def come_back(context: Context, gone: Subscriber) -> None:
    """Resume the editions of a chat or topic, and notify its managers."""
    chat = ChatOrTopic(gone.chat_id, gone.thread_id, gone.kind)
    again = await context.readers.add(chat, gone.language)
    await context.services.manager_notices.returned(again)


async def offer_channel(update: Update, context: Context, known: Sequence[Subscriber]) -> None:
    """Send the person who added the bot to a channel a button to set the channel up.

    Sends nothing if the channel has a manager, if that person is unknown to the bot, or if the
    person is picking a channel from the bot's own list.
    """
    services, change = context.services, update.my_chat_member
    person = None if change is None else await services.subscribers.find(change.from_user.id)
    if change is None or person is None or person.state in {State.GONE, State.BARRED}:
        return
    managed = [manager for each in known for manager in await services.managers.of(each.id)]
    if managed or services.memory.channel_asked.get(person.chat_id, context.now):
        return
    keyboard = [[button(context.label("set_up_group", person), SetUpChannel(str(change.chat.id)))]]
    title = name_of(change.chat)
    message = services.renderer.message("channel_offered", person.language, title=title)
    try:
        await context.send_to(person.chat_id, message, keyboard)
    except (BadRequest, Forbidden) as error:
        log.info("cannot write to the person who added the bot to a channel: %s", error)


async def greet(update: Update, context: Context) -> None:
    """Send a group a greeting and the ways to set it up, in the language of who added the bot.

    When a group becomes a supergroup, Telegram may also report that the bot was added to it, before
    or after the move. The greeting is then not sent, or is deleted.
    """
    renderer, language = context.services.renderer, context.language(update)
    memory, chat = context.services.memory, chat_of(update)
    if memory.moved.get(chat.id, context.now) is not None:
        return
    keyboard = [
        [button(renderer.label("set_up_group", language), SetUp())],
        [
            InlineKeyboardButton(
                renderer.label("set_up_in_private", language),
                url=context.link(f"g{-chat.id}"),
            )
        ],
    ]
    try:
        sent = await context.reply(update, renderer.message("group_added", language), keyboard)
    except (BadRequest, Forbidden) as error:
        log.info("the bot was added to a group but may not write there: %s", error)
        return
    memory.greeted.put(chat.id, sent.message_id, context.now)
    if memory.moved.get(chat.id, context.now) is not None:
        await _take_back_greeting(context, chat.id)


async def _take_back_greeting(context: Context, chat_id: int) -> None:
    greeted = context.services.memory.greeted
    message_id = greeted.get(chat_id, context.now)
    if message_id is None:
        return
    greeted.drop(chat_id)
    try:
        await context.bot.delete_message(chat_id, message_id)
    except (BadRequest, Forbidden) as error:
        log.info("the greeting in chat %d could not be deleted: %s", chat_id, error)


def may_write(member: ChatMember, *, channel: bool) -> bool:
    """Return whether the bot may write in a chat, given its membership there."""
    if channel:
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and bool(member.can_send_messages)
    return member.status not in {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


async def member_left(update: Update, context: Context) -> None:
    """Remove a person who left a group from its managers."""
    left = update.message.left_chat_member if update.message is not None else None
    chat = update.effective_chat
    if left is None or chat is None or left.is_bot:
        return
    context.services.memory.administrators.drop(chat.id)
    person = await context.services.subscribers.find(left.id)
    if person is not None:
        for each in await context.services.subscribers.of_chat(chat.id):
            await context.services.managers.remove(each.id, person.id)


async def topic_renamed(update: Update, context: Context) -> None:
    """Store the new name of a topic in its managers' lists."""
    message, chat = update.message, chat_of(update)
    edited = message.forum_topic_edited if message is not None else None
    topic = await context.services.subscribers.find(chat.id, chat.thread_id)
    if message is not None and edited is not None and edited.name and topic is not None:
        title = in_topic(name_of(message.chat), edited.name)
        await context.services.managers.rename(topic.id, title)


async def topic_reopened(update: Update, context: Context) -> None:
    """Resume the editions of a reopened topic, unless the bot may not write there.

    The General topic gets the group's own editions, so it has none to resume.
    """
    chat = chat_of(update)
    topic = await context.services.subscribers.find(chat.id, chat.thread_id)
    if topic is None or topic.state is not State.GONE:
        return
    me = await context.bot.get_chat_member(chat.id, context.bot.id)
    if may_write(me, channel=False):
        await come_back(context, topic)


async def moved(update: Update, context: Context) -> None:
    """Move a group's subscriber, with all its settings, to the id of the new supergroup."""
    message = update.message
    if message is None:
        raise ValueError("the update has no message about a move")
    old, new = message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        old, new = message.migrate_from_chat_id, message.chat.id
    if new is None:
        return
    context.services.memory.moved.put(new, old, context.now)
    await context.services.subscribers.move_chat(old, new)
    await context.services.admissions.moved(old, new)
    await _take_back_greeting(context, new)


UPDATES = (
    ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(StatusUpdate.MIGRATE, moved),
    MessageHandler(UpdateType.MESSAGE & StatusUpdate.LEFT_CHAT_MEMBER, member_left),
    MessageHandler(StatusUpdate.FORUM_TOPIC_EDITED, topic_renamed),
    MessageHandler(StatusUpdate.FORUM_TOPIC_REOPENED, topic_reopened),
)
