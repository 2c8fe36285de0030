"""Taps on the buttons under an edition, except on cards: left-out stories and layouts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, Message

from digest.making.edition_chooser import MORE
from digest.making.issue import page_blocks, plain_edition
from handlers.buttons.keyboards import button, edition_markup, holds, numbers, replaced
from handlers.buttons.pages import Pages
from handlers.core.conversation import on_tap
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    AlwaysFrontPage,
    AlwaysPlain,
    BackToPlain,
    CannotSee,
    LeftOut,
    MoreOfEarlier,
    MoreStories,
    SeeFrontPage,
    WhyThese,
)
from storage.model import Form, Layout
from templates import RenderedMessage
from templates.language.pseudo_categories import over
from templates.rich.front_page import pictured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Delivery, Edition, Subscriber
    from templates import RichMessage

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
    """Show another page of what an edition left out."""
    subscriber = await context.subscriber(update)
    row = await named_edition(context, subscriber, tap.delivery, tap)
    if tap.page > FURTHEST:
        raise StaleTap(tap.pack())
    await context.edit(update, *await left_out_page(context, subscriber, row, tap.page))
    return None


async def make_plain(update: Update, context: Context, tap: CannotSee) -> str | None:
    """Change the front page above the button to the plain edition; send what does not fit below."""
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
    plain = plain_edition(context.services.renderer, edition, row)
    ways = [button(context.label("back", subscriber), SeeFrontPage(row.id))]
    if subscriber.layout is Layout.FRONT_PAGE:
        ways.append(button(context.label("always_plain", subscriber), AlwaysPlain()))
    keyboard = edition_buttons(context, edition, row, ways)
    await editions.note_form(row, Form.HTML)
    first, rest = plain.parts[:1], plain.parts[1:]
    await context.edit(update, RenderedMessage(first, plain.preview), None if rest else keyboard)
    if rest:
        await context.reply(update, RenderedMessage(rest), keyboard)
    return None


async def see_front_page(update: Update, context: Context, tap: SeeFrontPage) -> str | None:
    """Change the plain edition above the button to the front page, in place."""
    subscriber = await context.subscriber(update)
    row = await edition_of(update, context, subscriber, tap)
    editions = context.services.past_editions
    if not await editions.is_newest(row):
        # Only a first edition has this button: the newer one cannot be changed in place.
        return context.label("newer_plain_edition", subscriber)
    edition = await editions.edition(row, more=MORE)
    page = await front_page_of(context, row, edition)
    if page is None:
        raise StaleTap(tap.pack())
    await editions.note_form(row, Form.RICH)
    ways = [button(context.label("back", subscriber), BackToPlain(row.id))]
    if subscriber.layout is not Layout.FRONT_PAGE:
        ways.append(button(context.label("always_plain", subscriber), AlwaysFrontPage()))
    plain = plain_edition(context.services.renderer, edition, row)
    keyboard = edition_buttons(context, edition, row, ways)
    await context.edit(update, replace(plain, parts=plain.parts[-1:], rich=page), keyboard)
    return None


async def back_to_plain(update: Update, context: Context, tap: BackToPlain) -> str | None:
    """Change the front page above the button back to what its message was."""
    subscriber = await context.subscriber(update)
    row = await named_edition(context, subscriber, tap.delivery, tap)
    edition = await context.services.past_editions.edition(row)
    if edition.lead is None:
        raise StaleTap(tap.pack())
    await context.services.past_editions.note_form(row, Form.HTML)
    renderer = context.services.renderer
    plain = plain_edition(renderer, edition, row)
    preview = plain.preview if len(plain.parts) == 1 else None
    first = not row.place_from
    keyboard = edition_markup(renderer, edition, row.language, first=first)
    if not first:
        see = button(context.label("see_front_page", subscriber), SeeFrontPage(row.id))
        keyboard = replaced(keyboard, (), [see])
    keyboard = with_names(context, keyboard, edition, row)
    await context.edit(update, RenderedMessage(plain.parts[-1:], preview), keyboard)
    return None


async def front_page_of(context: Context, row: Delivery, edition: Edition) -> RichMessage | None:
    """Return a sent edition as a front page, or None if it cannot be one."""
    renderer, rich = context.services.renderer, context.services.rich
    if edition.lead is None or not rich.are_known:
        return None
    pictures = await rich.pictures(pictured(edition, private=row.chat_id > 0))
    return page_blocks(renderer, edition, row, pictures=pictures)


async def always_plain(update: Update, context: Context, _tap: AlwaysPlain) -> str | None:
    """Set the layout of all later editions to plain summaries."""
    subscriber = await context.subscriber(update)
    if subscriber.layout is Layout.FRONT_PAGE:
        await context.readers.change(subscriber, layout=Layout.SUMMARIES)
    return await always_like_this(update, context, AlwaysPlain)


async def always_front_page(update: Update, context: Context, _tap: AlwaysFrontPage) -> str | None:
    """Have all editions as front pages from now on."""
    subscriber = await context.subscriber(update)
    await context.readers.change(subscriber, layout=Layout.FRONT_PAGE)
    return await always_like_this(update, context, AlwaysFrontPage)


async def always_like_this(update: Update, context: Context, tapped: type[Tap]) -> str:
    """Remove the tapped button, and return a notice that later editions are plain."""
    if isinstance(update.effective_message, Message):
        await context.edit_keyboard(update, replaced(context.keyboard(update), (tapped,), []))
    return context.label("now_plain", await context.subscriber(update))


async def edition_of(
    update: Update, context: Context, subscriber: Subscriber, tap: SeeFrontPage
) -> Delivery:
    """Return the edition that a tap names, or the tapped message's; raise StaleTap if gone."""
    if tap.delivery:
        return await named_edition(context, subscriber, tap.delivery, tap)
    return await edition_above(update, context, subscriber, tap)


def edition_buttons(
    context: Context, edition: Edition, row: Delivery, ways: Sequence[InlineKeyboardButton]
) -> InlineKeyboardMarkup:
    """Return the buttons under an edition whose message was changed, with a row of further ones."""
    keyboard = edition_markup(context.services.renderer, edition, row.language)
    return replaced(with_names(context, keyboard, edition, row), (), ways)


def with_names(
    context: Context,
    keyboard: InlineKeyboardMarkup,
    edition: Edition,
    row: Delivery,
    language: str = "",
) -> InlineKeyboardMarkup:
    """Return an edition's keyboard with its id, for a message that the ledger does not know."""
    renderer, language = context.services.renderer, language or row.language
    label = renderer.label("why_these", language, num=len(edition.stories))
    below = [button(label, WhyThese(row.id))]
    if holds(keyboard, MoreStories):
        below.append(button(renderer.label("more_stories", language), MoreOfEarlier(row.id)))
    return replaced(keyboard, (WhyThese, MoreStories), below)


async def edition_above(
    update: Update, context: Context, subscriber: Subscriber, tap: Tap
) -> Delivery:
    """Return the edition in the tapped message; raise StaleTap if the ledger no longer has it."""
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
    """Return the edition with this id; raise StaleTap if it is gone or another subscriber's."""
    row = await context.services.past_editions.of(subscriber.id, delivery_id)
    if row is None:
        raise StaleTap(tap.pack())
    return row


async def left_out_page(
    context: Context, subscriber: Subscriber, row: Delivery, page: int
) -> tuple[RenderedMessage, InlineKeyboardMarkup | None]:
    """Return one page of what an edition left out, by category; pages count from 0."""
    sections = await context.services.past_editions.others(row)
    private = subscriber.private
    every = [
        (over(section.category, private=private), story)
        for section in sections
        for story in section.stories
    ]
    pages = Pages(page, min(len(every), (FURTHEST + 1) * PER_PAGE), PER_PAGE)
    shown = list(enumerate(pages.part(every), start=pages.first + 1))
    message = context.render(
        "left_out",
        subscriber,
        due=row.due,
        sections=[
            (category, [(number, story) for number, (_, story) in under])
            for category, under in groupby(shown, lambda each: each[1][0])
        ],
    )
    turns = pages.turning(context, subscriber, partial(LeftOut, row.id))
    ids = [story.article.id for _, (_, story) in shown]
    context.services.memory.note_shown(subscriber, ids, context.now, first=pages.first + 1)
    lines = [*numbers(ids, first=pages.first + 1), turns]
    filled = [line for line in lines if line]
    return message, InlineKeyboardMarkup(filled) if filled else None


TAPS = (
    on_tap(MoreStories, more_stories),
    on_tap(MoreOfEarlier, more_of_earlier),
    on_tap(LeftOut, left_out),
    on_tap(CannotSee, make_plain),
    on_tap(AlwaysPlain, always_plain),
    on_tap(SeeFrontPage, see_front_page),
    on_tap(BackToPlain, back_to_plain),
    on_tap(AlwaysFrontPage, always_front_page),
)
