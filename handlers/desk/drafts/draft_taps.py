"""The buttons under a draft: publish, ask, discard, join, alert, edit, lead, schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from digest.choosing.ranking import leads_for, let_in
from handlers.buttons.keyboards import button, ordered_rows
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk import on_desk_tap
from handlers.desk.drafts.draft_card import (
    LANGUAGES,
    LEADS,
    SHOWS,
    article_of,
    card,
    choices,
    open_draft,
    show,
    what_happened,
)
from handlers.desk.drafts.edited_drafts import asked_value
from handlers.stories.editions.digest import rendered
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DraftAct, DraftField, OnDraft, SetOfDraft
from storage.model import Taste
from storage.model.desk_model import EDITABLE, ActKind, DraftState, Pin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.desk.desk import Desk
    from storage.model.desk_model import ArticleDraft

HOURS = (7, 9, 12, 18)
"""Hours of the editor's day that have a button, as the time of a publication."""
LONGEST_TIME = 8
"""Digits of a time in a button's data at most."""
PUBLISHES = frozenset(
    {DraftAct.PUBLISH, DraftAct.ALERT, DraftAct.LEADS, DraftAct.TIME, DraftAct.PREVIEW}
)
"""Buttons that need the right to publish."""
ASKS: Mapping[DraftAct, DeskSubject] = {
    DraftAct.HEADLINE: DeskSubject.HEADLINE,
    DraftAct.STANDFIRST: DeskSubject.STANDFIRST,
    DraftAct.PICTURE: DeskSubject.PICTURE,
    DraftAct.TIME: DeskSubject.TIME,
}


async def on_draft(desk: Desk, tap: OnDraft) -> str | None:
    """Do what a button under a draft says, unless another editor was faster."""
    draft = await desk.services.drafts.get(tap.draft)
    if draft is None:
        raise StaleTap(tap.pack())
    if tap.act is DraftAct.OPEN:
        await show(desk, draft)
        return None
    if not _may(desk, tap.act, draft):
        await show(desk, draft)
        others = tap.act is DraftAct.DISCARD and desk.may_change(draft)
        return desk.label("not_your_draft" if others else "no_right")
    if draft.version != tap.version or draft.state not in EDITABLE:
        await show(desk, draft)
        return await what_happened(desk, draft)
    return await _do(desk, draft, tap.act)


async def _do(desk: Desk, draft: ArticleDraft, act: DraftAct) -> str | None:
    if act is DraftAct.PUBLISH:
        return await _publish(desk, draft)
    if act in SHOWS:
        await desk.context.edit_keyboard(desk.update, choices(desk, draft, act))
        open_draft(desk, draft, desk.message_id, edits=True)
    elif act is DraftAct.PREVIEW:
        return await _preview(desk, draft)
    elif act in ASKS:
        await _ask(desk, draft, ASKS[act])
    else:
        kind, changes = _changes(act, draft)
        changed, done = await desk.services.drafts.change(
            draft.id, draft.version, kind, by=desk.person_id, now=desk.now, **changes
        )
        if changed is None:
            return desk.label("button_is_old")
        await show(desk, changed)
        return None if done else await what_happened(desk, changed)
    return None


def _may(desk: Desk, act: DraftAct, draft: ArticleDraft) -> bool:
    if act is DraftAct.DISCARD:
        return desk.may_discard(draft)
    return desk.may_change(draft) and (desk.rights.publish or act not in PUBLISHES)


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


async def set_of_draft(desk: Desk, tap: SetOfDraft) -> str | None:
    """Set a value of a draft by a button."""
    drafts = desk.services.drafts
    draft = await drafts.get(tap.draft)
    if draft is None:
        raise StaleTap(tap.pack())
    leads = tap.field is not DraftField.LANGUAGE
    if not desk.may_change(draft) or (leads and not desk.rights.publish):
        return desk.label("no_right")
    timed = tap.field is DraftField.TIME
    changes = _time(tap) if timed else _set(tap)
    if timed and changes["publish_at"] <= desk.now:
        return desk.label("button_is_old")
    kind = ActKind.SCHEDULE if timed else ActKind.EDIT
    changed, done = await drafts.change(
        draft.id, tap.version, kind, by=desk.person_id, now=desk.now, **changes
    )
    if changed is None:
        raise StaleTap(tap.pack())
    if timed or not done:
        await show(desk, changed)
        return None if done else await what_happened(desk, changed)
    message, _ = await card(desk, changed)
    shows = DraftAct.LEADS if leads else DraftAct.LANGUAGES
    await desk.show(message, choices(desk, changed, shows))
    open_draft(desk, changed, desk.message_id, edits=True)
    return None


def _set(tap: SetOfDraft) -> Any:  # noqa: ANN401 - DraftChanges
    if tap.field is DraftField.LANGUAGE and tap.value in LANGUAGES:
        return {"language": tap.value}
    if tap.field is DraftField.LEAD and tap.value in map(str, LEADS):
        return {"lead_hours": int(tap.value)}
    if tap.field is DraftField.LEAD_FOR_ALL and tap.value in {"0", "1"}:
        return {"lead_for_all": tap.value == "1"}
    raise StaleTap(tap.pack())


def _time(tap: SetOfDraft) -> dict[str, Any]:
    if not tap.value.isdecimal() or len(tap.value) > LONGEST_TIME:
        raise StaleTap(tap.pack())
    at = datetime.fromtimestamp(int(tap.value) * 60, UTC)
    return {"state": DraftState.SCHEDULED, "publish_at": at}


def _times(draft: ArticleDraft, now: datetime) -> dict[datetime, SetOfDraft]:
    """Return the next times at which a draft may be published, in the editor's zone as `now`."""
    days = (now.date() + timedelta(days=each) for each in (0, 1))
    times = (datetime.combine(day, time(hour), now.tzinfo) for day in days for hour in HOURS)
    coming = [each for each in times if each.astimezone(UTC) > now.astimezone(UTC)]
    return {
        at: SetOfDraft(DraftField.TIME, draft.id, draft.version, str(round(at.timestamp()) // 60))
        for at in coming[: len(HOURS)]
    }


async def _ask(desk: Desk, draft: ArticleDraft, what: DeskSubject) -> None:
    was, version = asked_value(draft, what), draft.version
    desk.ask(DeskQuestion(what, draft.id, desk.message_id, was=was, version=version))
    times = {}
    if what is DeskSubject.TIME:
        times = _times(draft, desk.now.astimezone(ZoneInfo(desk.editor.zone)))
    buttons = [button(desk.near(at), tap) for at, tap in times.items()]
    await desk.reply(desk.render("draft_ask", what=what.value, draft=draft), ordered_rows(buttons))


async def _preview(desk: Desk, draft: ArticleDraft) -> str | None:
    """Send the edition of somebody who follows the first category, led by the draft's story."""
    now = desk.now
    words = await desk.articles.followed_words_in(draft.text.title, draft.text.standfirst)
    article = article_of(draft, now, words)
    # A post has no address before it is published.
    article = replace(article, link=article.link or f"https://t.me/{desk.context.bot.username}")
    if not (draft.lead_hours and article.categories):
        await show(desk, draft)
        return None
    if draft.joins:
        article = replace(article, event_id=draft.text.event_id)
    starts = draft.publish_at or now
    categories = frozenset[str]() if draft.lead_for_all else frozenset(article.categories)
    pin = Pin(0, starts + timedelta(hours=draft.lead_hours), categories, starts)
    languages = frozenset({article.language} if article.language else ())
    follower = replace(
        desk.editor, taste=Taste(frozenset({article.categories[0]}), languages=languages)
    )
    sender = desk.context.services.sender
    row, edition = await sender.with_lead(follower, article, replace(pin, created=now))
    chats, topics = await desk.services.pins.reach(
        pin, lambda taste: leads_for(pin, taste, starts) and let_in(article, taste)
    )
    await desk.reply(await rendered(desk.context, follower, row, edition))
    message = desk.render(
        "lead_preview", category=article.categories[0], pin=pin, chats=chats, topics=topics, now=now
    )
    await desk.reply(
        message, [[button(desk.label("back"), OnDraft(DraftAct.OPEN, draft.id, draft.version))]]
    )
    return None


async def _publish(desk: Desk, draft: ArticleDraft) -> str | None:
    publisher = desk.services.publisher
    published = await publisher.publish(draft, by=desk.person_id)
    after = await desk.services.drafts.get(draft.id) or draft
    await show(desk, after)
    if published is not None:
        return desk.label("draft_published")
    if await publisher.is_barred(after):
        return desk.label("story_barred")
    return await what_happened(desk, after)


TAPS = (on_desk_tap(OnDraft, on_draft), on_desk_tap(SetOfDraft, set_of_draft))
