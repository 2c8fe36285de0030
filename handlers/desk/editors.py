"""`/editors`: operators list, add and remove editors, and give each one right or both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, MessageOriginHiddenUser, MessageOriginUser
from telegram.error import BadRequest, Forbidden

from handlers.buttons.keyboards import button, chosen, fitted_rows
from handlers.core.origin import words_of
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk import desk_of, on_operator_tap
from handlers.desk.menu import show_menu
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import AskEditor, OpenEditor, OpenEditors, SetRights
from handlers.typed.message_words import words_in
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, Rights

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context, Reply
    from handlers.desk.desk import Desk
    from storage.model.desk_model import Editor

PERSON = re.compile(r"[1-9]\d{0,15}")
MOST_LISTED = 40
"""Editors listed with a button each, so that the message stays within Telegram's limits."""


async def editors(update: Update, context: Context) -> None:
    """List the editors, or add the person whose id is typed or whose message is replied to."""
    desk = await desk_of(update, context)
    replied = update.message.reply_to_message if update.message is not None else None
    words = words_of(update)
    if words:
        await _add(desk, _typed(words))
    elif replied is not None and replied.forward_origin is not None:
        await _add(desk, _author(replied))
    else:
        await desk.reply(*await _list(desk))


async def _list(desk: Desk) -> Reply:
    services = desk.services
    found = (await services.editors.all())[:MOST_LISTED]
    names = await services.rights.names()
    message = desk.render(
        "editors",
        editors=found,
        names=names,
        named=sorted(services.rights.named),
        operators=sorted(desk.context.services.people.admins),
    )
    buttons = [
        button(names.get(each.person_id, number), OpenEditor(number))
        for each in found
        if (number := str(each.person_id))
    ]
    add = [desk.button("add_editor", AskEditor())]
    return message, InlineKeyboardMarkup([*fitted_rows(buttons), add])


async def open_list(desk: Desk, _tap: OpenEditors) -> None:
    """Show the list of editors in place."""
    await desk.show(*await _list(desk))


async def ask_whom(desk: Desk, _tap: AskEditor) -> None:
    """Ask whom to add; the next text or forwarded message is the answer."""
    desk.ask(DeskQuestion(DeskSubject.EDITOR))
    await desk.say("editor_added", outcome="whom", id=0)


async def answer_whom(desk: Desk, _asked: DeskQuestion, message: Message) -> bool:
    """Take a text or a forwarded message as the answer to whom to add.

    Return False, and take nothing, if the person is no operator any more.
    """
    if desk.person_id not in desk.context.services.people.admins:
        desk.drop_question()
        return False
    forwarded = message.forward_origin is not None
    await _add(desk, _author(message) if forwarded else _typed(words_in(message)))
    return True


def _typed(words: str) -> int | str:
    """Return the id that a text is, or `whom` if it is none."""
    return int(words) if PERSON.fullmatch(words.strip()) else "whom"


def _author(message: Message) -> int | str:
    """Return the id of a forwarded message's author, or why there is none: `hidden` or `nobody`."""
    origin = message.forward_origin
    if isinstance(origin, MessageOriginUser):
        return "nobody" if origin.sender_user.is_bot else origin.sender_user.id
    return "hidden" if isinstance(origin, MessageOriginHiddenUser) else "nobody"


async def _add(desk: Desk, whom: int | str) -> None:
    services = desk.services
    if isinstance(whom, str):
        await desk.say("editor_added", outcome=whom, id=0)
        return
    desk.drop_question()
    if whom in services.rights.always or await services.editors.rights(whom):
        outcome = "already"
    else:
        await services.editors.give(whom, ALL_RIGHTS, by=desk.person_id, now=desk.now)
        outcome = "added" if await _tell(desk.context, whom) else "start first"
    known = await _editor(desk, whom)
    keyboard = [[button(str(whom), OpenEditor(str(whom)))]] if known is not None else []
    message = desk.render("editor_added", outcome=outcome, id=whom)
    await desk.reply(message, InlineKeyboardMarkup(keyboard))


async def _tell(context: Context, whom: int) -> bool:
    """Tell a new editor where the desk is; return False if the bot may not write there yet."""
    known = await context.services.subscribers.find(whom)
    if known is None:
        return False
    try:
        await context.send_to(whom, context.render("editor_welcome", known))
    except (Forbidden, BadRequest):
        return False
    await show_menu(context.bot, context.services, known)
    return True


async def open_one(desk: Desk, tap: OpenEditor) -> None:
    """Show one editor's rights in place."""
    found = await _editor(desk, _person(tap))
    if found is None:
        raise StaleTap(tap.pack())
    await desk.show(*await _one(desk, found))


async def set_rights(desk: Desk, tap: SetRights) -> str | None:
    """Set one editor's rights, and show them, or the list if the person is removed."""
    whom, rights = _person(tap), Rights(write=tap.write, publish=tap.publish)
    if await _editor(desk, whom) is None:
        raise StaleTap(tap.pack())
    await desk.services.editors.give(whom, rights, by=desk.person_id, now=desk.now)
    found = await _editor(desk, whom)
    services = desk.context.services
    known = await services.subscribers.find(whom)
    if known is not None and not rights:
        await show_menu(desk.context.bot, services, known)
    await desk.show(*(await (_list(desk) if found is None else _one(desk, found))))
    return None if rights else desk.label("editor_removed")


async def _one(desk: Desk, editor: Editor) -> Reply:
    choices = {
        "right_write": Rights(write=True),
        "right_both": ALL_RIGHTS,
        "right_publish": Rights(publish=True),
        "remove_editor": NO_RIGHTS,
    }
    lines = [
        [
            button(
                chosen(desk.label(key), when=editor.rights == each),
                SetRights(str(editor.person_id), each.write, each.publish),
            )
        ]
        for key, each in choices.items()
    ]
    back = [desk.button("back", OpenEditors())]
    name = (await desk.services.editors.names()).get(editor.person_id)
    message = desk.render("editor", editor=editor, name=name)
    return message, InlineKeyboardMarkup([*lines, back])


async def _editor(desk: Desk, person_id: int) -> Editor | None:
    found = await desk.services.editors.all()
    return next((each for each in found if each.person_id == person_id), None)


def _person(tap: OpenEditor | SetRights) -> int:
    if not PERSON.fullmatch(tap.person):
        raise StaleTap(tap.pack())
    return int(tap.person)


OPERATORS_COMMANDS = {"editors": editors}
"""Commands for operators only; for anybody else they are unknown."""
TAPS = (
    on_operator_tap(OpenEditors, open_list),
    on_operator_tap(AskEditor, ask_whom),
    on_operator_tap(OpenEditor, open_one),
    on_operator_tap(SetRights, set_rights),
)
