"""The question that a person's next text answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.origin import asker_of

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context
    from handlers.memory import Awaited


def await_text(update: Update, context: Context, what: Awaited | None) -> None:
    """Remember which question this person's next text in this chat answers; None: no more."""
    asker = asker_of(update)
    if asker is None:
        return
    if what is None:
        context.services.memory.awaited.drop(asker)
    else:
        context.services.memory.awaited.put(asker, what, context.now)


def open_question(update: Update, context: Context) -> Awaited | None:
    """The question that this person's text answers, if one is open."""
    asker = asker_of(update)
    return None if asker is None else context.services.memory.awaited.get(asker, context.now)
