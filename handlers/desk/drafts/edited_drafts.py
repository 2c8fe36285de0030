"""Changes of a draft that an editor types or sends: headline, summary, picture, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from handlers.core.editing_rights import rights_of
from handlers.core.services.memory import DeskSubject
from handlers.desk.desk_taps import may_change
from handlers.desk.drafts import draft_card
from handlers.desk.drafts.making_drafts import is_picture_file, is_to_publish, picture_of
from handlers.desk.drafts.open_drafts import is_of_album, is_overtaken, open_draft
from handlers.desk.open_question import ask, asked_of, drop_question, refuse
from handlers.following.picker import retire
from handlers.stories.sharing.known_links import links_in
from handlers.typed.message_words import words_in
from handlers.typed.parse_moment import read_moment
from news.one_page import LONGEST_STANDFIRST, LONGEST_TITLE
from storage.model.desk_model import ActKind, DraftState
from templates.markup.text import has_words, one_line

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Message, Update

    from handlers.core.context import Context
    from handlers.core.services.memory import DeskQuestion
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft


async def answer_edit(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Answer what was asked about a draft, or set its picture; return False for anything else."""
    asked = asked_of(update, context)
    draft = None if asked is None else await context.services.desk.drafts.get(asked.draft)
    if asked is None or draft is None:
        drop_question(update, context)
        return False
    if is_of_album(message, asked):
        return True
    if is_to_publish(message):
        ask(update, context, asked._replace(album=message.media_group_id or asked.album))
        return False
    if not message.photo and asked.what in {DeskSubject.DRAFT, DeskSubject.PARTS}:
        return await _choose_first(update, context, subscriber, asked, message)
    if may_change(draft, await rights_of(update, context)):
        await _edit(update, context, subscriber, asked, draft)
    else:
        await refuse(update, context, subscriber, "no_right")
    return True


async def _edit(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    asked: DeskQuestion,
    draft: ArticleDraft,
) -> None:
    message, rights = update.message, await rights_of(update, context)
    if message is None:
        return
    picture = picture_of(message)
    meant = bool(picture) and asked.what is not DeskSubject.PICTURE
    changes: Any = {"image": picture} if meant else _read(context, subscriber, asked, message)
    if changes is None:
        what = "picture" if is_picture_file(message) else asked.what.value
        refused = context.render("draft_refused", subscriber, what=what, words=words_in(message))
        await context.reply(update, refused)
        return
    is_time = asked.what is DeskSubject.TIME
    overtaken = (is_time or not meant) and is_overtaken(draft, asked)
    kind = ActKind.SCHEDULE if "publish_at" in changes else ActKind.EDIT
    now_is, done, shown = await change_below(
        update, context, draft, {} if overtaken else changes, kind=kind, asked=asked
    )
    album = message.media_group_id or ""
    asks_text = asked.what in {DeskSubject.HEADLINE, DeskSubject.STANDFIRST, DeskSubject.TIME}
    if meant and done and asks_text:
        # The picture came in place of a text: the question stays open.
        version = now_is.version
        ask(update, context, asked._replace(message_id=shown, album=album, version=version))
        notice = context.render("draft_edited", subscriber, outcome=asked.what.value, by=None)
        await context.reply(update, notice)
    else:
        open_draft(update, context, now_is, rights, shown, album=album)


async def _choose_first(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    asked: DeskQuestion,
    message: Message,
) -> bool:
    """Say what to tap before a text, or to send a photo; False if no part was being chosen."""
    if asked.what is not DeskSubject.PARTS and not is_picture_file(message):
        return False
    words = words_in(message)
    what = "picture" if is_picture_file(message) else "parts"
    if what == "parts" and (not words or words.startswith("/") or links_in(message)):
        return False
    await context.reply(update, context.render("draft_refused", subscriber, what=what, words=words))
    return True


async def change_below(
    update: Update,
    context: Context,
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
    subscriber, drafts = await context.subscriber(update), context.services.desk.drafts
    changed, done = (
        await drafts.change(
            draft.id, draft.version, kind, by=subscriber.chat_id, now=context.now, **changes
        )
        if changes
        else (draft, False)
    )
    now_is = changed or draft
    card = await draft_card.card(context, subscriber, now_is, await rights_of(update, context))
    if not done:
        by = now_is.changed_by
        notice = context.render("draft_edited", subscriber, outcome="changed", by=by)
        await context.reply(update, notice)
    sent = await context.reply(update, *card)
    if asked.message_id:
        # The older card further up.
        await retire(context, subscriber.chat_id, asked.message_id)
    return now_is, done, sent.message_id


def _read(
    context: Context,
    subscriber: Subscriber,
    asked: DeskQuestion,
    message: Message,
) -> Any:  # noqa: ANN401 - DraftChanges
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
    at = _moment(context, subscriber, words)
    return None if at is None else {"state": DraftState.SCHEDULED, "publish_at": at}


def _moment(context: Context, subscriber: Subscriber, words: str) -> datetime | None:
    local = context.now.astimezone(ZoneInfo(subscriber.zone))
    return read_moment(words, subscriber.language, local)
