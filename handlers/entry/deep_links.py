"""Handlers of deep links into the bot: `https://t.me/NAME?start=…`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.account.privacy import PRIVACY_PAYLOAD, privacy
from handlers.chats.channels import group_payload, opened_group
from handlers.following.category import one
from handlers.following.picker import show_picker
from handlers.following.words import follow_words
from handlers.following.yours_page import about_story
from handlers.settings.settings import send_sheet
from handlers.stories import complaints, saved
from handlers.stories.sharing.friend import newcomer, set_up_button, show_story, story_gone
from handlers.stories.sharing.known_links import known_story
from handlers.taps.callback_codec import from_base36
from handlers.taps.link_payloads import linked_word, word_payload
from templates.rich.page_blocks import SETTINGS_PAYLOAD

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber

article_payload = re.compile(r"a(?P<article>[0-9a-z]{1,6})(?:-(?P<code>[A-Za-z0-9]{1,32}))?")
about_payload = re.compile(r"l(?P<article>[0-9a-z]{1,6})")
complaint_payload = re.compile(r"x(?P<article>[0-9a-z]{1,6})")
own_article_payload = re.compile(r"n[0-9a-z]{1,6}")
category_payload = re.compile(r"(?P<what>[cf])-(?P<category>[a-z0-9-]{1,60})")


async def opened_link(
    update: Update, context: Context, subscriber: Subscriber, payload: str
) -> bool:
    """Show what a deep link points to; return False if it points to nothing that can be shown."""
    if payload == SETTINGS_PAYLOAD and not newcomer(subscriber):
        # Every front page ends with this link, and a front page may have been forwarded to anyone.
        await send_sheet(update, context, subscriber)
        return True
    if payload == PRIVACY_PAYLOAD:
        await privacy(update, context)
        return True
    if payload == saved.PAYLOAD:
        await saved.saved(update, context)
        return True
    ways = (
        (article_payload, opened_article),
        (category_payload, opened_category),
        (about_payload, opened_article),
        (complaint_payload, opened_article),
        (own_article_payload, opened_own_article),
        (word_payload, opened_word),
        (group_payload, opened_group),
    )
    for pattern, opened in ways:
        if match := pattern.fullmatch(payload):
            return await opened(update, context, subscriber, match)
    return False


def shown_only(payload: str) -> str:
    """Return a payload that shows what a link shows but changes nothing; empty if there is none.

    Used for links in messages that another person wrote: a link that follows becomes a link that
    only shows the category.
    """
    if category_payload.fullmatch(payload):
        return f"c{payload[1:]}"
    shows = any(
        each.fullmatch(payload) for each in (article_payload, about_payload, own_article_payload)
    )
    return payload if shows or payload in {SETTINGS_PAYLOAD, saved.PAYLOAD, PRIVACY_PAYLOAD} else ""


async def opened_article(
    update: Update, context: Context, subscriber: Subscriber, match: re.Match[str]
) -> bool:
    """Show a story, or say that it is gone; return False if the link's number is too large."""
    try:
        article = await context.services.articles.get(from_base36(match["article"]))
    except ValueError:
        return False
    if article is None:
        await story_gone(update, context, subscriber)
    elif match.re is complaint_payload and await complaints.may_complain(context, article):
        await context.reply(update, *complaints.question(context, subscriber, article))
    elif match.re is about_payload:
        await context.reply(update, *await about_story(context, subscriber, article))
    else:
        await show_story(update, context, subscriber, article, match.groupdict().get("code"))
    return True


async def opened_own_article(
    update: Update, context: Context, subscriber: Subscriber, match: re.Match[str]
) -> bool:
    """Show an article of the bot's own, which has this link as its address."""
    article = await known_story(context, [context.link(match[0])])
    if article is None:
        await story_gone(update, context, subscriber)
    else:
        await show_story(update, context, subscriber, article, None)
    return True


async def opened_category(
    update: Update, context: Context, subscriber: Subscriber, match: re.Match[str]
) -> bool:
    """Show a category's news, and follow it if the link asks; return False if there is none."""
    category = context.services.taxonomy.categories.get(match["category"])
    if category is None:
        return False
    if match["what"] == "f":
        subscriber = await context.readers.follow(subscriber, category.slug)
    message, keyboard = await one(context, subscriber, category.slug)
    if newcomer(subscriber):
        keyboard = [*keyboard, [set_up_button(context, subscriber)]]
    await context.reply(update, message, keyboard)
    return True


async def opened_word(
    update: Update, context: Context, subscriber: Subscriber, match: re.Match[str]
) -> bool:
    """Follow a link's word in the private chat of who opened it; return False if it has none."""
    try:
        word = linked_word(match)
    except ValueError:
        return False
    await follow_words(update, context, subscriber, word)
    if newcomer(subscriber):
        await show_picker(update, context, subscriber, journey=True)
    return True
