"""The question that a person's next text answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.origin import asker_of, in_private

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context
    from handlers.memory import Awaited


def await_text(update: Update, context: Context, what: Awaited | None) -> None:
    """Remember which question this person's next text in this chat answers; None: no more."""
    asker = asker_of(update)
    if asker is None:
        return
    memory = context.services.memory
    askers = [asker]
    if not in_private(update) and (what is not None or update.callback_query is not None):
        # An administrator who is anonymous taps as a person, and writes as the group.
        askers.append(asker._replace(user_id=asker.chat_id))
    for each in askers:
        if what is None:
            memory.awaited.drop(each)
        else:
            memory.awaited.put(each, what, context.now)
    if what is not None and context.managed is not None:
        memory.about.put(asker, context.managed.subscriber_id, context.now)
    else:
        memory.about.drop(asker)


def open_question(update: Update, context: Context) -> Awaited | None:
    """The question that this person's text answers, if one is open."""
    asker = asker_of(update)
    return None if asker is None else context.services.memory.awaited.get(asker, context.now)


def question_about(update: Update, context: Context) -> int | None:
    """The id of the subscriber that the open question is about, if it is another than this chat."""
    asker = asker_of(update)
    return None if asker is None else context.services.memory.about.get(asker, context.now)
