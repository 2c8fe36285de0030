"""One category: its news, and the buttons under lists and cards that follow it or set alerts.

In a group, a member may also follow it in the own private chat. If the bot does not know the
member, the answer to the tap opens that chat with a link that repeats the request.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from handlers.buttons.follow_buttons import category_rows, follow_button
from handlers.buttons.keyboards import fitted, holds, replaced
from handlers.core.conversation import OpensLink, known_category, on_tap
from handlers.following.next_edition import announce_first, when_next
from handlers.stories.listing import Listing, listed
from handlers.stories.matter import going_on
from handlers.taps.callback_codec import StaleTap, Tap
from handlers.taps.callback_data import (
    Alerts,
    Follow,
    FollowMyself,
    OpenScale,
    Pick,
    Scope,
    SetFollow,
    SetUp,
    ShowCategory,
)
from storage.model import State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Rows
    from storage.model import Subscriber
    from templates import RenderedMessage


async def one(context: Context, subscriber: Subscriber, slug: str) -> tuple[RenderedMessage, Rows]:
    """Return a list of what is new in one category; a house's begins with what goes on there."""
    matters = await going_on(context, subscriber, slug)
    return await listed(context, subscriber, Listing(Scope.CATEGORY, slug), matters)


async def show_category(update: Update, context: Context, tap: ShowCategory) -> None:
    """Replace the tapped message with a list of what is new in its category."""
    known = known_category(context, tap)
    subscriber = await context.subscriber(update)
    await context.edit(update, *await one(context, subscriber, known.slug))


async def follow(update: Update, context: Context, tap: Follow) -> str | None:
    """Follow or unfollow a category under a list or a card; return the text to show."""
    known = known_category(context, tap)
    before = await context.subscriber(update)
    subscriber = await context.readers.follow(before, known.slug, on=tap.on)
    await change_row(update, context, subscriber, known.slug, alerts=False)
    # A friend's story has its own button to set up editions.
    announce = before.next_at is None and not holds(context.keyboard(update), SetUp)
    return await said(update, context, subscriber, tap, announce=announce)


async def said(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    tap: Follow | Pick | SetFollow,
    *,
    announce: bool,
) -> str:
    """Return the notice after a category was followed or not; announce the first edition."""
    slug = tap.subject if isinstance(tap, SetFollow) else tap.category
    if not tap.on:
        name = context.category(slug, subscriber)
        return context.label_for("now_unfollowed", subscriber, category=name)
    if announce:
        await announce_first(update, context, subscriber, slug)
    return followed(context, subscriber, slug)


async def alerts(update: Update, context: Context, tap: Alerts) -> str | None:
    """Switch the alerts of a followed category on or off; return the text to show."""
    known = known_category(context, tap)
    subscriber = await context.subscriber(update)
    subscriber, notice = await switched_alerts(context, subscriber, known.slug, tap, on=tap.on)
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


def followed(context: Context, subscriber: Subscriber, slug: str) -> str:
    """Return the notice that a category is followed now, with the time of the next edition."""
    name = context.category(slug, subscriber)
    if subscriber.state is State.STOPPED:
        return context.label_for("now_followed_stopped", subscriber, category=name)
    paused = subscriber.paused_until
    if paused is not None and paused > context.now:
        filters = context.services.renderer.filters(context.language_for(subscriber))
        day = filters.dates.weekday(paused, subscriber.zone)
        return context.label_for("now_followed_paused", subscriber, category=name, day=day)
    when = when_next(context, subscriber)
    if not when:
        return context.label_for("now_followed", subscriber, category=name)
    first = subscriber.place == 0
    key = "now_followed_first" if first else "now_followed_next"
    return context.label_for(key, subscriber, category=name, when=when)


async def switched_alerts(
    context: Context,
    subscriber: Subscriber,
    slug: str,
    tap: Tap,
    *,
    on: bool,
    only_large: bool | None = None,
) -> tuple[Subscriber, str]:
    """Switch a followed category's alerts; return the subscriber and the notice.

    Raise StaleTap if it is not followed.

    With `only_large` they come for large news only, or for all; None leaves that as it is.
    """
    if slug not in subscriber.taste.follows:
        raise StaleTap(tap.pack())
    subscribers, before = context.services.subscribers, subscriber
    if on:
        await context.readers.before_alert(before)
    subscriber = await subscribers.follow(before.id, slug, alerts=on)
    if not on:
        subscriber = await context.readers.after_alert(subscriber)
    if only_large is not None:
        await subscribers.set_only_large(subscriber.id, slug, on=only_large)
    key = "now_alerted" if on else "now_unalerted"
    if on and slug in await subscribers.only_large(subscriber.id):
        key = "now_alerted_large"
    line = context.label_for(key, subscriber, category=context.category(slug, subscriber))
    return subscriber, with_hours(context, before, subscriber, line)


def with_hours(context: Context, before: Subscriber, after: Subscriber, line: str) -> str:
    """Return the notice of an alert that was switched on, with the quiet hours that it has set."""
    if before.quiet_from is not None or after.quiet_from is None or after.quiet_to is None:
        return line
    start, end = (context.hour(each, after) for each in (after.quiet_from, after.quiet_to))
    gap = context.services.renderer.filters(context.language_for(after)).gap
    return f"{line}{gap}{context.label('now_quiet', after, start=start, end=end)}"


async def member(update: Update, context: Context) -> Subscriber | None:
    """Return who tapped as a subscriber; None if unknown, gone, or without edition and follow."""
    user = update.effective_user
    known = None if user is None else await context.services.subscribers.find(user.id)
    if known is None or known.state is State.GONE:
        return None
    return known if known.place or known.taste.follows_anything else None


async def follow_myself(
    update: Update, context: Context, tap: FollowMyself
) -> str | OpensLink | None:
    """Follow a category for the person who tapped, not for the group."""
    slug = known_category(context, tap).slug
    reader = await member(update, context)
    if reader is None:
        return OpensLink(context.link(f"f-{slug}"))
    if slug in reader.taste.follows:
        name = context.category(slug, reader)
        return context.label("already_followed", reader, category=name)
    return followed(context, await context.readers.follow(reader, slug), slug)


TAPS = (
    on_tap(ShowCategory, show_category),
    on_tap(Follow, follow),
    on_tap(FollowMyself, follow_myself),
    on_tap(Alerts, alerts),
)
