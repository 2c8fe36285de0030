"""The one message in a chat that shows its settings, edited in place by taps and typed answers.

A newer settings message replaces the older one, so that no two states are shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import Message
from telegram.error import BadRequest

from handlers.core.services.memory import SettingsMessage

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def send_sheet(
    update: Update, context: Context, subscriber: Subscriber, reply: Reply
) -> None:
    """Send a page of the settings as a new message, and delete the earlier settings message."""
    sent = await context.reply(update, *reply)
    await _keep_only(context, subscriber, sent.message_id)


async def show_tapped(
    update: Update, context: Context, subscriber: Subscriber, reply: Reply
) -> None:
    """Turn the tapped message into a page of the settings, and delete any other such message."""
    await context.edit(update, *reply)
    message = update.effective_message
    if isinstance(message, Message):
        await _keep_only(context, subscriber, message.message_id)


async def show_typed(
    update: Update, context: Context, subscriber: Subscriber, reply: Reply
) -> None:
    """Show the result of a typed answer in the settings message, or in a new one below."""
    live = context.services.memory.sheets.get(_key(context, subscriber), context.now)
    if live is None or not live.last or not await _changed(context, subscriber, live, reply):
        await send_sheet(update, context, subscriber, reply)


async def refresh(context: Context, subscriber: Subscriber, reply: Reply) -> None:
    """Update the settings message, wherever it is in the chat."""
    live = context.services.memory.sheets.get(_key(context, subscriber), context.now)
    if live is not None:
        await _changed(context, subscriber, live, reply)


def answered_below(context: Context, subscriber: Subscriber) -> None:
    """Note that the bot has sent something below the settings message."""
    sheets = context.services.memory.sheets
    live = sheets.get(_key(context, subscriber), context.now)
    if live is not None:
        sheets.put(_key(context, subscriber), live._replace(last=False), context.now)


def _key(context: Context, subscriber: Subscriber) -> tuple[int, int]:
    return context.place(subscriber), subscriber.id


async def _keep_only(context: Context, subscriber: Subscriber, message_id: int) -> None:
    sheets = context.services.memory.sheets
    before = sheets.get(_key(context, subscriber), context.now)
    sheets.put(_key(context, subscriber), SettingsMessage(message_id, last=True), context.now)
    if before is not None and before.message_id != message_id:
        try:
            await context.bot.delete_message(context.place(subscriber), before.message_id)
        except BadRequest as error:
            # The reader deleted the message, or it is too old for a bot to delete.
            log.info("could not delete an older settings message: %s", error)


async def _changed(
    context: Context, subscriber: Subscriber, live: SettingsMessage, reply: Reply
) -> bool:
    """Edit a message that was not tapped; return False if it no longer exists."""
    try:
        await context.edit_message(context.place(subscriber), live.message_id, *reply)
    except BadRequest:
        # The reader deleted the message.
        return False
    return True
