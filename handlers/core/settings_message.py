"""The one message of a chat that shows its settings: changed in place, by taps and by typing.

When a newer one comes, the one before goes: two would show two states.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import Message
from telegram.error import BadRequest

from handlers.core.memory import SettingsMessage

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def send_sheet(
    update: Update, context: Context, subscriber: Subscriber, reply: Reply
) -> None:
    """Show a sheet as a message of its own; the one before goes."""
    sent = await context.reply(update, *reply)
    await _lives(context, subscriber, sent.message_id)


async def show_tapped(
    update: Update, context: Context, subscriber: Subscriber, reply: Reply
) -> None:
    """Turn the tapped message into a sheet; if another one was in use, it goes."""
    await context.edit(update, *reply)
    message = update.effective_message
    if isinstance(message, Message):
        await _lives(context, subscriber, message.message_id)


async def show_typed(
    update: Update, context: Context, subscriber: Subscriber, reply: Reply
) -> None:
    """Show what a typed answer has changed: in the sheet that asked, while it is in sight."""
    live = context.services.memory.sheets.get(_key(context, subscriber), context.now)
    if live is None or not live.last or not await _changed(context, subscriber, live, reply):
        await send_sheet(update, context, subscriber, reply)


async def refresh(context: Context, subscriber: Subscriber, reply: Reply) -> None:
    """Bring the sheet in use up to date, wherever it is."""
    live = context.services.memory.sheets.get(_key(context, subscriber), context.now)
    if live is not None:
        await _changed(context, subscriber, live, reply)


def answered_below(context: Context, subscriber: Subscriber) -> None:
    """Note that the sheet in use is no longer the last that the bot has written."""
    sheets = context.services.memory.sheets
    live = sheets.get(_key(context, subscriber), context.now)
    if live is not None:
        sheets.put(_key(context, subscriber), live._replace(last=False), context.now)


def _key(context: Context, subscriber: Subscriber) -> tuple[int, int]:
    return context.place(subscriber), subscriber.id


async def _lives(context: Context, subscriber: Subscriber, message_id: int) -> None:
    sheets = context.services.memory.sheets
    before = sheets.get(_key(context, subscriber), context.now)
    sheets.put(_key(context, subscriber), SettingsMessage(message_id, last=True), context.now)
    if before is not None and before.message_id != message_id:
        try:
            await context.bot.delete_message(context.place(subscriber), before.message_id)
        except BadRequest as error:
            # The reader deleted it, or it is older than Telegram lets a bot delete.
            log.info("an older sheet of settings stays: %s", error)


async def _changed(
    context: Context, subscriber: Subscriber, live: SettingsMessage, reply: Reply
) -> bool:
    """Change a message that was not tapped; False where it is no longer there."""
    try:
        await context.edit_message(context.place(subscriber), live.message_id, *reply)
    except BadRequest:
        # Deleted by the reader: there is nothing left to change.
        return False
    return True
