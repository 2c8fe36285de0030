"""The first edition of a channel, a group or a topic: previewed in private, and posted at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.first_edition_buttons import awaits_first
from handlers.buttons.keyboards import button, holds, replaced
from handlers.core.conversation import on_tap
from handlers.core.settings_message import show_tapped
from handlers.following import picker
from handlers.settings.settings_pages import sheet
from handlers.stories.editions.earlier import rendered
from handlers.taps.callback_data import Pick, PickLetter
from handlers.taps.settings_data import OpenSheet, PostFirst, PreviewFirst, Sheet
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


async def preview_first(update: Update, context: Context, _tap: PreviewFirst) -> str | None:
    """Show a manager the first edition as it would be posted now."""
    subscriber = await context.subscriber(update)
    if not awaits_first(subscriber):
        await refresh(update, context, subscriber)
        return context.label("first_posted", subscriber)
    row, edition = await context.services.sender.preview(subscriber, context.now)
    if edition.lead is None:
        return context.label("first_has_nothing", subscriber)
    post = button(context.label("post_first", subscriber), PostFirst())
    await context.reply(
        update,
        await rendered(context, subscriber, row, edition),
        InlineKeyboardMarkup([[post]]),
    )
    return None


async def post_first(update: Update, context: Context, _tap: PostFirst) -> str | None:
    """Post the first edition now, unless there has been one, and say how that ended."""
    subscriber = await context.subscriber(update)
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
        await show_tapped(update, context, subscriber, await sheet(context, subscriber, Sheet.MAIN))
    elif not awaits_first(subscriber):
        await context.edit_keyboard(update, replaced(keyboard, (PreviewFirst, PostFirst), []))


TAPS = (
    on_tap(PreviewFirst, preview_first),
    on_tap(PostFirst, post_first),
)
