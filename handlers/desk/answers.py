"""What an editor or operator writes in answer to a question of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.core.conversation import in_turn
from handlers.core.origin import in_private
from handlers.core.services.memory import DeskSubject
from handlers.desk import dates, editors, filing, home
from handlers.desk.articles import amending, finding
from handlers.desk.desk import asked_of, desk_of
from handlers.desk.drafts import edited_drafts
from handlers.desk.drafts.making_drafts import sent_for_publication
from handlers.stories.complaints import answer_sentence
from storage.desk.amended_rows import NoSuchArticleError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from telegram import Message, Update

    from handlers.core.context import Context
    from handlers.core.services.memory import DeskQuestion
    from handlers.desk.desk import Desk

ANSWERS: Mapping[DeskSubject, Callable[[Desk, DeskQuestion, Message], Awaitable[bool]]] = {
    DeskSubject.EDITOR: editors.answer_whom,
    DeskSubject.NAME: home.answer_name,
    DeskSubject.DRAFT: edited_drafts.answer_edit,
    DeskSubject.PARTS: edited_drafts.answer_edit,
    DeskSubject.HEADLINE: edited_drafts.answer_edit,
    DeskSubject.STANDFIRST: edited_drafts.answer_edit,
    DeskSubject.PICTURE: edited_drafts.answer_edit,
    DeskSubject.CATEGORY: filing.answer_names,
    DeskSubject.TIME: edited_drafts.answer_edit,
    DeskSubject.FIND: finding.answer_which,
    DeskSubject.AMEND: amending.answer_value,
    DeskSubject.DATE: dates.answer_date,
}
"""Question → the function that takes a message as its answer; it returns False if it is none."""
OF_PUBLISHERS = frozenset({DeskSubject.TIME, DeskSubject.FIND, DeskSubject.AMEND, DeskSubject.DATE})
"""Questions that only those who may publish are asked."""


def desk_first(
    handler: Callable[[Update, Context], Coroutine[Any, Any, None]],
) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    """Return a handler of messages that leaves those for the desk to the desk."""

    async def answer(update: Update, context: Context) -> None:
        if not await is_for_desk(update, context):
            await handler(update, context)

    return answer


async def is_for_desk(update: Update, context: Context) -> bool:
    """Answer the desk's question by a message, or make a draft of it; return False if neither."""
    message = update.message
    if message is None or not in_private(update):
        return False
    if asked_of(update, context) is not None:
        # The photos of an album come at the same moment.
        async with in_turn(update, context):
            if await _answered(update, context, message):
                return True
    return await sent_for_publication(update, context)


async def _answered(update: Update, context: Context, message: Message) -> bool:
    asked = asked_of(update, context)
    if asked is None:
        return False
    if asked.what is DeskSubject.COMPLAINT:
        return await answer_sentence(update, context, asked, message)
    desk = await desk_of(update, context)
    if not desk.rights:
        # The person is a reader by now.
        desk.drop_question()
        return False
    if asked.what in OF_PUBLISHERS and not desk.rights.publish:
        await desk.refuse("no_right")
        return True
    try:
        return await ANSWERS[asked.what](desk, asked, message)
    except NoSuchArticleError:
        await desk.say("link_to_nothing")
        return True
