"""`/editors`: operators list, add and remove editors, and give each one right or both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, MessageOriginHiddenUser, MessageOriginUser
from telegram.error import BadRequest, Forbidden

from handlers.buttons.keyboards import CHOSEN, button, fitted_rows
from handlers.core.origin import words_of
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk_taps import on_operator_tap
from handlers.desk.menu import show_menu
from handlers.desk.open_question import ask, drop_question
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import AskEditor, OpenEditor, OpenEditors, SetRights
from handlers.typed.message_words import words_in
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, Rights

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber
    from storage.model.desk_model import Editor

PERSON = re.compile(r"[1-9]\d{0,15}")
MOST_LISTED = 40
"""Editors listed with a button each, so that the message stays within Telegram's limits."""


async def editors(update: Update, context: Context) -> None:
    """List the editors, or add the person whose id is typed or whose message is replied to."""
    subscriber = await context.subscriber(update)
    replied = update.message.reply_to_message if update.message is not None else None
    words = words_of(update)
    if words:
        await _add(update, context, subscriber, _typed(words))
    elif replied is not None and replied.forward_origin is not None:
        await _add(update, context, subscriber, _author(replied))
    else:
        await context.reply(update, *await _list(context, subscriber))


async def _list(context: Context, subscriber: Subscriber) -> Reply:
    desk = context.services.desk
    found = (await desk.editors.all())[:MOST_LISTED]
    message = context.render(
        "editors",
        subscriber,
        editors=found,
        named=sorted(desk.rights.named),
        operators=sorted(context.services.people.admins),
    )
    buttons = [button(str(each.person_id), OpenEditor(str(each.person_id))) for each in found]
    add = [button(context.label("add_editor", subscriber), AskEditor())]
    return message, InlineKeyboardMarkup([*fitted_rows(buttons), add])


async def open_list(update: Update, context: Context, _tap: OpenEditors) -> str | None:
    """Show the list of editors in place."""
    await context.edit(update, *await _list(context, await context.subscriber(update)))
    return None


async def ask_whom(update: Update, context: Context, _tap: AskEditor) -> str | None:
    """Ask whom to add; the next text or forwarded message is the answer."""
    subscriber = await context.subscriber(update)
    ask(update, context, DeskQuestion(DeskSubject.EDITOR))
    await context.reply(update, context.render("editor_added", subscriber, outcome="whom", id=0))
    return None


async def answer_whom(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Take a text or a forwarded message as the answer to whom to add."""
    user = update.effective_user
    if user is None or user.id not in context.services.people.admins:
        drop_question(update, context)
        return False
    forwarded = message.forward_origin is not None
    whom = _author(message) if forwarded else _typed(words_in(message))
    await _add(update, context, subscriber, whom)
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


async def _add(update: Update, context: Context, subscriber: Subscriber, whom: int | str) -> None:
    desk = context.services.desk
    if isinstance(whom, str):
        message = context.render("editor_added", subscriber, outcome=whom, id=0)
        await context.reply(update, message)
        return
    drop_question(update, context)
    if whom in desk.rights.always or await desk.editors.rights(whom):
        outcome = "already"
    else:
        await desk.editors.give(whom, ALL_RIGHTS, by=subscriber.chat_id, now=context.now)
        outcome = "added" if await _tell(context, whom) else "start first"
    message = context.render("editor_added", subscriber, outcome=outcome, id=whom)
    known = await _editor(context, whom)
    keyboard = [[button(str(whom), OpenEditor(str(whom)))]] if known is not None else []
    await context.reply(update, message, InlineKeyboardMarkup(keyboard))


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


async def open_one(update: Update, context: Context, tap: OpenEditor) -> str | None:
    """Show one editor's rights in place."""
    found = await _editor(context, _person(tap.person, tap))
    if found is None:
        raise StaleTap(tap.pack())
    await context.edit(update, *_one(context, await context.subscriber(update), found))
    return None


async def set_rights(update: Update, context: Context, tap: SetRights) -> str | None:
    """Set one editor's rights, and show them, or the list if the person is removed."""
    whom, desk = _person(tap.person, tap), context.services.desk
    subscriber = await context.subscriber(update)
    rights = Rights(write=tap.write, publish=tap.publish)
    if await _editor(context, whom) is None:
        raise StaleTap(tap.pack())
    await desk.editors.give(whom, rights, by=subscriber.chat_id, now=context.now)
    found = await _editor(context, whom)
    known = await context.services.subscribers.find(whom)
    if known is not None and not rights:
        await show_menu(context.bot, context.services, known)
    reply = await _list(context, subscriber) if found is None else _one(context, subscriber, found)
    await context.edit(update, *reply)
    return None if rights else context.label("editor_removed", subscriber)


def _one(context: Context, subscriber: Subscriber, editor: Editor) -> Reply:
    rights, person = editor.rights, str(editor.person_id)
    choices = {
        "right_write": Rights(write=True),
        "right_both": ALL_RIGHTS,
        "right_publish": Rights(publish=True),
    }
    buttons = [
        button(
            f"{CHOSEN if rights == each else ''}{context.label(key, subscriber)}",
            SetRights(person, each.write, each.publish),
        )
        for key, each in choices.items()
    ]
    remove = button(
        context.label("remove_editor", subscriber),
        SetRights(person, NO_RIGHTS.write, NO_RIGHTS.publish),
    )
    back = button(context.label("back", subscriber), OpenEditors())
    message = context.render("editor", subscriber, editor=editor)
    return message, InlineKeyboardMarkup([*([each] for each in buttons), [remove], [back]])


async def _editor(context: Context, person_id: int) -> Editor | None:
    found = await context.services.desk.editors.all()
    return next((each for each in found if each.person_id == person_id), None)


def _person(text: str, tap: OpenEditor | SetRights) -> int:
    if not PERSON.fullmatch(text):
        raise StaleTap(tap.pack())
    return int(text)


OPERATORS_COMMANDS = {"editors": editors}
"""Commands for operators only; for anybody else they are unknown."""
TAPS = (
    on_operator_tap(OpenEditors, open_list),
    on_operator_tap(AskEditor, ask_whom),
    on_operator_tap(OpenEditor, open_one),
    on_operator_tap(SetRights, set_rights),
)
