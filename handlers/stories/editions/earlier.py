"""Earlier editions: `/digest yesterday`, `/digest 24 November`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from telegram import InlineKeyboardMarkup

from digest.editions.edition_choice import said_since
from digest.timing.schedule import local_date
from handlers.buttons.keyboards import button, edition_markup, rows
from handlers.core.conversation import on_tap
from handlers.stories.editions.edition import edition_of, with_names
from handlers.taps.callback_data import EarlierEdition
from handlers.typed.parse_days import read_past_day
from storage.model import DeliveryKind, Layout
from templates.rich.front_page import pictured

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Delivery, Edition, Subscriber
    from templates import RenderedMessage

OF_A_DAY = 3
"""The most editions shown of one day: its last ones."""
OFFERED = 8
"""The most days offered if the day that was asked for has no edition."""


class Looks(TypedDict):
    """Arguments of every layout that decide how an edition looks."""

    language: str
    zone: str
    now: datetime
    catch_up: bool


async def earlier(update: Update, context: Context, subscriber: Subscriber, words: str) -> None:
    """Send the editions of a day again, or list the days that have one."""
    today = local_date(context.now, subscriber.zone)
    day = read_past_day(words, subscriber.language, today)
    found = []
    if day is not None:
        found = await context.services.past_editions.on(subscriber, day, OF_A_DAY)
    for row in found:
        await show(update, context, subscriber, row)
    if found:
        return
    latest = await context.services.past_editions.latest(subscriber.id, OFFERED)
    dates = context.services.renderer.filters(subscriber.language).dates
    buttons = (
        button(dates.moment(due, subscriber.zone, context.now), EarlierEdition(number))
        for number, due in latest
    )
    await context.reply(
        update,
        context.render("no_edition_then", subscriber, words=words, day=day, any=bool(latest)),
        InlineKeyboardMarkup(rows(buttons, 2)) if latest else None,
    )


async def earlier_edition(update: Update, context: Context, tap: EarlierEdition) -> str | None:
    """Send the edition that was tapped in the list of days."""
    subscriber = await context.subscriber(update)
    await show(update, context, subscriber, await edition_of(update, context, subscriber, tap))
    return None


async def show(update: Update, context: Context, subscriber: Subscriber, row: Delivery) -> None:
    """Send an edition again with the same stories in the same order."""
    past = context.services.past_editions
    edition = await past.edition(row)
    missing = await past.missing(row, edition)
    if edition.lead is not None:
        ids = [each.article.id for each in edition.stories]
        context.services.memory.note_shown(subscriber, ids, context.now, delivery=row.id)
        renderer = context.services.renderer
        keyboard = edition_markup(renderer, edition, subscriber.language)
        await context.reply(
            update,
            await rendered(context, subscriber, row, edition),
            with_names(context, keyboard, edition, row, subscriber.language),
        )
    if missing:
        await context.reply(
            update, context.render("withdrawn", subscriber, num=missing, due=row.due)
        )


async def rendered(
    context: Context, subscriber: Subscriber, row: Delivery, edition: Edition
) -> RenderedMessage:
    """Return an edition in the layout that it had."""
    renderer = context.services.renderer
    looks: Looks = {
        "language": subscriber.language,
        "zone": subscriber.zone,
        "now": row.due,
        "catch_up": row.kind is DeliveryKind.CATCH_UP,
    }
    private = subscriber.private
    plain = renderer.edition(
        edition, layout=row.layout.plain, private=private, since=said_since(row), **looks
    )
    if row.layout is not Layout.FRONT_PAGE:
        return plain
    page = renderer.front_pages.page(
        edition,
        **looks,
        pictures=await context.services.rich.pictures(pictured(edition, private=private)),
        private=private,
    )
    return replace(plain, rich=page)


TAPS = (on_tap(EarlierEdition, earlier_edition),)
