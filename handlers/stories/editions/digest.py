"""`/digest`: an edition now or, with a day, the editions of that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.category_buttons import choose_button
from handlers.buttons.keyboards import button
from handlers.core.administrators import may_choose
from handlers.core.origin import words_of
from handlers.stories.editions.earlier import earlier
from handlers.stories.listing import DEFAULT_SIZE, Listing, listed
from handlers.taps.callback_data import Scope, Turn
from storage.model import DeliveryState, State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber


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
            InlineKeyboardMarkup([[choose_button(context, subscriber)]])
            if await may_choose(update, context)
            else None,
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
            InlineKeyboardMarkup([[button(context.label("latest", subscriber), latest)]]),
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


COMMANDS = {"digest": digest}
