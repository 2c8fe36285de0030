"""`/ahead [category or month]`: the dates ahead, what is followed first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.timing.schedule import local_date
from handlers.buttons.pages import Pages
from handlers.core.conversation import on_tap
from handlers.core.origin import words_of
from handlers.stories.latest import unknown_category
from handlers.taps.amend_data import TurnAhead
from handlers.typed.parse_spans import month_named

if TYPE_CHECKING:
    from datetime import date

    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber, Taste
    from storage.model.desk_model import ComingDate

ON_A_PAGE = 10


async def ahead(update: Update, context: Context) -> None:
    """List the dates ahead: all, those of a category, or those of a month."""
    subscriber, words = await context.subscriber(update), words_of(update)
    category = context.services.taxonomy.find(words) if words else None
    month = None if category is not None else month_named(words, subscriber.language)
    if words and category is None and month is None:
        await context.reply(update, *unknown_category(context, subscriber, words))
        return
    tap = TurnAhead(0, "" if category is None else category.slug, month or 0)
    await context.reply(update, *await _page(context, subscriber, tap))


async def turn(update: Update, context: Context, tap: TurnAhead) -> None:
    """Show another page of the dates in place."""
    await context.edit(update, *await _page(context, await context.subscriber(update), tap))


async def _page(context: Context, subscriber: Subscriber, tap: TurnAhead) -> Reply:
    today = local_date(context.now, subscriber.zone)
    found = wanted(await context.services.desk.dates.ahead(today), subscriber.taste, tap, today)
    pages = Pages.within(tap.page, len(found), ON_A_PAGE)
    message = context.render(
        "ahead",
        subscriber,
        dates=pages.part(found),
        first=pages.first + 1,
        numbered=False,
        today=today,
        named=context.category(tap.category, subscriber) if tap.category else "",
    )
    turning = pages.turning(
        context, subscriber, lambda page: TurnAhead(page, tap.category, tap.month)
    )
    return message, [turning] if turning else None


def wanted(ahead: list[ComingDate], taste: Taste, tap: TurnAhead, today: date) -> list[ComingDate]:
    """Return the dates that a tap asks for, those that are followed and not muted first.

    A month is the next of its name, or the present one; a date may be longer.
    """
    if tap.category:
        ahead = [each for each in ahead if tap.category in each.categories]
    if tap.month:
        year = today.year + (tap.month < today.month)
        month = (year, tap.month)
        ahead = [
            each
            for each in ahead
            if (each.first.year, each.first.month) <= month <= (each.last.year, each.last.month)
        ]
    return sorted(ahead, key=lambda each: not is_followed(each, taste))


def is_followed(coming: ComingDate, taste: Taste) -> bool:
    """Return whether a date is of something that is followed, and of nothing that is muted."""
    muted = not taste.muted_categories.isdisjoint(coming.categories)
    return not muted and not taste.follows.isdisjoint(coming.categories)


COMMANDS = {"ahead": ahead}
TAPS = (on_tap(TurnAhead, turn),)
