"""`/saved`: the reading list, and how often the links that one sent were opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.callback_data import Scope, Shared, Turn
from handlers.keyboards import button, numbers
from handlers.listing import DEFAULT_SIZE, Listing, listed

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context

MOST_SHARED = 20


async def saved(update: Update, context: Context) -> None:
    """The reading list of whoever asks, the last saved first."""
    subscriber = await context.own(update)
    await context.reply(update, *await listed(context, subscriber, Listing(Scope.SAVED)))


async def shared(update: Update, context: Context, _tap: Shared) -> str | None:
    """Which articles one sent to friends, and how often each link was opened; never by whom."""
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
        context.render("shared", subscriber, sent=sent, now=context.now),
        InlineKeyboardMarkup([*numbers([article.id for article, _ in sent], width=7), [back]]),
    )
    return None
