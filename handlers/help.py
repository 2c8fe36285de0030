"""`/help`, and what to say to a command that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.message_words import words_in
from handlers.origin import in_private

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context


async def show_help(update: Update, context: Context) -> None:
    """Every command with what it does, and how to ask for more."""
    subscriber = await context.subscriber(update)
    await context.reply(
        update,
        context.render(
            "help",
            subscriber,
            commands=context.services.renderer.commands(subscriber.language),
            private=in_private(update),
            operator=subscriber.chat_id in context.services.admins,
        ),
    )


async def unknown_command(update: Update, context: Context) -> None:
    """A command that is none of ours; in a group it may well be another bot's."""
    if in_private(update):
        message = update.effective_message
        words = words_in(message).split() if message else []
        subscriber = await context.subscriber(update)
        await context.reply(
            update,
            context.render(
                "unknown_command",
                subscriber,
                command=words[0] if words else "/",
                commands=context.services.renderer.commands(subscriber.language),
            ),
        )
