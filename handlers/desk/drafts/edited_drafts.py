"""Changes of a draft that an editor types or sends: headline, summary, picture, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from handlers.core.editing_rights import rights_of
from handlers.core.memory import DeskSubject
from handlers.desk.desk_taps import may_change
from handlers.desk.drafts import draft_card
from handlers.desk.drafts.making_drafts import picture_of
from handlers.desk.open_question import ask, asked_of, drop_question
from handlers.following.picker import retire
from handlers.typed.message_words import words_in
from handlers.typed.parse_moment import read_moment
from news.one_page import LONGEST_STANDFIRST, LONGEST_TITLE
from storage.model.desk_model import ActKind, DraftState

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Message, Update

    from handlers.core.context import Context, Reply
    from handlers.core.memory import DeskQuestion
    from storage.model import Subscriber


async def answer_edit(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Take a message as the answer to what was asked about a draft.

    Returns:
        Whether the message was answered; False if the person may no longer write.
    """
    drafts = context.services.desk.drafts
    asked, rights = asked_of(update, context), await rights_of(update, context)
    if asked is None or not rights:
        drop_question(update, context)
        return False
    if asked.what is DeskSubject.TIME and not rights.publish:
        return False
    draft = await drafts.get(asked.draft)
    if draft is not None and not may_change(draft, rights):
        return False
    picture = picture_of(message)
    if picture and message.caption:
        # A picture with text is a post of its own.
        return False
    meant = bool(picture) and asked.what is not DeskSubject.PICTURE
    changes: Any = {"image": picture} if meant else _read(context, subscriber, asked, message)
    if draft is None or changes is None:
        refused = context.render(
            "draft_refused", subscriber, what=asked.what.value, words=words_in(message)
        )
        await context.reply(update, refused)
        return True
    kind = ActKind.SCHEDULE if "publish_at" in changes else ActKind.EDIT
    changed, done = await drafts.change(
        draft.id, draft.version, kind, by=subscriber.chat_id, now=context.now, **changes
    )
    card = await draft_card.card(context, subscriber, changed or draft, rights)
    shown = await _show_below(update, context, subscriber, asked, card, done=done)
    if meant and done:
        # The picture came in place of a text: the question stays open.
        ask(update, context, asked._replace(message_id=shown))
        notice = context.render("draft_edited", subscriber, outcome=asked.what.value)
        await context.reply(update, notice)
    else:
        drop_question(update, context)
    return True


async def _show_below(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    asked: DeskQuestion,
    card: Reply,
    *,
    done: bool,
) -> int:
    """Send a draft's card below the editor's answer, in place of the older one further up.

    Returns:
        The id of the new message.
    """
    if not done:
        await context.reply(update, context.render("draft_edited", subscriber, outcome="changed"))
    sent = await context.reply(update, *card)
    if asked.message_id:
        await retire(context, subscriber.chat_id, asked.message_id)
    return sent.message_id


def _read(
    context: Context,
    subscriber: Subscriber,
    asked: DeskQuestion,
    message: Message,
) -> Any:  # noqa: ANN401 - DraftChanges
    """Return what a message changes in a draft, or None if it is no answer."""
    words = " ".join(words_in(message).split())
    if asked.what is DeskSubject.PICTURE:
        image = picture_of(message)
        return None if image is None else {"image": image}
    if asked.what is DeskSubject.HEADLINE:
        return {"title": words} if 0 < len(words) <= LONGEST_TITLE else None
    if asked.what is DeskSubject.STANDFIRST:
        return {"standfirst": words} if 0 < len(words) <= LONGEST_STANDFIRST else None
    at = _moment(context, subscriber, words)
    return None if at is None else {"state": DraftState.SCHEDULED, "publish_at": at}


def _moment(context: Context, subscriber: Subscriber, words: str) -> datetime | None:
    local = context.now.astimezone(ZoneInfo(subscriber.zone))
    return read_moment(words, subscriber.language, local)
