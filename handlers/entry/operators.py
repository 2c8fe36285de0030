"""Commands for operators or editors, unknown to everybody else: `/ban`, `/allow`, the desk's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram import MessageOriginUser

from handlers.core.origin import in_private, words_of
from handlers.core.permissions import rights_of
from handlers.desk import editors, home
from handlers.entry.help import unknown_command

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import Update

    from handlers.core.context import Context

    Command = Callable[[Update, Context], Awaitable[None]]

chat_number = re.compile(r"-?[1-9]\d{0,15}")


async def ban(update: Update, context: Context) -> None:
    """Shut a person or a group out: they get no editions, and at most one line of answer a day."""
    await _decide(update, context, allowed=False)


async def allow(update: Update, context: Context) -> None:
    """Let a person or a group in, with its earlier settings if it was shut out before."""
    await _decide(update, context, allowed=True)


async def _decide(update: Update, context: Context, *, allowed: bool) -> None:
    user, services = update.effective_user, context.services
    if user is None or user.id not in services.people.admins:
        # Hide the command from everyone but operators.
        await unknown_command(update, context)
        return
    whom = _meant(update, context.bot.id)
    if whom is None:
        outcome = "whom"
    elif whom in services.people.admins:
        outcome = "operator"
    else:
        await services.admissions.decide(whom, allowed=allowed)
        outcome = "allowed" if allowed else "banned"
    subscriber = await context.own(update)
    message = context.render("admission", subscriber, outcome=outcome, id=whom, allow=allowed)
    await context.reply(update, message)


def _meant(update: Update, bot_id: int) -> int | None:
    """Return the typed id, or else that of the author of the replied-to message, or None."""
    words = words_of(update)
    if words:
        return int(words) if chat_number.fullmatch(words) else None
    replied = update.message.reply_to_message if update.message is not None else None
    if replied is None:
        return None
    origin = replied.forward_origin
    if origin is not None:
        return origin.sender_user.id if isinstance(origin, MessageOriginUser) else None
    if replied.sender_chat is not None:
        # The user of such a message is one of Telegram's bots, the same for all chats.
        return None
    writer = replied.from_user
    return writer.id if writer is not None and writer.id != bot_id else None


def for_editors(command: Command) -> Command:
    """Return a command that is unknown to people without a right at the desk, and in groups."""

    async def answer(update: Update, context: Context) -> None:
        allowed = await rights_of(update, context)
        await (command if allowed else unknown_command)(update, context)

    return answer


def for_operators(command: Command) -> Command:
    """Return a command that is unknown to everybody but operators, and in groups."""

    async def answer(update: Update, context: Context) -> None:
        user = update.effective_user
        allowed = (
            user is not None and user.id in context.services.people.admins and in_private(update)
        )
        await (command if allowed else unknown_command)(update, context)

    return answer


COMMANDS = {
    "ban": ban,
    "allow": allow,
    **{name: for_editors(each) for name, each in home.EDITORS_COMMANDS.items()},
    **{name: for_operators(each) for name, each in editors.OPERATORS_COMMANDS.items()},
}
