"""`/latest [n] [category]`: the newest headlines at any time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from handlers.buttons.follow_buttons import near_categories, near_rows
from handlers.core.conversation import on_tap
from handlers.core.origin import words_of
from handlers.stories.listing import DEFAULT_SIZE, MOST, Listing, checked, listed
from handlers.stories.search import query_of
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import Scope, Turn

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from news.filing.taxonomy import Taxonomy
    from storage.model import Subscriber

whole_number = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, slots=True)
class LatestRequest:
    """The number and category that `/latest` was given."""

    size: int = DEFAULT_SIZE
    category: str = ""
    """Slug of the category; empty for everything."""
    unknown: str = ""
    """Words that name no category."""
    out_of_range: bool = False
    """Whether the number was not between 1 and 20, or there were several numbers."""


def read_latest_request(words: str, taxonomy: Taxonomy) -> LatestRequest:
    """Read a number from 1 to 20 and a category, in either order; both are optional."""
    known = taxonomy.find(words) if words else None
    if known is not None:
        # A category's name may contain a number.
        return LatestRequest(category=known.slug)
    parts = words.split()
    found = [part for part in parts if whole_number.fullmatch(part)]
    if len(found) > 1:
        return LatestRequest(out_of_range=True)
    size = DEFAULT_SIZE
    if found:
        # A longer number is out of range anyway.
        size = int(found[0]) if len(found[0]) < 6 else 0
        if not 1 <= size <= MOST:
            return LatestRequest(out_of_range=True)
        parts.remove(found[0])
    rest = " ".join(parts)
    if not rest:
        return LatestRequest(size)
    known = taxonomy.find(rest)
    return LatestRequest(size, unknown=rest) if known is None else LatestRequest(size, known.slug)


async def latest(update: Update, context: Context) -> None:
    """List the newest articles of everything or of one category."""
    subscriber = await context.subscriber(update)
    request = read_latest_request(words_of(update), context.services.taxonomy)
    await context.reply(update, *await granted(context, subscriber, request))


async def granted(context: Context, subscriber: Subscriber, request: LatestRequest) -> Reply:
    """Return the list for a request, or a message that says what can be asked for."""
    if request.out_of_range:
        return context.render("latest_range", subscriber, most=MOST), None
    if request.unknown:
        return unknown_category(context, subscriber, request.unknown)
    scope = Scope.CATEGORY if request.category else Scope.ALL
    return await listed(context, subscriber, Listing(scope, request.category, request.size))


def unknown_category(context: Context, subscriber: Subscriber, words: str) -> Reply:
    """Return a message that no category has this name, with the closest ones as buttons."""
    near = near_categories(context, words)
    message = context.render("unknown_category", subscriber, words=words, near=near)
    keyboard = near_rows(context, subscriber, near)
    return message, keyboard


async def turn(update: Update, context: Context, tap: Turn) -> None:
    """Show another page of a list, or a list of another scope, in place."""
    wanted = checked(Listing(tap.scope, tap.category, tap.size, tap.offset), context)
    if tap.scope is Scope.SEARCH:
        # A button has no room for the words; they are in the message that the list replies to.
        query = query_of(update, context)
        if not query:
            raise StaleTap(tap.pack())
        wanted = replace(wanted, query=query)
    personal = tap.scope is Scope.SAVED
    subscriber = await (context.own(update) if personal else context.subscriber(update))
    await context.edit(update, *await listed(context, subscriber, wanted))


COMMANDS = {"latest": latest}
TAPS = (on_tap(Turn, turn),)
