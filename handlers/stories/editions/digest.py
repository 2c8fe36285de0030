"""`/digest`: an edition now or, with a day, the editions of that day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.making.issue import plain_edition
from digest.timing.schedule import local_date
from handlers.buttons.follow_buttons import choose_button
from handlers.buttons.keyboards import button, edition_markup, rows
from handlers.core.conversation import on_tap
from handlers.core.origin import words_of
from handlers.core.permissions import may_choose
from handlers.stories.editions.edition import edition_of, front_page_of, with_names
from handlers.stories.listing import DEFAULT_SIZE, Listing, listed
from handlers.taps.callback_data import EarlierEdition, Scope, Turn
from handlers.typed.parse_days import read_past_day
from storage.model import DeliveryState, Layout, State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Delivery, Edition, Subscriber
    from templates import RenderedMessage


class EditionFailedError(Exception):
    """Raised if an edition that a reader asked for could not be sent; the ledger has the cause."""

    def __init__(self, subscriber_id: int) -> None:
        super().__init__(f"the edition of subscriber {subscriber_id} could not be sent")
        self.subscriber_id = subscriber_id


async def digest(update: Update, context: Context) -> None:
    """Send an edition of what is new, or say since when nothing is; with a day, send that day's.

    In a group only administrators may ask for an edition, because the next one does not repeat its
    stories. Other members get a list of the latest news that the group follows.
    """
    subscriber = await context.subscriber(update)
    words = words_of(update)
    if words:
        await earlier(update, context, subscriber, words)
        return
    if not subscriber.taste.follows_anything:
        await context.reply(
            update,
            context.render("nothing_followed", subscriber),
            [[choose_button(context, subscriber)]] if await may_choose(update, context) else None,
        )
        return
    if not await may_choose(update, context):
        await context.reply(update, *await listed(context, subscriber, Listing(Scope.FOLLOWS)))
        return
    state = await context.services.sender.deliver_now(subscriber, context.now)
    if state is DeliveryState.SENT:
        # A number that is typed now is one of the edition's.
        context.services.memory.lists.drop((subscriber.chat_id, subscriber.thread_id))
        return
    if state is DeliveryState.SKIPPED:
        # An edition with the news may be on its way; then nothing is new since that edition.
        await context.services.past_editions.all_written(subscriber.id)
        had = await context.services.past_editions.latest(subscriber.id, 1)
        latest = Turn(Scope.FOLLOWS, "", DEFAULT_SIZE, 0)
        await context.reply(
            update,
            context.render(
                "nothing_new",
                subscriber,
                since=had[0][1] if had else None,
                now=context.now,
            ),
            [[button(context.label("latest", subscriber), latest)]],
        )
        return
    await later(update, context, subscriber, state)


async def first_edition(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Send the edition that ends the newcomer's journey, or the latest news if there is none."""
    state = DeliveryState.SKIPPED
    if subscriber.taste.follows_anything:
        # Leave out the story that a friend's link opened just before.
        read = context.services.memory.read.get(subscriber.chat_id, context.now)
        state = await context.services.sender.deliver_now(subscriber, context.now, read=read)
    if state is DeliveryState.SKIPPED:
        scope = Scope.FOLLOWS if subscriber.taste.follows_anything else Scope.ALL
        await context.reply(update, *await listed(context, subscriber, Listing(scope)))
    elif state is DeliveryState.SENT:
        context.services.memory.lists.drop((subscriber.chat_id, subscriber.thread_id))
    else:
        await later(update, context, subscriber, state)


async def later(
    update: Update, context: Context, subscriber: Subscriber, state: DeliveryState
) -> None:
    """Say that an edition has to wait because of Telegram; raise EditionFailedError if it failed.

    Nothing is said in a chat to which the bot may no longer write.
    """
    if state is DeliveryState.FAILED:
        now = await context.services.subscribers.get(subscriber.id)
        if now is not None and now.state is State.GONE:
            return
        raise EditionFailedError(subscriber.id)
    await context.reply(update, context.render("edition_later", subscriber))


OF_A_DAY = 3
"""The most editions shown of one day: its last ones."""
OFFERED = 8
"""The most days offered if the day that was asked for has no edition."""


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
        rows(buttons, 2),
    )


async def earlier_edition(update: Update, context: Context, tap: EarlierEdition) -> None:
    """Send the edition that was tapped in the list of days."""
    subscriber = await context.subscriber(update)
    await show(update, context, subscriber, await edition_of(update, context, subscriber, tap))


async def show(update: Update, context: Context, subscriber: Subscriber, row: Delivery) -> None:
    """Send an edition again with the same stories in the same order."""
    past = context.services.past_editions
    edition = await past.edition(row)
    missing = await past.missing(row, edition)
    if edition.lead is not None:
        ids = [each.article.id for each in edition.stories]
        context.services.memory.note_shown(subscriber, ids, context.now, delivery=row.id)
        keyboard = edition_markup(context.services.renderer, edition, subscriber.language)
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
    """Return an edition in the layout that it had, in the reader's present language and zone."""
    row = replace(row, language=subscriber.language, zone=subscriber.zone)
    plain = plain_edition(context.services.renderer, edition, row)
    if row.layout is not Layout.FRONT_PAGE:
        return plain
    return replace(plain, rich=await front_page_of(context, row, edition))


COMMANDS = {"digest": digest}
TAPS = (on_tap(EarlierEdition, earlier_edition),)
