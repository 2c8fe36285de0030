"""`/stop`: no more editions until the reader resumes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button
from handlers.core.conversation import on_tap
from handlers.core.permissions import is_refused
from handlers.taps.callback_data import Resume
from storage.model import State

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context


async def stop(update: Update, context: Context) -> None:
    """Stop the editions; all choices are kept."""
    subscriber = await context.subscriber(update)
    if await is_refused(update, context, subscriber):
        return
    async with context.undoable():
        subscriber = await context.readers.change(subscriber, state=State.STOPPED, next_at=None)
    again = button(context.label("resume", subscriber), Resume())
    goodbye = context.render("stopped", subscriber, days=context.services.defaults.kept_days)
    await context.reply(update, goodbye, [[again]])


async def resumed(update: Update, context: Context, _tap: Resume) -> None:
    """Resume the editions after /stop or during a pause."""
    subscriber = await context.readers.resume(await context.subscriber(update))
    await context.edit(update, context.render("resumed", subscriber, now=context.now))


COMMANDS = {"stop": stop}
TAPS = (on_tap(Resume, resumed),)
