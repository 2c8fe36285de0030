"""`/about`: what this bot is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import Kind

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context


async def about(update: Update, context: Context) -> None:
    """Say what this bot is and how many houses it knows."""
    subscriber = await context.subscriber(update)
    houses = len(context.services.taxonomy.by_kind(Kind.HOUSE))
    await context.reply(update, context.render("about", subscriber, houses=houses))


COMMANDS = {"about": about}
