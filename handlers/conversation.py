"""How a tap, a command or a text finds its handler, and what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from telegram import Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler
from telegram.ext.filters import UpdateType

from handlers.callback_codec import StaleTap, Tap
from handlers.update_answer import answer_tap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from handlers.context import Context


T = TypeVar("T", bound=Tap)


def on_tap(
    tap: type[T], handler: Callable[[Update, Context, T], Awaitable[str | None]]
) -> CallbackQueryHandler[Context, Any]:
    """A handler for one kind of tap: it gets the tap, and returns what to say beside the button.

    Every query is answered exactly once, so that no button is left spinning. A tap that is old,
    forged or twice the same changes nothing; nor does one by somebody who may not choose here.
    """

    async def answer(update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None or query.data is None:
            raise ValueError("a tap comes with data")
        words: str | None = None
        # A message that Telegram no longer hands over cannot be edited either.
        if not isinstance(query.message, Message):
            words = label(update, context, "button_is_old")
        elif not repeated(query.from_user.id, query.message.message_id, query.data, context):
            try:
                wanted = tap.unpack(query.data)
                if wanted.chooses and not await context.may_choose(update):
                    words = label(update, context, "not_your_button")
                else:
                    async with context.in_turn(update):
                        words = await handler(update, context, wanted)
            except StaleTap:
                words = label(update, context, "button_is_old")
        await answer_tap(query, words)

    return CallbackQueryHandler(answer, pattern=tap.matches)


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
        context.await_text(update, None)
        await handler(update, context)

    # Telegram still sends edits that were made before it was told which updates are wanted.
    return CommandHandler(name, answer, filters=UpdateType.MESSAGE)


def words_of(update: Update) -> str:
    """What follows the command, as it was typed, on one line."""
    text = update.effective_message.text if update.effective_message else None
    return " ".join((text or "").split()[1:])
