"""`/desk`: the home page of the desk, one message edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, fitted_rows
from handlers.desk import journal_page, lists
from handlers.desk.desk import desk_of, on_desk_tap
from handlers.desk.menu import show_menu
from handlers.taps.amend_data import AskArticle
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DeskPage, OpenDesk
from storage.model.desk_model import EDITABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from telegram import Update

    from handlers.core.context import Context, Reply
    from handlers.core.services.desk_services import DeskServices
    from handlers.desk.desk import Desk

PAGES: Mapping[DeskPage, Callable[[Desk, int], Awaitable[Reply]]] = {
    DeskPage.WAITING: lists.waiting_page,
    DeskPage.APPROVAL: lists.sources_page,
    DeskPage.DRAFTS: lists.drafts_page,
    DeskPage.PUBLISHED: lists.published_page,
    DeskPage.TIPS: lists.tips_page,
    DeskPage.COMPLAINTS: lists.complaints_page,
    DeskPage.JOURNAL: journal_page.page,
}
"""The pages behind the home page, in the order of their buttons.

Each function gets the number of the page in a longer list, from 0 on.
"""
COUNTS: Mapping[DeskPage, Callable[[DeskServices], Awaitable[int]]] = {
    DeskPage.WAITING: lambda desk: desk.waiting.count(),
    DeskPage.DRAFTS: lambda desk: desk.drafts.count(EDITABLE),
    DeskPage.TIPS: lambda desk: desk.tips.count(),
    DeskPage.COMPLAINTS: lambda desk: desk.complaints.count(),
}
"""Page → the function that counts what is on it, for its button."""
BEHIND_OTHERS = frozenset({DeskPage.APPROVAL})
"""Pages without a button on the home page: another page leads to them."""
OF_PUBLISHERS = frozenset({DeskPage.APPROVAL, DeskPage.COMPLAINTS})
"""Pages for those who may publish only."""


async def send_home(update: Update, context: Context) -> None:
    """Send the home page of the desk."""
    desk = await desk_of(update, context)
    await show_menu(context.bot, context.services, desk.editor)
    await desk.reply(*await home(desk))


async def home(desk: Desk) -> Reply:
    """Return the home page, with a button for each page."""
    buttons = []
    for page in PAGES:
        if page in BEHIND_OTHERS or (page in OF_PUBLISHERS and not desk.rights.publish):
            continue
        count = await COUNTS[page](desk.services) if page in COUNTS else 0
        name = desk.label(f"desk_{page.name.lower()}")
        if count:
            name = desk.label("counted", text=name, num=count)
        buttons.append(button(name, OpenDesk(page)))
    if desk.rights.publish:
        buttons.append(desk.button("desk_find", AskArticle()))
    message = desk.render("desk", rights=desk.rights)
    return message, InlineKeyboardMarkup(fitted_rows(buttons))


async def open_page(desk: Desk, tap: OpenDesk) -> str | None:
    """Show a page of the desk in place of the tapped message."""
    if tap.page in OF_PUBLISHERS and not desk.rights.publish:
        return desk.label("no_right")
    if tap.page is DeskPage.HOME:
        reply = await home(desk)
    elif tap.page in PAGES:
        reply = await PAGES[tap.page](desk, tap.number)
    else:
        raise StaleTap(tap.pack())
    await desk.show(*reply)
    return None


EDITORS_COMMANDS = {"desk": send_home}
"""Commands for editors only; for anybody else they are unknown."""
TAPS = (on_desk_tap(OpenDesk, open_page),)
