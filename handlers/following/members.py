"""Taps with which a member of a group follows something in their own private chat.

The answer to the tap is visible to that member only. If the bot does not know the member, the
answer opens their private chat with a link that repeats the request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.word_offers import quoted, refusal
from handlers.core.conversation import OpensLink, on_tap
from handlers.following.category import known_category
from handlers.following.confirmations import followed
from handlers.taps.callback_data import FollowMyself
from handlers.taps.link_payloads import word_link
from storage.model import State
from storage.words.search_words import muted

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber


async def member(update: Update, context: Context) -> Subscriber | None:
    """Return who tapped as a subscriber; None if unknown, gone, or without edition and follow."""
    user = update.effective_user
    known = None if user is None else await context.services.subscribers.find(user.id)
    if known is None or known.state is State.GONE:
        return None
    return known if known.place or known.taste.follows_anything else None


async def follow_myself(
    update: Update, context: Context, tap: FollowMyself
) -> str | OpensLink | None:
    """Follow a category for the person who tapped, not for the group."""
    slug = known_category(context, tap.category, tap).slug
    reader = await member(update, context)
    if reader is None:
        return OpensLink(context.link(f"f-{slug}"))
    if slug in reader.taste.follows:
        name = context.category(slug, reader)
        return context.label("already_followed", reader, category=name)
    return followed(context, await context.readers.follow(reader, slug), slug)


async def follow_word_myself(update: Update, context: Context, word: str) -> str | OpensLink | None:
    """Follow a word or phrase for the person who tapped, not for the group."""
    reader = await member(update, context)
    if reader is not None and muted(word) in reader.taste.sought:
        return context.label("already_followed", reader, category=quoted(context, reader, word))
    if reader is None or refusal(reader, word):
        # The private chat has room to say why the word cannot be followed.
        return OpensLink(context.link(word_link(word)))
    reader = await context.readers.follow_word(reader, word)
    return context.label_for("now_followed", reader, category=quoted(context, reader, word))


TAPS = (on_tap(FollowMyself, follow_myself),)
