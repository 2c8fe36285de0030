"""`/desk`: the home page of the desk, one message edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, fitted_rows
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk import dates, journal_page, lists
from handlers.desk.desk import desk_of, on_desk_tap
from handlers.desk.menu import show_menu
from handlers.stories.sharing.known_links import links_in
from handlers.taps.amend_data import AskArticle
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DeskPage, NameMe, OpenDesk
from storage.model.desk_model import EDITABLE
from templates.markup.text import has_words, one_line, units

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from telegram import Message, Update

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
    DeskPage.DATES: dates.page,
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
LONGEST_NAME = 40
"""UTF-16 units of an editor's name at most."""
BEHIND_OTHERS = frozenset({DeskPage.APPROVAL})
"""Pages without a button on the home page: another page leads to them."""
OF_PUBLISHERS = frozenset({DeskPage.APPROVAL, DeskPage.COMPLAINTS, DeskPage.DATES})
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
    own = (await desk.services.editors.names()).get(desk.person_id)
    first_name = "" if own else _first_name(desk)
    if first_name:
        buttons.append(desk.button("call_me", NameMe(asks=False), name=first_name))
    buttons.append(desk.button("other_name" if first_name else "your_name", NameMe(asks=True)))
    message = desk.render("desk", rights=desk.rights, name=own)
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


def _first_name(desk: Desk) -> str:
    user = desk.update.effective_user
    return "" if user is None else _name(user.first_name)


def _name(text: str) -> str:
    """Return a text as an editor's name, or "" if it is none."""
    text = one_line(text)
    return text if has_words(text) and units(text) <= LONGEST_NAME else ""


async def name_me(desk: Desk, tap: NameMe) -> None:
    """Give the editor the first name that Telegram has, or ask for a name."""
    name = _first_name(desk)
    if tap.asks or not name:
        desk.ask(DeskQuestion(DeskSubject.NAME))
        back = [[desk.button("back", OpenDesk(DeskPage.HOME))]]
        await desk.reply(desk.render("desk_ask", what="name", most=LONGEST_NAME), back)
    else:
        await desk.services.editors.call(desk.person_id, name)
        await desk.show(*await home(desk))


async def answer_name(desk: Desk, _asked: DeskQuestion, message: Message) -> bool:
    """Take a text as the editor's name; what becomes a draft is none."""
    if links_in(message) or message.forward_origin is not None or message.text is None:
        desk.drop_question()
        return False
    name = _name(message.text)
    if not name:
        await desk.say("desk_ask", what="name", most=LONGEST_NAME)
        return True
    desk.drop_question()
    await desk.services.editors.call(desk.person_id, name)
    await desk.reply(*await home(desk))
    return True


EDITORS_COMMANDS = {"desk": send_home}
"""Commands for editors only; for anybody else they are unknown."""
TAPS = (on_desk_tap(OpenDesk, open_page), on_desk_tap(NameMe, name_me))
