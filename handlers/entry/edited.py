"""An edited message that was not understood is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import Update
from telegram.ext import MessageHandler
from telegram.ext.filters import UpdateType

from handlers.core.conversation import new_subject
from handlers.entry.commands import COMMANDS
from handlers.entry.help import unknown_command
from handlers.entry.text import text
from handlers.typed.message_words import OWN_WORDS, WRITTEN, command_in, words_in

if TYPE_CHECKING:
    from handlers.core.context import Context


async def edited(update: Update, context: Context) -> None:
    """Answer the new words of a message if the old ones were not understood."""
    message = update.edited_message
    if message is None:
        return
    at, memory = (message.chat.id, message.message_id), context.services.memory
    if memory.not_understood.get(at, context.now) is None:
        return
    memory.not_understood.drop(at)
    again = Update(update.update_id, message=message)
    if not words_in(message).startswith("/"):
        await text(again, context)
        return
    name, _ = command_in(message)
    if name in COMMANDS:
        new_subject(again, context, name)
        await COMMANDS[name](again, context)
    else:
        await unknown_command(again, context)


UPDATES = (MessageHandler(UpdateType.EDITED_MESSAGE & OWN_WORDS & WRITTEN, edited),)
