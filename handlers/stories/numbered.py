"""A story opened by its number, typed alone or as a reply; “more” and “why these” likewise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.core.origin import in_private
from handlers.stories import latest
from handlers.stories.article import show_card
from handlers.stories.editions import why
from handlers.stories.editions.edition import left_out_page
from handlers.stories.listing import FURTHEST, Listing, listed
from handlers.stories.sharing.friend import story_gone
from handlers.taps.callback_codec import StaleTap, bare
from handlers.taps.callback_data import OpenCard, WhyThese
from handlers.typed.plain_words import command_of, plain
from handlers.typed.story_numbers import story_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram import InlineKeyboardMarkup, Message, Update

    from handlers.core.context import Context
    from handlers.core.services.memory import ShownList
    from storage.model import Delivery, Subscriber


async def answer_shown(
    update: Update, context: Context, subscriber: Subscriber, words: str
) -> bool:
    """Open the story with a typed number; in a group, also answer “more” and “why these”.

    The number is one of the message that is replied to, or else of the list or edition that came
    last. In a group only a reply to the bot counts. Return False if the words are no such thing, or
    if nothing with numbers was shown.
    """
    if not in_private(update):
        if replied_to(update, context) is None:
            return False
        handler = {"more": more, "why": why_typed}.get(command_of(words) or "")
        if handler is not None:
            await handler(update, context)
            return True
    number = story_number(words)
    if number is None:
        return False
    shown = await articles_shown(update, context, subscriber)
    if not shown or (number not in shown and not plain(words).isdecimal()):
        return False
    if number not in shown:
        line = context.label("numbers_shown", subscriber, first=min(shown), last=max(shown))
        await context.reply(update, context.render("done", subscriber, line=line))
        return True
    article = await context.services.articles.get(shown[number])
    if article is None:
        await story_gone(update, context, subscriber)
    else:
        await show_card(update, context, subscriber, article)
    return True


def replied_to(update: Update, context: Context) -> Message | None:
    """Return the bot's message that a text replies to, or None.

    In a forum every message replies to the first one of its topic, which does not count.
    """
    message = update.message
    replied = message.reply_to_message if message is not None else None
    if replied is None or replied.from_user is None or replied.forum_topic_created:
        return None
    return replied if replied.from_user.id == context.bot.id else None


async def articles_shown(
    update: Update, context: Context, subscriber: Subscriber
) -> Mapping[int, int]:
    """Return the numbers that a text may mean with the articles' ids; empty if there are none."""
    replied = replied_to(update, context)
    if replied is not None:
        shown = numbers_on(replied.reply_markup)
        if shown or not in_private(update):
            return shown
    last, row = await last_shown(update, context, subscriber)
    if row is not None:
        edition = await context.services.past_editions.edition(row)
        return {n: each.article.id for n, each in enumerate(edition.stories, start=1)}
    return last.articles if last is not None else {}


def numbers_on(keyboard: InlineKeyboardMarkup | None) -> Mapping[int, int]:
    """Return the articles that a keyboard's buttons open, by number; a lone one has number 1."""
    found: dict[int, int] = {}
    for each in (each for line in keyboard.inline_keyboard for each in line) if keyboard else ():
        data = each.callback_data
        if isinstance(data, str) and OpenCard.matches(data):
            try:
                article = OpenCard.unpack(bare(data)).article
            except StaleTap:
                continue
            found[int(each.text) if each.text.isdecimal() else 1] = article
    return found


async def last_shown(
    update: Update, context: Context, subscriber: Subscriber
) -> tuple[ShownList | None, Delivery | None]:
    """Return the list that a text is about, or else the edition: as replied to, or the last."""
    past = context.services.past_editions
    replied = replied_to(update, context)
    if replied is not None:
        row = await past.sent_as(subscriber.id, replied.message_id)
        if row is not None:
            return None, row
    key = (subscriber.chat_id, subscriber.thread_id)
    shown = context.services.memory.lists.get(key, context.now)
    newest = await past.latest(subscriber.id, 1)
    if newest and (shown is None or newest[0][1] > shown.at):
        return None, await past.of(subscriber.id, newest[0][0])
    if shown is not None and shown.delivery:
        return None, await past.of(subscriber.id, shown.delivery)
    return shown, None


async def more(update: Update, context: Context) -> None:
    """Send the last list's next page, or what the last edition left out, or the latest news."""
    subscriber = await context.subscriber(update)
    shown, row = await last_shown(update, context, subscriber)
    if row is not None and await context.services.past_editions.others(row):
        await context.reply(update, *await left_out_page(context, subscriber, row, 0))
        return
    wanted = shown.wanted if shown is not None else None
    if shown is not None and isinstance(wanted, Listing):
        on = replace(wanted, offset=wanted.offset + wanted.size)
        if len(shown.articles) == wanted.size and on.offset < FURTHEST:
            reply = await listed(context, subscriber, on)
            await context.reply(update, *reply, to=shown.asked)
            return
        line = context.label("list_ends", subscriber)
        await context.reply(update, context.render("done", subscriber, line=line))
        return
    await latest.latest(update, context)


async def why_typed(update: Update, context: Context) -> None:
    """Send the reasons for the last edition or the one replied to; without any, the latest news."""
    subscriber = await context.subscriber(update)
    _, row = await last_shown(update, context, subscriber)
    if row is not None:
        await why.why_these(update, context, WhyThese(row.id))
        return
    for delivery, _ in await context.services.past_editions.latest(subscriber.id, 1):
        await why.why_these(update, context, WhyThese(delivery))
        return
    await latest.latest(update, context)
