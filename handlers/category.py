"""`/category`: the picker, one category, and following, muting and alerts in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.callback_codec import StaleTap, Tap
from handlers.callback_data import Alerts, Follow, Pick, Picked, PickPage, Scope, ShowCategory
from handlers.keyboards import button, holds, replaced, rows, turning
from handlers.latest import unknown_category
from handlers.listing import Listing, category_row, follow_button, listed
from handlers.origin import words_of
from handlers.yours_data import OpenScale
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Message as TelegramMessage
    from telegram import Update

    from handlers.context import Context
    from handlers.listing import Reply
    from storage.model import Category, Subscriber

PER_PAGE = 14
"""Categories on one page of the picker, two in a row."""
KINDS = {
    Kind.SECTION: "sections",
    Kind.MARKET: "markets",
    Kind.HOUSE: "houses",
    Kind.GROUP: "groups",
}
"""Each kind's tab, and the key of its label."""


async def category(update: Update, context: Context) -> None:
    """The picker, or what is new in the category that is named."""
    subscriber = await context.subscriber(update)
    words = words_of(update)
    if not words:
        await show_picker(update, context, subscriber, journey=False)
        return
    known = context.services.taxonomy.find(words)
    if known is None:
        await context.reply(update, *unknown_category(context, subscriber, words))
    else:
        await context.reply(update, *await one(context, subscriber, known.slug))


async def one(context: Context, subscriber: Subscriber, slug: str) -> Reply:
    """What is new in one category."""
    return await listed(context, subscriber, Listing(Scope.CATEGORY, slug))


async def show_category(update: Update, context: Context, tap: ShowCategory) -> str | None:
    """One category in place of the message that offered it."""
    known = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    await context.edit(update, *await one(context, subscriber, known.slug))
    return None


async def show_picker(
    update: Update, context: Context, subscriber: Subscriber, *, journey: bool
) -> TelegramMessage:
    """The picker as a message of its own; in the journey it greets."""
    return await context.reply(
        update,
        context.render("start" if journey else "picker", subscriber),
        await picker(context, subscriber, Kind.SECTION, 0, journey=journey),
    )


async def picker(
    context: Context, subscriber: Subscriber, kind: Kind, page: int, *, journey: bool
) -> InlineKeyboardMarkup:
    """One page of the picker: tap to follow, tap again to unfollow, pages by kind."""
    counts = await context.services.week_counts.get(context.services.articles, context.now)
    of_kind = context.services.taxonomy.by_kind(kind)
    shown = of_kind[page * PER_PAGE : (page + 1) * PER_PAGE]
    lines: list[Sequence[InlineKeyboardButton]] = [
        *rows((tab(context, subscriber, other, kind, journey=journey) for other in KINDS), 2),
        *rows((pick(context, subscriber, c, counts, journey=journey) for c in shown), 2),
    ]
    goes_on = (page + 1) * PER_PAGE < len(of_kind)
    turns = turning(
        context,
        subscriber,
        back=PickPage(kind, page - 1, journey) if page else None,
        on=PickPage(kind, page + 1, journey) if goes_on else None,
    )
    if turns:
        lines.append(turns)
    if journey:
        key = "done" if subscriber.taste.follows else "choose_for_me"
        lines.append([button(context.label(key, subscriber), Picked())])
    return InlineKeyboardMarkup(lines)


def tab(
    context: Context, subscriber: Subscriber, kind: Kind, current: Kind, *, journey: bool
) -> InlineKeyboardButton:
    """The button that opens a kind, marked when it is open."""
    name = context.label(KINDS[kind], subscriber)
    return button(f"· {name} ·" if kind is current else name, PickPage(kind, 0, journey))


def pick(
    context: Context,
    subscriber: Subscriber,
    category_: Category,
    counts: dict[str, int],
    *,
    journey: bool,
) -> InlineKeyboardButton:
    """A category in the picker, with how many stories it had this week.

    The button says which state it wants, so that a double tap is the same as one.
    """
    slug = category_.slug
    followed = slug in subscriber.taste.follows
    mark = "✓ " if followed else "🔇 " if slug in subscriber.taste.muted_categories else ""
    count = f" · {counts[slug]}" if counts.get(slug) else ""
    name = context.category(slug, subscriber)
    return button(f"{mark}{name}{count}", Pick(slug, not followed, journey))


async def pick_page(update: Update, context: Context, tap: PickPage) -> str | None:
    """Another page of the picker. From anywhere else the message becomes the picker."""
    of_kind = context.services.taxonomy.by_kind(tap.kind)
    if tap.page * PER_PAGE >= max(len(of_kind), 1):
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    await context.edit(
        update,
        context.render("start" if tap.journey else "picker", subscriber),
        await picker(context, subscriber, tap.kind, tap.page, journey=tap.journey),
    )
    return None


async def picked(update: Update, context: Context, tap: Pick) -> str | None:
    """Follow a category or leave it, in the picker."""
    known = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    subscriber = await context.readers.follow(subscriber, known.slug, on=tap.on)
    page = context.services.taxonomy.by_kind(known.kind).index(known) // PER_PAGE
    await context.edit_keyboard(
        update, await picker(context, subscriber, known.kind, page, journey=tap.journey)
    )
    return confirmation(
        context, subscriber, known.slug, "now_followed" if tap.on else "now_unfollowed"
    )


async def follow(update: Update, context: Context, tap: Follow) -> str | None:
    """Follow a category or leave it, under a list or a card."""
    known = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    subscriber = await context.readers.follow(subscriber, known.slug, on=tap.on)
    await change_row(update, context, subscriber, known.slug, alerts=False)
    return confirmation(
        context, subscriber, known.slug, "now_followed" if tap.on else "now_unfollowed"
    )


async def alerts(update: Update, context: Context, tap: Alerts) -> str | None:
    """Switch the alerts of a category that is followed."""
    known = known_category(context, tap.category, tap)
    subscriber = await context.subscriber(update)
    if known.slug not in subscriber.taste.follows:
        raise StaleTap(tap.pack())
    await context.services.subscribers.follow(subscriber.id, known.slug, alerts=tap.on)
    await change_row(update, context, subscriber, known.slug, alerts=tap.on)
    return confirmation(
        context, subscriber, known.slug, "now_alerted" if tap.on else "now_unalerted"
    )


async def change_row(
    update: Update, context: Context, subscriber: Subscriber, slug: str, *, alerts: bool
) -> None:
    """Bring the buttons for a category up to date, and leave all others as they are."""
    message = update.effective_message
    if message is None:
        raise ValueError("only a tapped message has buttons to change")
    markup = message.reply_markup
    if holds(markup, OpenScale):
        row = category_row(context, subscriber, slug, alerts=alerts)
    else:
        # A story and a search only offer to follow.
        row = [follow_button(context, subscriber, slug)]
    await context.edit_keyboard(update, replaced(markup, (Follow, OpenScale, Alerts), row))


def known_category(context: Context, slug: str, tap: Tap) -> Category:
    """The category that a tap names.

    Raises:
        StaleTap: the taxonomy has no such category, or none any more.
    """
    known = context.services.taxonomy.categories.get(slug)
    if known is None:
        raise StaleTap(tap.pack())
    return known


def confirmation(context: Context, subscriber: Subscriber, slug: str, key: str) -> str:
    """What stands beside the button for a moment."""
    return context.label(key, subscriber, category=context.category(slug, subscriber))
