"""`/desk`: the home page of the desk, one message edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, fitted_rows
from handlers.core.editing_rights import rights_of
from handlers.desk import journal_page
from handlers.desk.desk_taps import on_desk_tap
from handlers.desk.drafts import draft_lists
from handlers.desk.menu import show_menu
from handlers.desk.tips import tips_page
from handlers.desk.waiting import waiting_page
from handlers.taps.amend_data import AskArticle
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DeskPage, OpenDesk
from storage.model.desk_model import EDITABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from telegram import Update

    from handlers.core.context import Context, Reply
    from handlers.core.services.desk_services import DeskServices
    from storage.model import Subscriber

PAGES: Mapping[DeskPage, Callable[[Context, Subscriber, int], Awaitable[Reply]]] = {
    DeskPage.WAITING: waiting_page.page,
    DeskPage.APPROVAL: waiting_page.sources_page,
    DeskPage.DRAFTS: draft_lists.drafts_page,
    DeskPage.PUBLISHED: draft_lists.published_page,
    DeskPage.TIPS: tips_page.page,
    DeskPage.JOURNAL: journal_page.page,
}
"""The pages behind the home page, in the order of their buttons.

Each function gets the context, the editor, and the number of the page in a longer list, from 0 on.
"""
COUNTS: Mapping[DeskPage, Callable[[DeskServices], Awaitable[int]]] = {
    DeskPage.WAITING: lambda desk: desk.waiting.count(),
    DeskPage.DRAFTS: lambda desk: desk.drafts.count(EDITABLE),
    DeskPage.TIPS: lambda desk: desk.tips.count(),
}
"""Page → the function that counts what is on it, for its button."""
BEHIND_OTHERS = frozenset({DeskPage.APPROVAL})
"""Pages without a button on the home page: another page leads to them."""
OF_PUBLISHERS = frozenset({DeskPage.APPROVAL})
"""Pages for those who may publish only."""


async def desk(update: Update, context: Context) -> None:
    """Send the home page of the desk."""
    subscriber = await context.subscriber(update)
    await show_menu(context.bot, context.services, subscriber)
    await context.reply(update, *await home(update, context, subscriber))


async def home(update: Update, context: Context, subscriber: Subscriber) -> Reply:
    """Return the home page, with a button for each page."""
    buttons = []
    for page in PAGES:
        if page in BEHIND_OTHERS:
            continue
        count = await COUNTS[page](context.services.desk) if page in COUNTS else 0
        name = context.label(f"desk_{page.name.lower()}", subscriber)
        if count:
            name = context.label("counted", subscriber, text=name, count=count)
        buttons.append(button(name, OpenDesk(page)))
    rights = await rights_of(update, context)
    if rights.publish:
        buttons.append(button(context.label("desk_find", subscriber), AskArticle()))
    message = context.render("desk", subscriber, rights=rights)
    return message, InlineKeyboardMarkup(fitted_rows(buttons))


async def open_page(update: Update, context: Context, tap: OpenDesk) -> str | None:
    """Show a page of the desk in place of the tapped message."""
    subscriber = await context.subscriber(update)
    if tap.page in OF_PUBLISHERS and not (await rights_of(update, context)).publish:
        return context.label("no_right", subscriber)
    if tap.page is DeskPage.HOME:
        reply = await home(update, context, subscriber)
    elif tap.page in PAGES:
        reply = await PAGES[tap.page](context, subscriber, tap.number)
    else:
        raise StaleTap(tap.pack())
    await context.edit(update, *reply)
    return None


EDITORS_COMMANDS = {"desk": desk}
"""Commands for editors only; for anybody else they are unknown."""
TAPS = (on_desk_tap(OpenDesk, open_page),)
