"""Saving a story, the reading list (`/saved`), and how often the reader's links were opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, Message
from telegram.error import BadRequest, Forbidden

from handlers.buttons.keyboards import button, numbers, replaced
from handlers.core.conversation import known_article, on_tap
from handlers.core.origin import in_private
from handlers.stories.listing import DEFAULT_SIZE, Listing, listed
from handlers.taps.callback_data import Save, Scope, Shared, Turn

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber

MOST_SHARED = 20
PAYLOAD = "saved"
"""Payload of a link that opens the reading list."""


def save_button(
    context: Context, subscriber: Subscriber, article_id: int, *, saved: bool
) -> InlineKeyboardButton:
    """Return the button that saves an article, or takes it off the reading list."""
    label = context.label("unsave" if saved else "save", subscriber)
    return button(label, Save(article_id, on=not saved))


async def save(update: Update, context: Context, tap: Save) -> str | None:
    """Put an article on the reading list of the person who tapped, or take it off."""
    article = await known_article(context, tap)
    subscriber = await context.own(update)
    if tap.on and article.is_withdrawn:
        return context.label("story_withdrawn", subscriber)
    if tap.on:
        await context.services.saved.add(subscriber.id, article.id, context.now)
    else:
        await context.services.saved.remove(subscriber.id, article.id)
    message = update.effective_message
    if isinstance(message, Message) and message.chat.id == subscriber.chat_id:
        # In a group, the card is shared while the reading list is the person's own.
        changed = save_button(context, subscriber, article.id, saved=tap.on)
        await context.edit_keyboard(update, replaced(context.keyboard(update), (Save,), [changed]))
    return context.label("now_saved" if tap.on else "now_unsaved", subscriber)


async def saved(update: Update, context: Context) -> None:
    """Send the person's reading list, the last saved first, always to their private chat."""
    subscriber = await context.own(update)
    user = update.effective_user
    if user is not None and not context.lets_in(user.id):
        # A group may use a private bot though this member of it may not.
        if await context.services.admissions.may_be_refused(user.id):
            message = context.render("private", await context.subscriber(update), id=user.id)
            await context.reply(update, message)
        return
    reply = await listed(context, subscriber, Listing(Scope.SAVED))
    if in_private(update):
        await context.reply(update, *reply)
        return
    sent = True
    try:
        await context.send_to(subscriber.chat_id, *reply)
    except (Forbidden, BadRequest):
        # A bot cannot write to a person who never pressed Start.
        sent = False
    group = await context.subscriber(update)
    url = context.link(PAYLOAD)
    way = InlineKeyboardButton(context.label("reading_list", group), url=url)
    await context.reply(update, context.render("saved_elsewhere", group, sent=sent), [[way]])


async def shared(update: Update, context: Context, _tap: Shared) -> None:
    """Show the articles that a person sent to friends, and how often each link was opened."""
    subscriber = await context.own(update)
    shares = await context.services.shares.of(subscriber.id, MOST_SHARED)
    articles = {
        article.id: article
        for article in await context.services.articles.many([share.article_id for share in shares])
    }
    sent = [(articles[s.article_id], s.opened) for s in shares if s.article_id in articles]
    back = button(context.label("reading_list", subscriber), Turn(Scope.SAVED, "", DEFAULT_SIZE, 0))
    await context.edit(
        update,
        context.render("shared", subscriber, sent=sent),
        [*numbers([article.id for article, _ in sent], width=7), [back]],
    )


COMMANDS = {"saved": saved}
TAPS = (on_tap(Save, save), on_tap(Shared, shared))
