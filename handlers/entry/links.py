"""`/links`: the secret link to a chat's editions on a page and in feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton

from handlers.buttons.keyboards import button
from handlers.core.conversation import on_tap
from handlers.core.managing import note_manager
from handlers.core.origin import in_private
from handlers.core.permissions import is_refused
from handlers.entry.help import unknown_command
from handlers.settings.settings import LONGEST_LABEL
from handlers.taps.callback_codec import StaleTap, about
from handlers.taps.callback_data import DropLink, OpenLinks, RenewLink
from storage.model import State
from templates.markup.text import shorten

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Rows
    from handlers.taps.callback_codec import Tap
    from storage.model import Subscriber
    from templates import RenderedMessage

MOST_CHATS = 20
"""Managed chats with a button below one's own link, at most."""


async def links(update: Update, context: Context) -> None:
    """Show whether this chat has a link, with buttons to make, renew and end it."""
    if not context.services.pages_url:
        await unknown_command(update, context)
        return
    subscriber = await context.subscriber(update)
    if await is_refused(update, context, subscriber):
        return
    await note_manager(update, context, subscriber)
    message, rows = await _page(context, subscriber)
    if in_private(update):
        managed = await context.services.managers.managed(subscriber.id)
        there = [each for each in managed if each.subscriber.state is not State.GONE]
        rows = [
            *rows,
            *(
                [
                    InlineKeyboardButton(
                        shorten(each.title, LONGEST_LABEL),
                        callback_data=about(each.subscriber.id, OpenLinks().pack()),
                    )
                ]
                for each in there[:MOST_CHATS]
            ),
        ]
    await context.reply(update, message, rows)


async def open_links(update: Update, context: Context, tap: OpenLinks) -> None:
    """Show the same of a channel, group or topic that the person manages, below the list."""
    await context.reply(update, *await _page(context, await _subscriber(update, context, tap)))


async def renew_link(update: Update, context: Context, tap: RenewLink) -> None:
    """Make a link in place of an earlier one, and show it this once."""
    subscriber = await _subscriber(update, context, tap)
    before = await context.services.page_links.made(subscriber.id)
    secret = await context.services.page_links.renew(subscriber.id, context.now)
    url = f"{context.services.pages_url}/{secret}"
    message = context.render("links", subscriber, made=before, url=url, off=False)
    await context.edit(update, message, _buttons(context, subscriber, has_link=True))


async def drop_link(update: Update, context: Context, tap: DropLink) -> None:
    """Switch the link off."""
    subscriber = await _subscriber(update, context, tap)
    await context.services.page_links.drop(subscriber.id)
    message = context.render("links", subscriber, made=None, url="", off=True)
    await context.edit(update, message, _buttons(context, subscriber, has_link=False))


async def _subscriber(update: Update, context: Context, tap: Tap) -> Subscriber:
    if not context.services.pages_url:
        raise StaleTap(tap.pack())
    return await context.subscriber(update)


async def _page(context: Context, subscriber: Subscriber) -> tuple[RenderedMessage, Rows]:
    made = await context.services.page_links.made(subscriber.id)
    message = context.render("links", subscriber, made=made, url="", off=False)
    return message, _buttons(context, subscriber, has_link=made is not None)


def _buttons(context: Context, subscriber: Subscriber, *, has_link: bool) -> Rows:
    ways = {"new_link": RenewLink(), "drop_link": DropLink()}
    if not has_link:
        ways = {"make_link": RenewLink()}
    return [[button(context.label(key, subscriber), tap) for key, tap in ways.items()]]


COMMANDS = {"links": links}
TAPS = (
    on_tap(OpenLinks, open_links),
    on_tap(RenewLink, renew_link),
    on_tap(DropLink, drop_link),
)
