"""How a tap, a command or a text finds its handler, and what all of them have in common."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler
from telegram.ext.filters import UpdateType

from digest.pacing.current_answer import current_answer
from handlers.core.administrators import may_choose
from handlers.core.managing import manage
from handlers.core.open_questions import await_text
from handlers.core.origin import in_private
from handlers.core.tap_answers import OpensLink, answer_tap
from handlers.taps.callback_codec import StaleTap, Tap, subject_of
from handlers.typed.message_words import (
    OWN_WORDS,
    RICH_COMMAND,
    command_in,
    is_passed_on,
    split_commands,
    words_in,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from telegram.ext.filters import BaseFilter

    from handlers.core.context import Context
    from handlers.typed.message_words import TypedCommand


T = TypeVar("T", bound=Tap)


def on_tap(
    tap: type[T], handler: Callable[[Update, Context, T], Awaitable[str | OpensLink | None]]
) -> CallbackQueryHandler[Context, Any]:
    """A handler for one kind of tap: it gets the tap, and returns what to say beside the button.

    It may return a link to open instead.

    Every query is answered exactly once, so that no button is left spinning. A tap that is old,
    forged or twice the same changes nothing; nor does one by somebody who may not choose here.
    """

    async def answer(update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None or query.data is None:
            raise ValueError("a tap comes with data")
        notice: str | OpensLink | None = None
        alert = False
        # A message that Telegram no longer hands over cannot be edited either.
        if not isinstance(query.message, Message):
            notice = label(update, context, "button_is_old")
        elif not repeated(query.from_user.id, query.message.message_id, query.data, context):
            try:
                subject, data = subject_of(query.data)
                wanted = tap.unpack(data)
                if wanted.own and not context.lets_in(query.from_user.id):
                    # Their group may use a private bot, and they may not themselves.
                    notice = label(update, context, "private")
                elif not await may_tap(update, context, subject, wanted):
                    notice, alert = label(update, context, "not_your_button"), True
                else:
                    async with in_turn(update, context, own=wanted.own):
                        notice = await handler(update, context, wanted)
            except StaleTap:
                notice = label(update, context, "button_is_old")
        await answer_tap(query, notice, alert=alert)

    return CallbackQueryHandler(answer, pattern=tap.matches)


async def may_tap(update: Update, context: Context, subject: int | None, wanted: Tap) -> bool:
    """Whether whoever tapped may; from here on, the update is about what they manage, if named."""
    if subject is not None:
        return await manage(update, context, subject)
    return not wanted.chooses or await may_choose(update, context)


async def stale(update: Update, context: Context) -> None:
    """Answer a tap whose code no button of ours has."""
    if update.callback_query is not None:
        await answer_tap(update.callback_query, label(update, context, "button_is_old"))


def label(update: Update, context: Context, key: str) -> str:
    """A short text in the language of whoever tapped, without asking the archive for it."""
    return context.services.renderer.label(key, context.language(update))


def repeated(user_id: int, message_id: int, data: str, context: Context) -> bool:
    """Whether the same person has just tapped the same button."""
    taps, tap = context.services.memory.tapped, (message_id, data)
    before = taps.get(user_id, context.now)
    taps.put(user_id, tap, context.now)
    return before == tap


def on_command(
    name: str, handler: Callable[[Update, Context], Awaitable[None]]
) -> CommandHandler[Context, Any]:
    """A handler for a command. A command is a new subject: no open question waits any longer."""

    async def answer(update: Update, context: Context) -> None:
        await_text(update, context, None)
        await handler(update, context)
        await name_further(update, context)

    # Telegram still sends edits that were made before it was told which updates are wanted.
    return Command(name, answer, filters=UpdateType.MESSAGE & OWN_WORDS)


def on_unknown(
    handler: Callable[[Update, Context], Awaitable[None]], filters: BaseFilter
) -> MessageHandler[Context, Any]:
    """A handler for commands that are none of ours."""

    async def answer(update: Update, context: Context) -> None:
        await handler(update, context)
        await name_further(update, context)

    return MessageHandler(filters, answer)


async def name_further(update: Update, context: Context) -> None:
    """Say which commands of a message are still to be sent, since the first alone is answered.

    In a group, one that is none of ours may be another bot's.
    """
    if update.message is None:
        return
    first, *further = split_commands(words_in(update.message))
    if not further:
        return
    subscriber = await context.subscriber(update)
    ours = {name for name, _ in context.services.renderer.commands(subscriber.language)}
    username = context.bot.username.casefold()
    left: dict[tuple[str, str], TypedCommand] = {}
    for each in further:
        name = each.name.casefold()
        if each.whose.casefold() in {"", username} and (in_private(update) or name in ours):
            left.setdefault((name, each.words), each)
    left.pop((first.name.casefold(), first.words), None)
    if left:
        message = context.render("further_commands", subscriber, commands=[*left.values()])
        await context.reply(update, message)


class Command(CommandHandler[Any, Any]):
    """Takes a command in a rich message, too: python-telegram-bot looks for it in texts alone."""

    def check_update(self, update: object) -> Any:  # noqa: ANN401 - as it is there
        """What is handed on where the update has this command; None or False where it has not."""
        message = update.message if isinstance(update, Update) else None
        if message is None or not RICH_COMMAND.filter(message):
            return super().check_update(update)
        if is_passed_on(message):
            return None
        name, whose = command_in(message)
        is_ours = whose in {"", message.get_bot().username.casefold()}
        return (words_in(message).split()[1:], True) if name in self.commands and is_ours else None


@asynccontextmanager
async def in_turn(update: Update, context: Context, *, own: bool = False) -> AsyncIterator[None]:
    """Taps and answers of one chat, one after another, in the order in which they came.

    With `own`, it is about whoever tapped, and they have their turn as in their own chat.

    Two buttons tapped in haste would else be free to overtake each other, and the message
    would show the older state. Whoever waits here takes no place of another chat's.
    """
    chat = update.effective_chat
    if chat is None:
        yield
        return
    user = update.effective_user
    turn = context.services.memory.turn(user.id if own and user is not None else chat.id)
    answer = current_answer.get()
    if answer is not None and turn.locked():
        answer.wait_begins()
        try:
            await turn.acquire()
        finally:
            answer.wait_ends()
    else:
        await turn.acquire()
    try:
        yield
    finally:
        turn.release()
