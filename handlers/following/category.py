"""One category: its news, and the buttons under lists and cards that follow it or set alerts."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from handlers.buttons.category_buttons import category_rows, follow_button
from handlers.buttons.keyboards import fitted, holds, replaced
from handlers.core.conversation import on_tap
from handlers.following.confirmations import followed, switched_alerts
from handlers.following.next_edition import announce_first
from handlers.stories.listing import Listing, listed
from handlers.taps.callback_codec import StaleTap, Tap
from handlers.taps.callback_data import Alerts, Follow, OpenScale, Scope, SetUp, ShowCategory

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Category, Subscriber


async def one(context: Context, subscriber: Subscriber, slug: str) -> Reply:
    """Return a list of what is new in one category."""
    return await listed(context, subscriber, Listing(Scope.CATEGORY, slug))


async def show_category(update: Update, context: Context, tap: ShowCategory) -> str | None:
    """Replace the tapped message with a list of what is new in its category."""
    known = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    await context.edit(update, *await one(context, subscriber, known.slug))
    return None


async def follow(update: Update, context: Context, tap: Follow) -> str | None:
    """Follow or unfollow a category under a list or a card; return the text to show."""
    known = known_category(context, tap.category, tap)
    before = await context.subscriber(update)
    subscriber = await context.readers.follow(before, known.slug, on=tap.on)
    await change_row(update, context, subscriber, known.slug, alerts=False)
    if not tap.on:
        name = context.category(known.slug, subscriber)
        return context.label_for("now_unfollowed", subscriber, category=name)
    if before.next_at is None and not holds(context.keyboard(update), SetUp):
        # A friend's story has its own button to set up editions.
        await announce_first(update, context, subscriber, known.slug)
    return followed(context, subscriber, known.slug)


async def alerts(update: Update, context: Context, tap: Alerts) -> str | None:
    """Switch the alerts of a followed category on or off; return the text to show."""
    known = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    notice = await switched_alerts(context, subscriber, known.slug, tap, on=tap.on)
    await change_row(update, context, subscriber, known.slug, alerts=tap.on)
    return notice


async def change_row(
    update: Update, context: Context, subscriber: Subscriber, slug: str, *, alerts: bool
) -> None:
    """Update the buttons of one category under a message, and leave the other buttons alone."""
    markup = context.keyboard(update)
    if not holds(markup, Follow):
        # Another button, tapped just before, has replaced the content of the message.
        return
    if holds(markup, OpenScale):
        rows = category_rows(context, subscriber, slug, alerts=alerts)
    else:
        # Under a story or a search there is only the button to follow.
        rows = [[follow_button(context, subscriber, slug)]]
    changed = replaced(markup, (Follow, OpenScale, Alerts), [*chain(*rows)])
    await context.edit_keyboard(update, fitted(changed, Follow))


def known_category(context: Context, slug: str, tap: Tap) -> Category:
    """Return the category that a tap names; raise StaleTap if there is none, or no longer."""
    known = context.services.taxonomy.categories.get(slug)
    if known is None:
        raise StaleTap(tap.pack())
    return known


TAPS = (
    on_tap(ShowCategory, show_category),
    on_tap(Follow, follow),
    on_tap(Alerts, alerts),
)
