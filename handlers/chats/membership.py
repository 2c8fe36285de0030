"""What happens to chats: the bot is let in, shut out or silenced; a group or topic changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import (
    ChatMemberAdministrator,
    ChatMemberRestricted,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden

from handlers.buttons.keyboards import button
from handlers.core.managing import in_topic, name_of
from handlers.core.origin import ChatOrTopic, chat_of
from handlers.taps.callback_data import SetUp
from handlers.taps.settings_data import SetUpChannel
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import ChatMember, Update

    from handlers.core.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def membership(update: Update, context: Context) -> None:
    """Stop writing to a chat that shut the bot out; go on in one that lets it in again.

    A group that it is new in is greeted once.
    """
    change = update.my_chat_member
    if change is None:
        raise ValueError("a change of the bot's membership was expected")
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
    """Note whether a chat is a channel, where that was in doubt; Telegram has just said so."""
    subscribers = context.services.subscribers
    for each in await subscribers.of_chat(chat_id):
        if not each.kind_confirmed or (each.kind is ChatKind.CHANNEL) is not channel:
            await subscribers.confirm_kind(chat_id, channel=channel)
            return


async def come_back(context: Context, gone: Subscriber) -> None:
    """Send editions again to a chat or topic that can be written into; its manager is told."""
    chat = ChatOrTopic(gone.chat_id, gone.thread_id, gone.kind)
    again = await context.readers.add(chat, gone.language)
    await context.services.manager_notices.returned(again)


async def offer_channel(update: Update, context: Context, known: Sequence[Subscriber]) -> None:
    """Tell who let the bot into a channel that nobody manages how it is set up.

    Whoever came by our own button goes on from there, and a stranger cannot be written to.
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
        await context.send_to(person.chat_id, message, InlineKeyboardMarkup(keyboard))
    except (BadRequest, Forbidden) as error:
        log.info("who let the bot into a channel cannot be written to: %s", error)


async def greet(update: Update, context: Context) -> None:
    """What the bot is, and the way to set it up; in the language of who added it.

    Telegram says that the bot came into a supergroup also where its own group became one, and says
    that in any order: then nothing is said, or what was said is taken back.
    """
    renderer, language = context.services.renderer, context.language(update)
    memory, chat = context.services.memory, chat_of(update)
    if memory.moved.get(chat.id, context.now) is not None:
        return
    keyboard = InlineKeyboardMarkup(
        [
            [button(renderer.label("set_up_group", language), SetUp())],
            [
                InlineKeyboardButton(
                    renderer.label("set_up_in_private", language),
                    url=context.link(f"g{-chat.id}"),
                )
            ],
        ]
    )
    try:
        sent = await context.reply(update, renderer.message("group_added", language), keyboard)
    except (BadRequest, Forbidden) as error:
        log.info("a group that the bot was added to lets it write nothing: %s", error)
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
        log.info("a greeting stays in chat %d: %s", chat_id, error)


def may_write(member: ChatMember, *, channel: bool) -> bool:
    """Whether the bot may write in a chat where it is this member."""
    if channel:
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and bool(member.can_send_messages)
    return member.status not in {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


async def member_left(update: Update, context: Context) -> None:
    """Somebody left a group, or was removed: they neither manage it nor hear of it any more."""
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
    """A topic has another name from now on, for those who manage it."""
    message, chat = update.message, chat_of(update)
    edited = message.forum_topic_edited if message is not None else None
    topic = await context.services.subscribers.find(chat.id, chat.thread_id)
    if message is not None and edited is not None and edited.name and topic is not None:
        title = in_topic(name_of(message.chat), edited.name)
        await context.services.managers.rename(topic.id, title)


async def topic_reopened(update: Update, context: Context) -> None:
    """A topic that was closed is open again: its editions go on, unless the bot is silenced.

    What the General topic gets is the group's own.
    """
    chat = chat_of(update)
    topic = await context.services.subscribers.find(chat.id, chat.thread_id)
    if topic is None or topic.state is not State.GONE:
        return
    me = await context.bot.get_chat_member(chat.id, context.bot.id)
    if may_write(me, channel=False):
        await come_back(context, topic)


async def moved(update: Update, context: Context) -> None:
    """A group became a supergroup: its subscriber keeps everything under the new id."""
    message = update.message
    if message is None:
        raise ValueError("a message about a move was expected")
    old, new = message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        old, new = message.migrate_from_chat_id, message.chat.id
    if new is None:
        return
    context.services.memory.moved.put(new, old, context.now)
    await context.services.subscribers.move_chat(old, new)
    await context.services.admissions.moved(old, new)
    await _take_back_greeting(context, new)
