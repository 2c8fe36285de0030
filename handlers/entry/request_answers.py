"""Answers to requests in plain sentences: news of a category, a search, a mute, a new hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.administrators import is_refused, may_choose
from handlers.entry.typed_changes import (
    change_category,
    drop_typed,
    follow_typed,
    mute_typed,
    pause_typed,
    rank_typed,
)
from handlers.following import category
from handlers.settings import settings
from handlers.settings.declared import HOUR
from handlers.stories import search
from handlers.taps.callback_data import Sheet
from handlers.typed.plain_words import command_of
from storage.words.search_words import muted

OF_SUBJECTS = frozenset({"follow", "unfollow", "off", "less", "more", "mute", "unmute"})
"""Requests that change what a reader gets of a category."""

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.typed.requests import TypedRequest
    from storage.model import Category, Subscriber


def is_known(context: Context, subscriber: Subscriber, name: str) -> bool:
    """Return whether a name is that of a category, or of a word that the subscriber follows."""
    return (
        context.services.taxonomy.find(name) is not None or muted(name) in subscriber.taste.sought
    )


async def answer_request(
    update: Update, context: Context, subscriber: Subscriber, request: TypedRequest
) -> bool:
    """Do what a sentence asks for; return False if it asks for nothing or cannot be done.

    In a group only administrators may change what the group gets.
    """
    named = context.services.taxonomy.find(request.words) if request.words else None
    kind = request.kind
    if kind in {"news", "want"}:
        await show_news(update, context, subscriber, request, named)
    elif kind == "search":
        await searched(update, context, request)
    elif kind in OF_SUBJECTS and await is_refused(update, context, subscriber):
        return True
    elif kind in OF_SUBJECTS and named is not None:
        await change_category(update, context, subscriber, kind, named.slug)
    elif kind == "follow":
        return await follow_typed(update, context, subscriber, request)
    elif kind in {"off", "unfollow"}:
        await drop_typed(update, context, subscriber, request.words)
    elif kind in {"more", "less"}:
        await rank_typed(update, context, subscriber, request.words, more=kind == "more")
    elif kind in {"mute", "unmute"}:
        await mute_typed(update, context, subscriber, request.words, on=kind == "mute")
    else:
        return await changed(update, context, subscriber, request)
    return True


async def show_news(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    request: TypedRequest,
    named: Category | None,
) -> None:
    """Send the news of the named category, or search for the words if no category has that name."""
    if named is None:
        await searched(update, context, request)
    else:
        await context.reply(update, *await category.one(context, subscriber, named.slug))


async def searched(update: Update, context: Context, request: TypedRequest) -> None:
    """Search the archive for the words of a request, and send the results."""
    message = update.effective_message
    to = message.message_id if message is not None else None
    await search.find(update, context, request.words, to=to)


async def changed(
    update: Update, context: Context, subscriber: Subscriber, request: TypedRequest
) -> bool:
    """Change the hour or the pause as the sentence says, or show the page of languages.

    Return False if the writer may not change this chat, or if the value could not be read.
    """
    if not await may_choose(update, context):
        return False
    if request.kind == "hour":
        return await settings.typed_value(update, context, subscriber, HOUR, request.words)
    if request.kind == "pause":
        return await pause_typed(update, context, subscriber, request.words)
    if request.kind == "language" and command_of(request.words) == "language":
        await settings.sheet_below(update, context, Sheet.LANGUAGE)
    else:
        return False
    return True
