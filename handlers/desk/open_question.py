"""What the desk asked an editor last, which the editor's next message answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.origin import asker_of

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.core.services.memory import DeskQuestion
    from storage.model import Subscriber


def asked_of(update: Update, context: Context) -> DeskQuestion | None:
    """Return what was asked of the person who wrote or tapped, or None."""
    asker = asker_of(update)
    questions = context.services.memory.desk_questions
    return None if asker is None else questions.get(asker, context.now)


def ask(update: Update, context: Context, question: DeskQuestion) -> None:
    """Remember what is asked of the person who wrote or tapped."""
    asker = asker_of(update)
    if asker is not None:
        context.services.memory.desk_questions.put(asker, question, context.now)


async def refuse(update: Update, context: Context, subscriber: Subscriber, key: str) -> None:
    """Answer with the notice of this key, and ask nothing more."""
    drop_question(update, context)
    text = context.label(key, subscriber)
    await context.reply(update, context.render("desk_notice", subscriber, text=text))


def drop_question(update: Update, context: Context) -> None:
    """Ask nothing more of the person who wrote or tapped."""
    asker = asker_of(update)
    if asker is not None:
        context.services.memory.desk_questions.drop(asker)
