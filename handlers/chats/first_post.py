"""The first edition of a channel, a group or a topic: previewed in private, and posted at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button, holds, replaced
from handlers.core.conversation import on_tap
from handlers.following import picker
from handlers.following.next_edition import awaits_first
from handlers.settings.settings import show_tapped
from handlers.stories.editions.digest import rendered
from handlers.taps.callback_data import FirstEdition, OpenSheet, Pick, PickLetter
from storage.model import DeliveryState

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber

NOTICES = {
    DeliveryState.SENT: "first_posted",
    DeliveryState.SKIPPED: "first_has_nothing",
    DeliveryState.PLANNED: "first_waits",
    DeliveryState.FAILED: "first_refused",
}
"""How the attempt to post ended, and the key of the text that says so."""


async def first_edition(update: Update, context: Context, tap: FirstEdition) -> str | None:
    """Post the first edition, or preview it; return how that ended."""
    subscriber = await context.subscriber(update)
    return await (post if tap.post else preview)(update, context, subscriber)


async def preview(update: Update, context: Context, subscriber: Subscriber) -> str | None:
    """Show a manager the first edition as it would be posted now."""
    if not awaits_first(subscriber):
        await refresh(update, context, subscriber)
        return context.label("first_posted", subscriber)
    row, edition = await context.services.sender.preview(subscriber, context.now)
    if edition.lead is None:
        return context.label("first_has_nothing", subscriber)
    way = button(context.label("post_first", subscriber), FirstEdition(post=True))
    await context.reply(
        update,
        await rendered(context, subscriber, row, edition),
        [[way]],
    )
    return None


async def post(update: Update, context: Context, subscriber: Subscriber) -> str | None:
    """Post the first edition now, unless there has been one, and say how that ended."""
    state = DeliveryState.SENT
    if awaits_first(subscriber):
        state = await context.services.sender.deliver_now(subscriber, context.now)
        subscriber = await context.subscriber(update)
    await refresh(update, context, subscriber)
    return context.label(NOTICES[state], subscriber)


async def refresh(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Bring the tapped message up to date: a picker, the settings, or a preview."""
    keyboard = context.keyboard(update)
    if holds(keyboard, Pick) or holds(keyboard, PickLetter):
        await picker.remark(update, context, subscriber, journey=False)
    elif holds(keyboard, OpenSheet):
        await show_tapped(update, context, subscriber)
    elif not awaits_first(subscriber):
        await context.edit_keyboard(update, replaced(keyboard, (FirstEdition,), []))


TAPS = (on_tap(FirstEdition, first_edition),)
