"""`/corrections`: what was wrong in the news, for readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.pages import Pages
from handlers.core.conversation import on_tap
from handlers.taps.amend_data import TurnCorrections

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

ON_A_PAGE = 5


async def corrections(update: Update, context: Context) -> None:
    """List the corrections, the newest first."""
    await context.reply(update, *await _page(context, await context.subscriber(update), 0))


async def turn(update: Update, context: Context, tap: TurnCorrections) -> None:
    """Show another page of the corrections in place."""
    await context.edit(update, *await _page(context, await context.subscriber(update), tap.page))


async def _page(context: Context, subscriber: Subscriber, number: int) -> Reply:
    made = context.services.desk.corrections
    pages = Pages(number, await made.count(), ON_A_PAGE)
    found = await made.listed(limit=ON_A_PAGE, offset=pages.first)
    message = context.render(
        "corrections",
        subscriber,
        corrections=found,
        first=pages.first + 1,
        zone=subscriber.zone,
        now=context.now,
    )
    turning = pages.turning(context, subscriber, TurnCorrections)
    return message, [turning]


COMMANDS = {"corrections": corrections}
TAPS = (on_tap(TurnCorrections, turn),)
