"""`/help`, and the answer to an unknown command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.ext.filters import COMMAND, UpdateType

from handlers.core.conversation import on_unknown
from handlers.core.origin import in_private
from handlers.core.permissions import rights_of
from handlers.following import category
from handlers.typed.message_words import OWN_WORDS, RICH_COMMAND, command_in, words_in
from news.filing.spelling import nearest

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context


async def show_help(update: Update, context: Context) -> None:
    """Send the list of commands with what each does."""
    subscriber = await context.subscriber(update)
    await context.reply(
        update,
        context.render(
            "help",
            subscriber,
            commands=context.services.renderer.commands(subscriber.language),
            private=in_private(update),
            operator=subscriber.chat_id in context.services.people.admins,
            editor=bool(await rights_of(update, context)),
        ),
    )


async def unknown_command(update: Update, context: Context) -> None:
    """Answer an unknown command: show the category of that name, or suggest the nearest command.

    Does nothing in a group, where the command may belong to another bot.
    """
    message = update.effective_message
    if message is None or not in_private(update):
        return
    subscriber = await context.subscriber(update)
    name, _ = command_in(message)
    named = context.services.taxonomy.find(name.replace("_", " ")) if name else None
    if named is not None:
        await context.reply(update, *await category.one(context, subscriber, named.slug))
        return
    at = (message.chat.id, message.message_id)
    context.services.memory.not_understood.put(at, value=True, now=context.now)
    commands = context.services.renderer.commands(subscriber.language)
    near = nearest(name, [each for each, _ in commands])
    await context.reply(
        update,
        context.render(
            "unknown_command",
            subscriber,
            command=words_in(message).split()[0],
            near=near[0][0] if near else "",
            commands=commands,
        ),
    )


COMMANDS = {"help": show_help}
UPDATES = (on_unknown(unknown_command, UpdateType.MESSAGE & OWN_WORDS & (COMMAND | RICH_COMMAND)),)
