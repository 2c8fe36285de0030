"""The buttons under a draft: publish, ask, discard, join, alert, edit, lead, schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.core.editing_rights import rights_of
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk_taps import may_change, may_discard, on_desk_tap
from handlers.desk.drafts import draft_card
from handlers.desk.drafts.open_drafts import asked_value, open_draft
from handlers.desk.open_question import ask
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DraftAct, DraftField, OnDraft, SetOfDraft
from storage.model.desk_model import EDITABLE, ActKind, DraftState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telegram import InlineKeyboardMarkup, Update

    from handlers.core.context import Context
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft, Rights

PUBLISHES = frozenset({DraftAct.PUBLISH, DraftAct.ALERT, DraftAct.LEADS, DraftAct.TIME})
"""Buttons that need the right to publish."""
ASKS: Mapping[DraftAct, DeskSubject] = {
    DraftAct.HEADLINE: DeskSubject.HEADLINE,
    DraftAct.STANDFIRST: DeskSubject.STANDFIRST,
    DraftAct.PICTURE: DeskSubject.PICTURE,
    DraftAct.TIME: DeskSubject.TIME,
}
SHOWS: Mapping[DraftAct, Callable[[Context, Subscriber, ArticleDraft], InlineKeyboardMarkup]] = {
    DraftAct.EDIT: draft_card.edit_rows,
    DraftAct.LANGUAGES: draft_card.language_rows,
    DraftAct.LEADS: draft_card.lead_rows,
}


async def on_draft(update: Update, context: Context, tap: OnDraft) -> str | None:
    """Do what a button under a draft says, unless another editor was faster."""
    subscriber, drafts = await context.subscriber(update), context.services.desk.drafts
    draft = await drafts.get(tap.draft)
    if draft is None:
        raise StaleTap(tap.pack())
    rights = await rights_of(update, context)
    lacks = tap.act is not DraftAct.OPEN and not _may(tap.act, draft, rights, subscriber.chat_id)
    late = draft.version != tap.version or draft.state not in EDITABLE
    if tap.act is DraftAct.OPEN or lacks or late:
        await show(update, context, subscriber, draft)
        if lacks:
            others = tap.act is DraftAct.DISCARD and may_change(draft, rights)
            return context.label("not_your_draft" if others else "no_right", subscriber)
        return (
            draft_card.what_happened(context, subscriber, draft)
            if tap.act is not DraftAct.OPEN
            else None
        )
    if tap.act in SHOWS:
        await context.edit_keyboard(update, SHOWS[tap.act](context, subscriber, draft))
        _open(update, context, draft, rights, edits=True)
        return None
    if tap.act in ASKS:
        await _ask(update, context, subscriber, draft, ASKS[tap.act])
        return None
    if tap.act is DraftAct.PUBLISH:
        return await _publish(update, context, subscriber, draft)
    return await _change(update, context, subscriber, draft, *_changes(tap.act, draft))


def _may(act: DraftAct, draft: ArticleDraft, rights: Rights, person_id: int) -> bool:
    if act is DraftAct.DISCARD:
        return may_discard(draft, rights, person_id)
    return may_change(draft, rights) and (rights.publish or act not in PUBLISHES)


def _changes(act: DraftAct, draft: ArticleDraft) -> tuple[ActKind, dict[str, Any]]:
    if act is DraftAct.DISCARD:
        return ActKind.DISCARD, {"state": DraftState.DISCARDED}
    if act is DraftAct.ASK:
        return ActKind.ASK, {"state": DraftState.WAITING}
    if act is DraftAct.JOIN:
        return ActKind.EDIT, {"joins": not draft.joins}
    if act is DraftAct.ALERT:
        return ActKind.EDIT, {"alert": not draft.alert}
    return ActKind.EDIT, {"image": None}


async def set_of_draft(update: Update, context: Context, tap: SetOfDraft) -> str | None:
    """Set a value of a draft by a button."""
    subscriber, drafts = await context.subscriber(update), context.services.desk.drafts
    draft = await drafts.get(tap.draft)
    if draft is None:
        raise StaleTap(tap.pack())
    leads = tap.field in {DraftField.LEAD, DraftField.LEAD_FOR_ALL}
    rights = await rights_of(update, context)
    if not may_change(draft, rights) or (leads and not rights.publish):
        return context.label("no_right", subscriber)
    changes = _set(tap)
    version = tap.version
    changed, done = await drafts.change(
        draft.id, version, ActKind.EDIT, by=subscriber.chat_id, now=context.now, **changes
    )
    if changed is None:
        raise StaleTap(tap.pack())
    if not done:
        await show(update, context, subscriber, changed)
        return draft_card.what_happened(context, subscriber, changed)
    shows = {DraftField.LANGUAGE: DraftAct.LANGUAGES}
    message, _ = await draft_card.card(
        context, subscriber, changed, await rights_of(update, context)
    )
    rows = SHOWS[shows.get(tap.field, DraftAct.LEADS)](context, subscriber, changed)
    await context.edit(update, message, rows)
    _open(update, context, changed, rights, edits=True)
    return None


def _set(tap: SetOfDraft) -> Any:  # noqa: ANN401 - DraftChanges
    if tap.field is DraftField.LANGUAGE and tap.value in draft_card.LANGUAGES:
        return {"language": tap.value}
    if tap.field is DraftField.LEAD and tap.value in map(str, draft_card.LEADS):
        return {"lead_hours": int(tap.value)}
    if tap.field is DraftField.LEAD_FOR_ALL and tap.value in {"0", "1"}:
        return {"lead_for_all": tap.value == "1"}
    raise StaleTap(tap.pack())


async def _ask(
    update: Update, context: Context, subscriber: Subscriber, draft: ArticleDraft, what: DeskSubject
) -> None:
    message = update.effective_message
    if message is not None:
        was, version = asked_value(draft, what), draft.version
        question = DeskQuestion(what, draft.id, message.message_id, was=was, version=version)
        ask(update, context, question)
    await context.reply(
        update, context.render("draft_ask", subscriber, what=what.value, draft=draft)
    )


async def _publish(
    update: Update, context: Context, subscriber: Subscriber, draft: ArticleDraft
) -> str | None:
    desk = context.services.desk
    published = await desk.publisher.publish(draft, by=subscriber.chat_id)
    after = await desk.drafts.get(draft.id) or draft
    await show(update, context, subscriber, after)
    if published is not None:
        return context.label("draft_published", subscriber)
    if await desk.publisher.is_barred(after):
        return context.label("story_barred", subscriber)
    return draft_card.what_happened(context, subscriber, after)


async def _change(  # noqa: PLR0917 - the parts of one change
    update: Update,
    context: Context,
    subscriber: Subscriber,
    draft: ArticleDraft,
    kind: ActKind,
    changes: dict[str, Any],
) -> str | None:
    changed, done = await context.services.desk.drafts.change(
        draft.id, draft.version, kind, by=subscriber.chat_id, now=context.now, **changes
    )
    if changed is None:
        return context.label("button_is_old", subscriber)
    await show(update, context, subscriber, changed)
    return None if done else draft_card.what_happened(context, subscriber, changed)


async def show(
    update: Update, context: Context, subscriber: Subscriber, draft: ArticleDraft
) -> None:
    """Show a draft as it is now in place of the tapped message."""
    rights = await rights_of(update, context)
    await context.edit(update, *await draft_card.card(context, subscriber, draft, rights))
    _open(update, context, draft, rights)


def _open(
    update: Update, context: Context, draft: ArticleDraft, rights: Rights, *, edits: bool = False
) -> None:
    if update.effective_message is not None:
        message_id = update.effective_message.message_id
        open_draft(update, context, draft, rights, message_id, edits=edits)


TAPS = (on_desk_tap(OnDraft, on_draft), on_desk_tap(SetOfDraft, set_of_draft))
