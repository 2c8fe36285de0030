"""The open question that a person's next text answers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.core.origin import Asker, asker_of, in_private
from handlers.core.services.memory import JOURNEY, Awaited, OpenQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from telegram import Update

    from handlers.core.context import Context
    from handlers.core.services.memory import Memory
    from storage.replicas.shared_updates import AskedQuestion


def await_text(update: Update, context: Context, what: Awaited | None) -> None:
    """Remember which question this person's next text in this chat answers.

    A question of the newcomer's journey stays open below any other, until the journey goes on.

    Args:
        update: The update of the person who is asked.
        context: The handler's.
        what: The question; None closes the open one, unless it is the journey's.
    """
    memory, managed = context.services.memory, context.managed
    for each in _askers(update, asks=what is not None):
        memory.questions.drop(each)
        memory.desk_questions.drop(each)
        if what is not None:
            about = None if managed is None else managed.subscriber_id
            open_ = memory.journeys if what in JOURNEY else memory.questions
            open_.put(each, OpenQuestion(what, about), context.now)


def end_journey(update: Update, context: Context) -> None:
    """Close this person's open questions in this chat, the journey's as well."""
    for each in _askers(update, asks=False):
        context.services.memory.questions.drop(each)
        context.services.memory.journeys.drop(each)


def _askers(update: Update, *, asks: bool) -> list[Asker]:
    """Return the person of an update, and the group if that person may write as the group."""
    asker = asker_of(update)
    if asker is None:
        return []
    if not in_private(update) and (asks or update.callback_query is not None):
        # An administrator who is anonymous taps as a person, and writes as the group.
        return [asker, asker._replace(user_id=asker.chat_id)]
    return [asker]


def open_question(update: Update, context: Context) -> Awaited | None:
    """Return the open question that this person's text answers, or None."""
    asked = _asked(update, context)
    return None if asked is None else asked.what


def journey_question(update: Update, context: Context) -> Awaited | None:
    """Return the open question of this person's newcomer journey, or None."""
    asker = asker_of(update)
    asked = None if asker is None else context.services.memory.journeys.get(asker, context.now)
    return None if asked is None else asked.what


def question_about(update: Update, context: Context) -> int | None:
    """Return the id of the managed subscriber that the open question is about, or None."""
    asked = _asked(update, context)
    return None if asked is None else asked.about


def _asked(update: Update, context: Context) -> OpenQuestion | None:
    asker = asker_of(update)
    if asker is None:
        return None
    memory = context.services.memory
    return memory.questions.get(asker, context.now) or memory.journeys.get(asker, context.now)


def questions_of(
    update: Update, memory: Memory, now: datetime
) -> Iterator[tuple[tuple[int, int, int], str]]:
    """Yield the open questions of an update's person as JSON, for another replica.

    Yields:
        Ids of the chat, the person and the topic, with a text that is empty if none is open. The
        second time, in a group, for an administrator who writes as the group.
    """
    for asker in _askers(update, asks=True):
        kinds = (memory.questions.get(asker, now), memory.journeys.get(asker, now))
        text = json.dumps([each and [each.what, each.about] for each in kinds])
        yield (
            (asker.chat_id, asker.user_id, asker.thread_id),
            text if any(kinds) else "",
        )


def recall(memory: Memory, question: AskedQuestion, now: datetime) -> None:
    """Remember the open questions that another replica noted."""
    asker = Asker(question.user_id, question.chat_id, question.thread_id)
    asked = now - timedelta(seconds=question.age)
    kinds = (memory.questions, memory.journeys)
    for kind, noted in zip(kinds, json.loads(question.questions), strict=True):
        if noted is not None:
            kind.put(asker, OpenQuestion(Awaited(noted[0]), noted[1]), asked)
