"""Setting up channels and groups from a private chat, and stopping or resuming their editions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram import (
    ChatAdministratorRights,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.ext import MessageHandler
from telegram.ext.filters import StatusUpdate, UpdateType

from handlers.buttons.keyboards import button
from handlers.chats.chat_look import look_at
from handlers.core.context import Managing
from handlers.core.conversation import on_tap
from handlers.core.origin import ChatOrTopic, in_private
from handlers.following.picker import show_picker
from handlers.settings.settings import send_sheet, show_tapped
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AskChannel, SetStopped, SetUpChannel
from storage.model import ChatKind, Layout, State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber

CHANNEL = 1
"""Number that identifies the bot's request for a channel."""
channel_number = re.compile(r"-?[1-9][0-9]{0,14}")
group_payload = re.compile(r"g(?P<chat>[1-9][0-9]{0,14})")
_TO_POST = ChatAdministratorRights(
    is_anonymous=False,
    can_manage_chat=False,
    can_delete_messages=False,
    can_manage_video_chats=False,
    can_restrict_members=False,
    can_promote_members=False,
    can_change_info=False,
    can_invite_users=False,
    can_post_stories=False,
    can_edit_stories=False,
    can_delete_stories=False,
    can_post_messages=True,
    # A right of a newer Bot API than python-telegram-bot knows.
    api_kwargs={"can_send_welcome_messages": False},
)


async def ask_channel(update: Update, context: Context, tap: AskChannel) -> None:
    """Show Telegram's list of the channels in which the reader can let the bot post."""
    if not in_private(update):
        raise StaleTap(tap.pack())
    own = await context.own(update)
    context.services.memory.channel_asked.put(own.chat_id, value=True, now=context.now)
    pick = KeyboardButton(
        context.label("choose_channel", own),
        request_chat=KeyboardButtonRequestChat(
            CHANNEL,
            chat_is_channel=True,
            user_administrator_rights=_TO_POST,
            bot_administrator_rights=_TO_POST,
        ),
    )
    await context.reply(
        update,
        context.render("ask_channel", own),
        ReplyKeyboardMarkup([[pick]], resize_keyboard=True, one_time_keyboard=True),
    )


async def channel_shared(update: Update, context: Context) -> None:
    """Add the picked channel as a subscriber, if the bot and the person may both post there."""
    shared = update.message.chat_shared if update.message else None
    if shared is None or shared.request_id != CHANNEL or not in_private(update):
        return
    await _add(update, context, shared.chat_id)


async def set_up_channel(update: Update, context: Context, tap: SetUpChannel) -> None:
    """Add a channel as a subscriber after the bot was made its administrator."""
    if not in_private(update) or not channel_number.fullmatch(tap.chat):
        raise StaleTap(tap.pack())
    await _add(update, context, int(tap.chat))


async def _add(update: Update, context: Context, chat_id: int) -> None:
    own = await context.own(update)
    look = await look_at(context, chat_id)
    if look is None or look.kind is not ChatKind.CHANNEL or not look.bot_may_write:
        refused = "rights"
    else:
        refused = "" if own.chat_id in look.administrators else "person"
    if look is None or refused:
        await context.reply(
            update,
            context.render("channel_refused", own, reason=refused),
            [[button(context.label("add_channel", own), AskChannel())]],
        )
        return
    channel = await _subscriber(context, chat_id, own)
    await context.reply(
        update, context.render("channel_added", own, title=look.title), ReplyKeyboardRemove()
    )
    await _open(update, context, own, channel, look.title)


async def _open(
    update: Update, context: Context, own: Subscriber, subscriber: Subscriber, title: str
) -> None:
    """Record the manager of a chat, and show its settings, or the picker if it follows nothing."""
    await context.services.managers.add(subscriber.id, own.id, title, context.now)
    if subscriber.kind is ChatKind.CHANNEL and subscriber.state is State.BARRED:
        await context.services.admissions.apply_to_channels([subscriber])
        subscriber = await context.services.subscribers.get(subscriber.id) or subscriber
    context.managed = Managing(subscriber.id, title, own.chat_id, own.language)
    if subscriber.taste.follows_anything:
        await send_sheet(update, context, subscriber)
    else:
        await show_picker(update, context, subscriber, journey=False)


async def _subscriber(context: Context, chat_id: int, own: Subscriber) -> Subscriber:
    """Return the channel as a subscriber, creating it with its manager's language, hour and city.

    A new channel gets the layout with summaries. Some apps cannot show the front page, and readers
    of a channel have no button to change the layout.
    """
    known = await context.services.subscribers.find(chat_id)
    channel = await context.readers.find_or_add(
        ChatOrTopic(chat_id, 0, ChatKind.CHANNEL), own.language
    )
    if known is not None:
        return channel
    return await context.readers.change(
        channel,
        zone=own.zone,
        city=own.city,
        digest_minute=own.digest_minute,
        layout=Layout.SUMMARIES,
    )


async def set_stopped(update: Update, context: Context, tap: SetStopped) -> None:
    """Stop or resume the editions of the managed chat."""
    subscriber = await context.subscriber(update)
    if tap.on:
        subscriber = await context.readers.change(subscriber, state=State.STOPPED, next_at=None)
    else:
        subscriber = await context.readers.resume(subscriber)
    await show_tapped(update, context, subscriber)


async def opened_group(
    update: Update, context: Context, own: Subscriber, match: re.Match[str]
) -> bool:
    """Show a group's settings in the private chat of the administrator who opened its link.

    Return False if the chat is no group, if the bot may not write there, if the person does not
    administer it, or if the group may not use the bot.
    """
    look = await look_at(context, -int(match["chat"]))
    if look is None or look.kind is not ChatKind.GROUP or not look.bot_may_write:
        return False
    if own.chat_id not in look.administrators:
        return False
    if not context.services.admissions.permits(look.id):
        return False
    group = await context.readers.find_or_add(ChatOrTopic(look.id, 0, ChatKind.GROUP), own.language)
    group = await context.readers.set_up_by(group, own.language)
    await _open(update, context, own, group, look.title)
    return True


TAPS = (
    on_tap(AskChannel, ask_channel),
    on_tap(SetUpChannel, set_up_channel),
    on_tap(SetStopped, set_stopped),
)
UPDATES = (MessageHandler(UpdateType.MESSAGE & StatusUpdate.CHAT_SHARED, channel_shared),)
