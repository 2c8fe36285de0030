"""Taps on the buttons under an edition, except on cards: left-out stories and layouts."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, Message

from digest.making.issue import plain_edition
from handlers.buttons.keyboards import button, edition_markup, numbers, replaced, turning
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AlwaysPlain, LeftOut, MoreStories
from storage.model import ChatKind, Layout
from templates import RenderedMessage
from templates.language.followed_words import over

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from handlers.taps.callback_data import CannotSee, MoreOfEarlier
    from storage.model import Delivery, Subscriber

PER_PAGE = 12
"""Headlines on one page of what an edition left out."""
FURTHEST = 8
"""Number of the last of these pages; /latest and a search find more."""


async def more_stories(update: Update, context: Context, tap: MoreStories) -> str | None:
    """Send what the edition above the button left out, as a new message."""
    subscriber = await context.subscriber(update)
    row = await edition_above(update, context, subscriber, tap)
    await context.reply(update, *await left_out_page(context, subscriber, row, 0))
    return None


async def more_of_earlier(update: Update, context: Context, tap: MoreOfEarlier) -> str | None:
    """Send what an edition left out that was itself sent again, as a new message."""
    subscriber = await context.subscriber(update)
    row = await named_edition(context, subscriber, tap.delivery, tap)
    await context.reply(update, *await left_out_page(context, subscriber, row, 0))
    return None


async def left_out(update: Update, context: Context, tap: LeftOut) -> str | None:
    """Show another page of what an edition left out.

    Raises:
        StaleTap: The edition is gone, or there is no such page.
    """
    subscriber = await context.subscriber(update)
    row = await named_edition(context, subscriber, tap.delivery, tap)
    if tap.page > FURTHEST:
        raise StaleTap(tap.pack())
    await context.edit(update, *await left_out_page(context, subscriber, row, tap.page))
    return None


async def make_plain(update: Update, context: Context, tap: CannotSee) -> str | None:
    """Change the front page above the button to the plain edition.

    What does not fit into that message is sent below it.
    """
    subscriber = await context.subscriber(update)
    row = await edition_above(update, context, subscriber, tap)
    editions = context.services.past_editions
    if not await editions.is_newest(row):
        return context.label("newer_edition", subscriber)
    message = update.effective_message
    if isinstance(message, Message) and message.text:
        return context.label("is_plain", subscriber)
    edition = await editions.edition(row)
    if edition.lead is None:
        raise StaleTap(tap.pack())
    renderer = context.services.renderer
    plain = plain_edition(renderer, edition, row)
    keyboard = edition_markup(renderer, edition, row.language)
    if subscriber.layout is Layout.FRONT_PAGE:
        always = button(context.label("always_plain", subscriber), AlwaysPlain())
        keyboard = replaced(keyboard, (), [always])
    first, rest = plain.parts[:1], plain.parts[1:]
    await context.edit(update, RenderedMessage(first, plain.preview), None if rest else keyboard)
    if rest:
        await context.reply(update, RenderedMessage(rest), keyboard)
    return None


async def always_plain(update: Update, context: Context, _tap: AlwaysPlain) -> str | None:
    """Set the layout of all later editions to plain summaries."""
    subscriber = await context.subscriber(update)
    if subscriber.layout is Layout.FRONT_PAGE:
        subscriber = await context.readers.change(subscriber, layout=Layout.SUMMARIES)
    message = update.effective_message
    if isinstance(message, Message):
        await context.edit_keyboard(update, replaced(context.keyboard(update), (AlwaysPlain,), []))
    return context.label("now_plain", subscriber)


async def edition_above(
    update: Update, context: Context, subscriber: Subscriber, tap: Tap
) -> Delivery:
    """Return the edition in the message of the tapped button.

    Raises:
        StaleTap: The ledger no longer has it.
    """
    message = update.effective_message
    row = None
    if isinstance(message, Message):
        row = await context.services.past_editions.sent_as(subscriber.id, message.message_id)
    if row is None:
        raise StaleTap(tap.pack())
    return row


async def named_edition(
    context: Context, subscriber: Subscriber, delivery_id: int, tap: Tap
) -> Delivery:
    """Return the edition with the id in a tap.

    Raises:
        StaleTap: The ledger no longer has it, or it belongs to another subscriber.
    """
    row = await context.services.past_editions.of(subscriber.id, delivery_id)
    if row is None:
        raise StaleTap(tap.pack())
    return row


async def left_out_page(
    context: Context, subscriber: Subscriber, row: Delivery, page: int
) -> tuple[RenderedMessage, InlineKeyboardMarkup | None]:
    """Return one page of what an edition left out, by category; pages count from 0."""
    sections = await context.services.past_editions.others(row)
    private = subscriber.kind is ChatKind.PRIVATE
    every = [
        (over(section.category, private=private), story)
        for section in sections
        for story in section.stories
    ]
    first = page * PER_PAGE
    shown = list(enumerate(islice(every, first, first + PER_PAGE), start=first + 1))
    message = context.render(
        "left_out",
        subscriber,
        due=row.due,
        sections=[
            (category, [(number, story) for number, (_, story) in under])
            for category, under in groupby(shown, lambda each: each[1][0])
        ],
    )
    goes_on = first + PER_PAGE < len(every) and page < FURTHEST
    turns = turning(
        context,
        subscriber,
        back=LeftOut(row.id, page - 1) if page else None,
        on=LeftOut(row.id, page + 1) if goes_on else None,
    )
    ids = [story.article.id for _, (_, story) in shown]
    lines = [*numbers(ids, first=first + 1), turns]
    filled = [line for line in lines if line]
    return message, InlineKeyboardMarkup(filled) if filled else None
