"""Changes of a draft that an editor types or sends: headline, summary, picture, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from handlers.core.services.memory import DeskSubject
from handlers.desk.drafts.draft_card import card, open_draft
from handlers.desk.drafts.making_drafts import is_picture_file, is_to_publish, picture_of
from handlers.following.picker import retire
from handlers.stories.sharing.known_links import links_in
from handlers.typed.message_words import words_in
from handlers.typed.parse_moment import read_moment
from news.page_reader import LONGEST_STANDFIRST, LONGEST_TITLE
from storage.model.desk_model import ActKind, DraftState
from templates.markup.text import has_words, one_line

if TYPE_CHECKING:
    from telegram import Message

    from handlers.core.services.memory import DeskQuestion
    from handlers.desk.desk import Desk
    from storage.model.desk_model import ArticleDraft


async def answer_edit(desk: Desk, asked: DeskQuestion, message: Message) -> bool:
    """Answer what was asked about a draft, or set its picture; return False for anything else."""
    draft = await desk.services.drafts.get(asked.draft)
    if draft is None:
        desk.drop_question()
        return False
    if is_of_album(message, asked):
        return True
    if is_to_publish(message):
        desk.ask(asked._replace(album=message.media_group_id or asked.album))
        return False
    if not message.photo and asked.what in {DeskSubject.DRAFT, DeskSubject.PARTS}:
        return await _choose_first(desk, asked, message)
    if desk.may_change(draft):
        await _edit(desk, asked, draft, message)
    else:
        await desk.refuse("no_right")
    return True


async def _edit(desk: Desk, asked: DeskQuestion, draft: ArticleDraft, message: Message) -> None:
    picture = picture_of(message)
    meant = bool(picture) and asked.what is not DeskSubject.PICTURE
    changes: Any = {"image": picture} if meant else _read(desk, asked, message)
    if changes is None:
        what = "picture" if is_picture_file(message) else asked.what.value
        await desk.say("draft_refused", what=what, words=words_in(message))
        return
    is_time = asked.what is DeskSubject.TIME
    overtaken = (is_time or not meant) and _is_overtaken(draft, asked)
    kind = ActKind.SCHEDULE if "publish_at" in changes else ActKind.EDIT
    now_is, done, shown = await change_below(
        desk, draft, {} if overtaken else changes, kind=kind, asked=asked
    )
    album = message.media_group_id or ""
    asks_text = asked.what in {DeskSubject.HEADLINE, DeskSubject.STANDFIRST, DeskSubject.TIME}
    if meant and done and asks_text:
        # The picture came in place of a text: the question stays open.
        desk.ask(asked._replace(message_id=shown, album=album, version=now_is.version))
        await desk.say("draft_edited", outcome=asked.what.value, by=None)
    else:
        open_draft(desk, now_is, shown, album=album)


def _is_overtaken(draft: ArticleDraft, question: DeskQuestion) -> bool:
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


async def _choose_first(desk: Desk, asked: DeskQuestion, message: Message) -> bool:
    """Say what to tap before a text, or to send a photo; False if no part was being chosen."""
    what, words = "picture" if is_picture_file(message) else "parts", words_in(message)
    no_text = not words or words.startswith("/") or bool(links_in(message))
    if what == "parts" and (no_text or asked.what is not DeskSubject.PARTS):
        return False
    await desk.say("draft_refused", what=what, words=words)
    return True


async def change_below(
    desk: Desk,
    draft: ArticleDraft,
    changes: Any,  # noqa: ANN401 - DraftChanges
    *,
    kind: ActKind,
    asked: DeskQuestion,
) -> tuple[ArticleDraft, bool, int]:
    """Change a draft, and send its card below the editor's answer.

    Return the draft as it is now, whether it was changed, and the id of the new message. `changes`
    are empty if another editor was faster. The older message that `asked` names loses its buttons.
    """
    now_is, done = draft, False
    if changes:
        changed, done = await desk.services.drafts.change(
            draft.id, draft.version, kind, by=desk.person_id, now=desk.now, **changes
        )
        now_is = changed or draft
    shown = await card(desk, now_is)
    if not done:
        own = now_is.changed_by == desk.person_id
        by = (await desk.services.rights.names()).get(now_is.changed_by or 0)
        await desk.say("draft_edited", outcome="by you" if own else "changed", by=by)
    sent = await desk.reply(*shown)
    if asked.message_id:
        # The older card further up.
        await retire(desk.context, desk.person_id, asked.message_id)
    return now_is, done, sent.message_id


def _read(desk: Desk, asked: DeskQuestion, message: Message) -> Any:  # noqa: ANN401 - DraftChanges
    """Return what a message changes in a draft, or None if it is no answer."""
    words = one_line(words_in(message))
    if asked.what is DeskSubject.PICTURE:
        image = picture_of(message)
        return None if image is None else {"image": image}
    if asked.what is DeskSubject.HEADLINE:
        return {"title": words} if has_words(words) and len(words) <= LONGEST_TITLE else None
    if asked.what is DeskSubject.STANDFIRST:
        fits = has_words(words) and len(words) <= LONGEST_STANDFIRST
        return {"standfirst": words} if fits else None
    local = desk.now.astimezone(ZoneInfo(desk.editor.zone))
    at = read_moment(words, desk.editor.language, local)
    return None if at is None else {"state": DraftState.SCHEDULED, "publish_at": at}
