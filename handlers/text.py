"""Text that is no command: the answer to an open question, a category, or words to search for."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from digest.schedule import local_date
from handlers import settings, start
from handlers.administrators import may_choose
from handlers.callback_data import SearchThis
from handlers.category import one
from handlers.conversation import in_turn
from handlers.keyboards import button
from handlers.latest import near_rows
from handlers.memory import Awaited
from handlers.message_words import words_in
from handlers.open_questions import await_text, open_question
from handlers.origin import in_private
from handlers.parse_input import read_date, read_minute
from handlers.search import LONGEST
from handlers.update_kinds import addressed
from handlers.word_offers import offered
from handlers.words import typed_follow
from handlers.zones import zone_of_location

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context
    from storage.model import Subscriber


_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


async def text(update: Update, context: Context) -> None:
    """Take a text for what it most likely is."""
    message = update.message
    written = words_in(message) if message is not None else ""
    if message is None or not written or not addressed(message, context.bot):
        return
    words = " ".join(without_name(written, context.bot.username).split())
    subscriber = await context.subscriber(update)
    awaited = open_question(update, context)
    if awaited is not None and words and await may_choose(update, context):
        async with in_turn(update, context):
            await answered(update, context, subscriber, awaited, words)
        return
    category = context.services.taxonomy.find(words) if words else None
    if category is not None:
        await context.reply(update, *await one(context, subscriber, category.slug))
        return
    searchable = bool(words) and len(words) <= LONGEST
    near = near_rows(context, subscriber, words) if searchable else []
    keyboard = [
        *near,
        [button(context.label("search_this", subscriber), SearchThis())],
        *offered(context, subscriber, words),
    ]
    await context.reply(
        update,
        context.render(
            "unknown_text", subscriber, words=words, searchable=searchable, near=bool(near)
        ),
        InlineKeyboardMarkup(keyboard) if searchable else None,
        # The button reads the words there.
        to=message.message_id,
    )


async def answered(
    update: Update, context: Context, subscriber: Subscriber, awaited: Awaited, words: str
) -> None:
    """Take a text as the answer to the question that is open."""
    if awaited in {Awaited.HOUR, Awaited.EVENING, Awaited.JOURNEY_HOUR}:
        minute = read_minute(words)
        if minute is None:
            await context.reply(update, context.render("which_hour", subscriber, words=words))
        elif awaited is Awaited.HOUR:
            await settings.typed_minute(update, context, subscriber, minute)
        elif awaited is Awaited.EVENING:
            await settings.typed_evening(update, context, subscriber, minute)
        else:
            await start.typed_hour(update, context, subscriber, minute)
    elif awaited is Awaited.CITY:
        await settings.typed_city(update, context, subscriber, words)
    elif awaited is Awaited.JOURNEY_CITY:
        await start.typed_city(update, context, subscriber, words)
    elif awaited is Awaited.WORD:
        await settings.typed_word(update, context, subscriber, words)
    elif awaited is Awaited.FOLLOW_WORD:
        await typed_follow(update, context, subscriber, words)
    else:
        today = local_date(context.now, subscriber.zone)
        day = read_date(words, subscriber.language, today)
        if day is None:
            await context.reply(
                update, context.render("which_date", subscriber, words=words, now=context.now)
            )
        else:
            await settings.typed_date(update, context, subscriber, day)


async def location(update: Update, context: Context) -> None:
    """A place that was shared, for its time zone; the place itself is not kept."""
    if not in_private(update):
        return
    subscriber = await context.subscriber(update)
    zone = await zone_of_location(update, context, subscriber)
    if zone is None:
        return
    async with in_turn(update, context):
        if open_question(update, context) is Awaited.JOURNEY_CITY or subscriber.place == 0:
            await start.finish(update, context, subscriber, zone, tapped=False)
        else:
            await_text(update, context, None)
            await settings.located(update, context, subscriber, zone)


async def anything_else(update: Update, context: Context) -> None:
    """A picture, a sticker, a voice: nothing that can be answered, which is worth saying."""
    if in_private(update):
        subscriber = await context.subscriber(update)
        await context.reply(
            update,
            context.render("unknown_text", subscriber, words="", searchable=False, near=False),
        )


def without_name(words: str, username: str) -> str:
    """A text without the bot's own name, by which it was addressed in a group.

    Args:
        words: The text.
        username: The name, without its `@`: Latin letters, digits and `_`.
    """
    name = f"@{username}"
    # Letter by letter: `ß` in small or folded letters could be two, and the name stand elsewhere.
    start_ = words.translate(_SMALL).find(name.translate(_SMALL))
    return words if start_ < 0 else words[:start_] + words[start_ + len(name) :]
