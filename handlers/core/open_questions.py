"""The open question that a person's next text answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.memory import OpenQuestion
from handlers.core.origin import asker_of, in_private

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from handlers.core.memory import Awaited


def await_text(update: Update, context: Context, what: Awaited | None) -> None:
    """Remember which question this person's next text in this chat answers; None closes it."""
    asker = asker_of(update)
    if asker is None:
        return
    askers = [asker]
    if not in_private(update) and (what is not None or update.callback_query is not None):
        # An anonymous administrator taps as a person, but writes as the group.
        askers.append(asker._replace(user_id=asker.chat_id))
    questions, managed = context.services.memory.questions, context.managed
    for each in askers:
        if what is None:
            questions.drop(each)
        else:
            about = None if managed is None else managed.subscriber_id
            questions.put(each, OpenQuestion(what, about), context.now)


def open_question(update: Update, context: Context) -> Awaited | None:
    """Return the open question that this person's text answers, or None."""
    asked = _asked(update, context)
    return None if asked is None else asked.what


def question_about(update: Update, context: Context) -> int | None:
    """Return the id of the managed subscriber that the open question is about, or None."""
    asked = _asked(update, context)
    return None if asked is None else asked.about


def _asked(update: Update, context: Context) -> OpenQuestion | None:
    asker = asker_of(update)
    return None if asker is None else context.services.memory.questions.get(asker, context.now)
