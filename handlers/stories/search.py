"""`/search words`: a search of titles, standfirsts and bodies in the whole archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import Message

from handlers.core.conversation import on_tap
from handlers.core.origin import words_of
from handlers.stories.listing import Listing, listed
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import Scope, SearchThis
from handlers.typed.message_words import after_command, sentence_in, words_in
from handlers.typed.plain_words import unquoted
from handlers.typed.requests import read_request
from handlers.typed.wishes import wishes_in

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context

LONGEST = 200
"""The most characters of a search; Telegram itself allows 4,096."""


async def search(update: Update, context: Context) -> None:
    """Answer `/search`: search for the words after the command."""
    await find(update, context, unquoted(words_of(update)))


async def find(update: Update, context: Context, words: str, asked: Message | None = None) -> None:
    """Send the articles that match, as a reply to the message with the words, or to the update's.

    The buttons that turn pages read the words there, so they work at any later time.
    """
    asked = asked or update.effective_message
    to = asked.message_id if asked is not None else None
    subscriber = await context.subscriber(update)
    if not words or len(words) > LONGEST:
        await context.reply(
            update, context.render("search_how", subscriber, long=bool(words), most=LONGEST)
        )
        return
    wanted = Listing(Scope.SEARCH, query=words)
    await context.reply(update, *await listed(context, subscriber, wanted), to=to)
    lists, key = context.services.memory.lists, (subscriber.chat_id, subscriber.thread_id)
    shown = lists.get(key, context.now)
    if shown is not None:
        lists.put(key, shown._replace(asked=to), context.now)


async def of_days(update: Update, context: Context) -> None:
    """Answer a sentence such as “this week”: list everything since the day that it names."""
    message = update.effective_message
    if message is not None:
        await find(update, context, unquoted(sentence_in(message, context.bot.username)))


def query_of(update: Update, context: Context) -> str:
    """Return the words that the tapped message replies to; empty if they are gone or too long.

    In a group, the bot's name and the words of a request are left out.
    """
    message = update.callback_query.message if update.callback_query else None
    asked = message.reply_to_message if isinstance(message, Message) else None
    if asked is None:
        return ""
    text = words_in(asked)
    if text.startswith("/"):
        words = unquoted(after_command(text))
    else:
        words = query_in(sentence_in(asked, context.bot.username), context)
    return words if len(words) <= LONGEST else ""


def query_in(sentence: str, context: Context) -> str:
    """Return what a sentence searches for: the words of its request, or its wish with its days."""
    taxonomy = context.services.taxonomy
    request = read_request(sentence, lambda name: taxonomy.find(name) is not None)
    wishes = wishes_in(sentence, taxonomy)
    if not wishes or wishes[0].kind != "news" or (request.kind == "search" and not wishes[0].exact):
        return request.searched
    return wishes[0].query


async def search_this(update: Update, context: Context, tap: SearchThis) -> None:
    """Search for a typed text that named no category or command."""
    words = query_of(update, context)
    query = update.callback_query
    if not words or query is None or not isinstance(query.message, Message):
        raise StaleTap(tap.pack())
    await find(update, context, words, query.message.reply_to_message)


COMMANDS = {"search": search}
TAPS = (on_tap(SearchThis, search_this),)
