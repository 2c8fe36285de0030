"""What an editor sends while the picker of categories is open: names, or the draft's picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.core.editing_rights import rights_of
from handlers.desk.drafts.edited_drafts import change_below
from handlers.desk.drafts.making_drafts import is_picture_file, is_to_publish, picture_of
from handlers.desk.drafts.open_drafts import is_of_album, open_draft
from handlers.desk.filing_choice import (
    FilingChoice,
    keep_choice,
    may_file,
    picker_message,
    picker_of,
    stored_choice,
)
from handlers.desk.open_question import ask, asked_of, refuse
from handlers.following.picker import retire
from handlers.stories.sharing.known_links import links_in
from handlers.taps.callback_data import Tab
from handlers.taps.filing_data import FiledKind
from handlers.typed.message_words import words_in
from storage.model.desk_model import EDITABLE, ActKind

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context
    from handlers.core.services.memory import DeskQuestion
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft

OFFERED = 6
"""The most categories offered for a typed name that is unknown."""
LONGEST = 200
"""Characters of a typed name at most."""
between_names = re.compile("[,;\n\uff0c\u3001\uff1b]")


async def answer_names(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Add the categories that a message names to the choice, and send the picker again below it.

    A photo becomes the picture of the draft; the choice goes on. Return False if the message is
    something to publish.
    """
    question = asked_of(update, context)
    choice = None if question is None else question.choice
    if question is None or not isinstance(choice, FilingChoice):
        return False
    if is_of_album(message, question):
        return True
    _, draft = await stored_choice(context, choice.kind, choice.filed)
    no_draft = draft is None and (choice.kind is FiledKind.DRAFT or bool(message.photo))
    if no_draft or is_to_publish(message) or links_in(message):
        ask(update, context, question._replace(album=message.media_group_id or question.album))
        return False
    if not await may_file(update, context, draft):
        await refuse(update, context, subscriber, "no_right")
    elif draft is not None and draft.state not in EDITABLE:
        _, _, shown = await change_below(
            update, context, draft, {}, kind=ActKind.EDIT, asked=question
        )
        open_draft(update, context, draft, await rights_of(update, context), shown)
    elif is_picture_file(message):
        refused = context.render("draft_refused", subscriber, what="picture", words="")
        await context.reply(update, refused)
    else:
        if draft is not None:
            question, choice = await _pictured(update, context, draft, question, choice)
        await _send_picker(update, context, choice, older=question.message_id)
    return True


async def _pictured(
    update: Update,
    context: Context,
    draft: ArticleDraft,
    question: DeskQuestion,
    choice: FilingChoice,
) -> tuple[DeskQuestion, FilingChoice]:
    """Make a message's photo the draft's picture, send its card, and return both as changed."""
    picture = None if update.message is None else picture_of(update.message)
    if picture is None:
        return question, choice
    now_is, done, _ = await change_below(
        update, context, draft, {"image": picture}, kind=ActKind.EDIT, asked=question
    )
    if done and draft.version == choice.seen:
        choice = choice._replace(seen=now_is.version)
    return question._replace(message_id=0), choice


async def _send_picker(
    update: Update,
    context: Context,
    choice: FilingChoice,
    *,
    older: int,
) -> None:
    subscriber, message = await context.subscriber(update), update.message
    if message is None:
        return
    taxonomy, unknown = context.services.taxonomy, list[str]()
    chosen = dict.fromkeys(choice.chosen)
    for name in filter(None, map(str.strip, between_names.split(words_in(message)))):
        category = taxonomy.find(name[:LONGEST])
        if category is not None:
            chosen.setdefault(category.slug)
        else:
            unknown.append(name[:LONGEST])
    choice = choice._replace(chosen=tuple(chosen))
    near = tuple(each.slug for each in taxonomy.suggest(unknown[0], OFFERED)) if unknown else ()
    view = await picker_of(context, subscriber, choice)
    keyboard = view.offers(near) if near else view.page(Tab.YOURS, 0)
    text = picker_message(context, subscriber, choice, unknown=", ".join(unknown), near=near)
    sent = await context.reply(update, text, keyboard)
    if older:
        await retire(context, subscriber.chat_id, older)
    album = message.media_group_id or ""
    keep_choice(update, context, choice, message_id=sent.message_id, album=album)
