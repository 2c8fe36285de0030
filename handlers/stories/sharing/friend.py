"""Stories opened by a friend's link, and the buttons that lead on from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.follow_buttons import follow_button
from handlers.buttons.keyboards import button, holds, source_button
from handlers.stories.article import card_rows, leading_category, read_button, what_editors_say
from handlers.stories.listing import DEFAULT_SIZE
from handlers.stories.reports import seen
from handlers.stories.sharing.share_links import mark_of, sender_of
from handlers.taps.callback_data import Follow, Scope, SetUp, Turn
from templates.rich.pictured_text import below_its_picture

if TYPE_CHECKING:
    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context
    from storage.model import Article, Share, Subscriber


async def show_story(
    update: Update, context: Context, subscriber: Subscriber, article: Article, code: str | None
) -> None:
    """Show a link's story, and count the opening; `code` is None if no friend sent it."""
    corrected, reason = await what_editors_say(context, article)
    context.services.memory.read.put(subscriber.chat_id, article.id, context.now)
    share = await sent_by(context, code, article.id) if code else None
    own = share is not None and share.subscriber_id == subscriber.id
    if newcomer(subscriber):
        keyboard = await landing_rows(context, subscriber, article)
        # Put the follow button below the first row, which reads the story.
        keyboard[1:1] = follow_row(context, subscriber, article)
    else:
        every = await context.services.articles.of_events([article.event])
        event = seen(article, every, subscriber.taste)
        keyboard = await card_rows(context, subscriber, article, reports=len(event))
        if not holds(keyboard, Follow):
            keyboard += follow_row(context, subscriber, article)
    card = context.render(
        "friend_card",
        subscriber,
        article=article,
        by_friend=share is not None and not own,
        now=context.now,
        corrected=corrected,
        reason=reason,
    )
    card = below_its_picture(card, article, private=subscriber.private)
    await context.reply(update, card, keyboard)
    if share is not None and not own:
        mark = mark_of(context.bot.token, share.code, subscriber.chat_id)
        await context.services.shares.opened(share.code, mark)


async def landing_rows(
    context: Context, subscriber: Subscriber, article: Article
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons for a newcomer: read the story, or set up an edition."""
    first = [
        *await read_button(context, subscriber, article),
        *source_button(context.label("open_source", subscriber), article),
    ]
    if article.is_withdrawn:
        first = []
    return [line for line in (first, [set_up_button(context, subscriber)]) if line]


def follow_row(
    context: Context, subscriber: Subscriber, article: Article
) -> list[list[InlineKeyboardButton]]:
    """Return the row that follows the story's leading category; empty if it has no category."""
    if not article.categories:
        return []
    return [[follow_button(context, subscriber, leading_category(context, article))]]


async def story_gone(update: Update, context: Context, subscriber: Subscriber) -> None:
    """Say that a link's story is no longer in the archive, and offer the latest news."""
    latest = Turn(Scope.ALL, "", DEFAULT_SIZE, 0)
    keyboard = [[button(context.label("latest", subscriber), latest)]]
    if newcomer(subscriber):
        keyboard.append([set_up_button(context, subscriber)])
    await context.reply(update, context.render("link_to_nothing", subscriber), keyboard)


def set_up_button(context: Context, subscriber: Subscriber) -> InlineKeyboardButton:
    """Return the button that begins the newcomer's journey."""
    return button(context.label("set_up", subscriber), SetUp())


def newcomer(subscriber: Subscriber) -> bool:
    """Return whether a subscriber has had no edition yet, so that the journey is not over."""
    return subscriber.place == 0


async def sent_by(context: Context, code: str, article_id: int) -> Share | None:
    """Return the share with this code for this article, or None."""
    services = context.services
    share = await services.shares.find(code)
    if share is not None:
        return share if share.article_id == article_id else None
    sender = sender_of(context.bot.token, code, article_id)
    if sender is None or await services.subscribers.get(sender) is None:
        return None
    return await services.shares.link(sender, article_id, context.now)
