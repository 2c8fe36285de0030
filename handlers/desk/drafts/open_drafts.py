"""The draft that an editor has open, whose picture the editor's next photo becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk_taps import may_change
from handlers.desk.open_question import ask, drop_question
from storage.model.desk_model import EDITABLE

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context
    from storage.model.desk_model import ArticleDraft, Rights


def open_draft(
    update: Update,
    context: Context,
    draft: ArticleDraft,
    rights: Rights,
    message_id: int,
    *,
    edits: bool = False,
    album: str = "",
) -> None:
    """Remember which draft an editor sees, instead of the question that was open in the chat.

    A photo that the editor sends next becomes its picture. A draft that the editor may not change,
    or that is published or discarded, is not open; then no question stays open. `edits`: the editor
    chooses what to edit. Further photos of `album`, whose first was taken, are ignored.
    """
    if draft.state in EDITABLE and may_change(draft, rights):
        what = DeskSubject.PARTS if edits else DeskSubject.DRAFT
        ask(update, context, DeskQuestion(what, draft.id, message_id, album=album))
    else:
        drop_question(update, context)


def is_overtaken(draft: ArticleDraft, question: DeskQuestion) -> bool:
    """Return whether a draft changed so that the answer of its editor does not count any more.

    Who sets a time publishes the draft as it was shown; a text takes the place of one other text.
    """
    if question.what is DeskSubject.TIME:
        return draft.version != question.version
    return asked_value(draft, question.what) != question.was


def asked_value(draft: ArticleDraft, what: DeskSubject) -> str:
    """Return the present text or picture that an editor is asked about; "" for none."""
    values = {
        DeskSubject.HEADLINE: draft.text.title,
        DeskSubject.STANDFIRST: draft.text.standfirst,
        DeskSubject.PICTURE: draft.text.image,
    }
    return values.get(what) or ""


def is_of_album(message: Message, question: DeskQuestion) -> bool:
    """Return whether a message is a further photo of the album whose first one was taken."""
    return bool(message.media_group_id) and message.media_group_id == question.album
