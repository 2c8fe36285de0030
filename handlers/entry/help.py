"""`/help`, and what to say to a command that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from handlers.core.origin import in_private
from handlers.following import category
from handlers.typed.message_words import command_in, words_in
from news.filing.spelling import slips

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import Update

    from handlers.core.context import Context


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
    """A command that is none of ours: a category's name, or one of ours with a letter wrong.

    In a group it may well be another bot's.
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
    commands = context.services.renderer.commands(subscriber.language)
    await context.reply(
        update,
        context.render(
            "unknown_command",
            subscriber,
            command=words_in(message).split()[0],
            near=nearest((each for each, _ in commands), name),
            commands=commands,
        ),
    )


def nearest(commands: Iterable[str], name: str) -> str:
    """The command that a mistyped one is most likely meant to be; empty where none is near."""
    found = process.extractOne(name, commands, scorer=OSA.distance, score_cutoff=slips(name))
    return found[0] if found is not None else ""
