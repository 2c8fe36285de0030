"""Taps on the buttons under an edition, except on cards: left-out stories and layouts."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from telegram import InlineKeyboardMarkup, Message

from digest.editions.edition_chooser import MORE
from digest.making.issue import page_blocks, plain_edition
from handlers.buttons.keyboards import button, edition_markup, holds, numbers, replaced
from handlers.buttons.pages import Pages
from handlers.core.conversation import on_tap
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import ChangeForm, KeepForm, LeftOut, WhyThese
from storage.model import Form, Layout
from templates import RenderedMessage
from templates.language.pseudo_categories import over
from templates.rich.front_page import pictured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context, Reply
    from handlers.taps.callback_data import EarlierEdition
    from storage.model import Delivery, Edition, Subscriber
    from templates import RichMessage

    OnEdition: TypeAlias = ChangeForm | LeftOut | WhyThese | EarlierEdition

PER_PAGE = 12
"""Headlines on one page of what an edition left out."""
FURTHEST = 8
"""Number of the last of these pages; /latest and a search find more."""


async def left_out(update: Update, context: Context, tap: LeftOut) -> None:
    """Show a page of what an edition left out, as a new message or in place of another page."""
    subscriber = await context.subscriber(update)
    row = await edition_of(update, context, subscriber, tap)
    if tap.page > FURTHEST:
        raise StaleTap(tap.pack())
    show = context.edit if tap.turn else context.reply
    await show(update, *await left_out_page(context, subscriber, row, tap.page))


async def change_form(update: Update, context: Context, tap: ChangeForm) -> str | None:
    """Make the tapped edition a front page or plain; return why it stays as it is."""
    subscriber = await context.subscriber(update)
    row = await edition_of(update, context, subscriber, tap)
    if tap.front_page:
        return await see_front_page(update, context, subscriber, row, tap)
    if tap.delivery:
        await back_to_plain(update, context, subscriber, row, tap)
        return None
    return await make_plain(update, context, subscriber, row, tap)


async def make_plain(
    update: Update, context: Context, subscriber: Subscriber, row: Delivery, tap: ChangeForm
) -> str | None:
    """Change the front page above the button to the plain edition; send what does not fit below."""
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
    ways = [button(context.label("back", subscriber), ChangeForm(row.id, front_page=True))]
    if subscriber.layout is Layout.FRONT_PAGE:
        ways.append(button(context.label("always_plain", subscriber), KeepForm(front_page=False)))
    keyboard = edition_buttons(context, edition, row, ways)
    await editions.note_form(row, Form.HTML)
    first, rest = plain.parts[:1], plain.parts[1:]
    await context.edit(update, RenderedMessage(first, plain.preview), None if rest else keyboard)
    if rest:
        await context.reply(update, RenderedMessage(rest), keyboard)
    return None


async def see_front_page(
    update: Update, context: Context, subscriber: Subscriber, row: Delivery, tap: ChangeForm
) -> str | None:
    """Change the plain edition above the button to the front page, in place."""
    editions = context.services.past_editions
    if not await editions.is_newest(row):
        # Only a first edition has this button: the newer one cannot be changed in place.
        return context.label("newer_plain_edition", subscriber)
    edition = await editions.edition(row, more=MORE)
    page = await front_page_of(context, row, edition)
    if page is None:
        raise StaleTap(tap.pack())
    await editions.note_form(row, Form.RICH)
    ways = [button(context.label("back", subscriber), ChangeForm(row.id, front_page=False))]
    if subscriber.layout is not Layout.FRONT_PAGE:
        ways.append(button(context.label("always_plain", subscriber), KeepForm(front_page=True)))
    plain = plain_edition(context.services.renderer, edition, row)
    keyboard = edition_buttons(context, edition, row, ways)
    await context.edit(update, replace(plain, parts=plain.parts[-1:], rich=page), keyboard)
    return None


async def back_to_plain(
    update: Update, context: Context, subscriber: Subscriber, row: Delivery, tap: ChangeForm
) -> None:
    """Change the front page above the button back to what its message was."""
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
        see = ChangeForm(row.id, front_page=True)
        keyboard = replaced(
            keyboard, (), [button(context.label("see_front_page", subscriber), see)]
        )
    keyboard = with_names(context, keyboard, edition, row)
    await context.edit(update, RenderedMessage(plain.parts[-1:], preview), keyboard)


async def front_page_of(context: Context, row: Delivery, edition: Edition) -> RichMessage | None:
    """Return a sent edition as a front page, or None if it cannot be one."""
    renderer, rich = context.services.renderer, context.services.rich
    if edition.lead is None or not rich.are_known:
        return None
    pictures = await rich.pictures(pictured(edition, private=row.chat_id > 0))
    return page_blocks(renderer, edition, row, pictures=pictures)


async def keep_form(update: Update, context: Context, tap: KeepForm) -> str | None:
    """Have all later editions as front pages, or plain; take the tapped button away."""
    subscriber = await context.subscriber(update)
    if tap.front_page is not (subscriber.layout is Layout.FRONT_PAGE):
        layout = Layout.FRONT_PAGE if tap.front_page else Layout.SUMMARIES
        await context.readers.change(subscriber, layout=layout)
    if isinstance(update.effective_message, Message):
        await context.edit_keyboard(update, replaced(context.keyboard(update), (KeepForm,), []))
    return context.label("now_plain", await context.subscriber(update))


async def edition_of(
    update: Update, context: Context, subscriber: Subscriber, tap: OnEdition
) -> Delivery:
    """Return the edition that a tap names, or the tapped message's; raise StaleTap if gone."""
    past, message, row = context.services.past_editions, update.effective_message, None
    if tap.delivery:
        row = await past.of(subscriber.id, tap.delivery)
    elif isinstance(message, Message):
        row = await past.sent_as(subscriber.id, message.message_id)
    if row is None:
        raise StaleTap(tap.pack())
    return row


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
    if holds(keyboard, LeftOut):
        below.append(button(renderer.label("more_stories", language), LeftOut(row.id)))
    return replaced(keyboard, (WhyThese, LeftOut), below)


async def left_out_page(
    context: Context, subscriber: Subscriber, row: Delivery, page: int
) -> Reply:
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
    turns = pages.turning(context, subscriber, lambda to: LeftOut(row.id, to, turn=True))
    ids = [story.article.id for _, (_, story) in shown]
    context.services.memory.note_shown(subscriber, ids, context.now, first=pages.first + 1)
    lines = [*numbers(ids, first=pages.first + 1), turns]
    return message, lines


TAPS = (
    on_tap(LeftOut, left_out),
    on_tap(ChangeForm, change_form),
    on_tap(KeepForm, keep_form),
)
