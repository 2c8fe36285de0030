"""The commands of the desk, which are unknown to everybody but editors or operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.editing_rights import rights_of
from handlers.core.origin import in_private
from handlers.desk import editors, home
from handlers.entry.help import unknown_command

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import Update

    from handlers.core.context import Context

    Command = Callable[[Update, Context], Awaitable[None]]


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
    **{name: for_editors(each) for name, each in home.EDITORS_COMMANDS.items()},
    **{name: for_operators(each) for name, each in editors.OPERATORS_COMMANDS.items()},
}
