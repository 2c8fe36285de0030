"""A draft as its editor sees it: the card that readers will see, what is known of it, buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, chosen, fitted_rows, ordered_rows
from handlers.desk.corrected_copies import copies_taken_back, reasons
from handlers.desk.desk_taps import may_change, may_discard
from handlers.settings.setting_names import language_name
from handlers.taps.desk_data import (
    DeskPage,
    DraftAct,
    DraftField,
    OnDraft,
    OpenDesk,
    SetOfDraft,
    UndoAct,
)
from handlers.taps.filing_data import FiledKind, OpenFiling
from news.publishing import OWN
from storage.model import FILLER, Article
from storage.model.desk_model import EDITABLE, ActKind, DraftState
from templates.rich.pictured_text import below_its_picture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft, Rights

NOBODY = "\u2013"
"""Shown in place of an editor's id if the bot changed a draft, or a person who was forgotten."""
LEADS = (0, 6, 12, 24, 72)
"""Hours for which a story can lead; 0 for not at all."""
LANGUAGES = ("en", "it", "es", "fr", "zh", "de")
"""Languages of articles that have a button; "" for an unknown one."""


class Audience(NamedTuple):
    """How many chats an alert would reach."""

    at_once: int
    later: int
    """After their quiet hours."""


def article_of(draft: ArticleDraft, now: datetime, words: Sequence[str] = ()) -> Article:
    """Return the article that a draft would become, for its card and its alerts."""
    text = draft.text
    return Article(
        id=0,
        story_id=0,
        source_id=0,
        source=text.source or OWN,
        source_weight=50,
        link=text.link,
        title=text.title,
        standfirst=text.standfirst,
        image=text.image,
        author=text.author,
        language=text.language,
        published=text.published or draft.publish_at or now,
        first_seen=now,
        categories=tuple(dict.fromkeys(each.category for each in text.filings)),
        backlog=False,
        has_body=text.body is not None,
        words=tuple(words),
        paywall=bool(text.paywall),
        filler=any(each.category == FILLER for each in text.filings),
    )


async def card(
    context: Context, subscriber: Subscriber, draft: ArticleDraft, rights: Rights
) -> Reply:
    """Return a draft's message with the buttons that its state and the editor's rights allow."""
    now, audience = context.now, None
    words = await context.services.articles.followed_words_in(
        draft.text.title, draft.text.standfirst
    )
    article = article_of(draft, now, words)
    if draft.alert and draft.state in EDITABLE:
        audience = Audience(*await context.services.desk.alerts.audience(article, now))
    known = context.services.taxonomy.categories
    leads_until = (draft.publish_at or now) + timedelta(hours=draft.lead_hours)
    taken_back = None
    if draft.article_id is not None and draft.state in EDITABLE:
        taken_back = await copies_taken_back(context, draft.article_id)
    deleted = draft.state is DraftState.PUBLISHED and await _is_deleted(context, draft)
    if draft.state is DraftState.PUBLISHED:
        # Editors may have changed on the article's page whether it leads.
        lead = await context.services.desk.pins.of_article(draft.article_id or 0, now)
        for_all = lead is not None and not lead.categories
        leads_until = now if lead is None else lead.until
        draft = replace(draft, lead_hours=int(lead is not None), lead_for_all=for_all)
    barred = await context.services.desk.publisher.is_barred(draft)
    message = context.render(
        "draft",
        subscriber,
        taken_back=taken_back,
        deleted=deleted,
        barred=barred,
        reasons=reasons(context, subscriber, taken_back),
        draft=draft,
        article=article,
        filings=[each for each in draft.text.filings if each.category in known],
        audience=audience,
        leads_until=leads_until,
        zone=subscriber.zone,
        now=now,
    )
    message = below_its_picture(message, article, private=True)
    if draft.state is DraftState.PUBLISHED and not deleted:
        return message, InlineKeyboardMarkup(await _after(context, subscriber, draft, rights))
    if draft.state not in EDITABLE:
        return message, InlineKeyboardMarkup([[_home(context, subscriber)]])
    rows = _rows(context, subscriber, draft, rights)
    if taken_back is not None and taken_back.done is None:
        rows.append([_act(context, subscriber, draft, "look_again", DraftAct.OPEN)])
    return message, InlineKeyboardMarkup(rows)


async def _is_deleted(context: Context, draft: ArticleDraft) -> bool:
    return await context.services.articles.get(draft.article_id or 0) is None


async def _after(
    context: Context, subscriber: Subscriber, draft: ArticleDraft, rights: Rights
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons under a published draft: undo it within the hour."""
    lines = []
    journal = context.services.desk.journal
    act = await journal.last_of_article(draft.article_id or 0, ActKind.PUBLISH)
    if rights.publish and act is not None and journal.can_undo(act, context.now):
        label = context.label("take_back", subscriber)
        lines.append([button(label, UndoAct(act.number, draft=True))])
    return [*lines, [_home(context, subscriber)]]


def _rows(
    context: Context, subscriber: Subscriber, draft: ArticleDraft, rights: Rights
) -> list[list[InlineKeyboardButton]]:
    if not may_change(draft, rights):
        return [[_home(context, subscriber)]]
    first: list[tuple[str, DraftAct]] = []
    if rights.publish:
        first.append(("publish", DraftAct.PUBLISH))
    elif draft.state is DraftState.OPEN:
        first.append(("ask_to_publish", DraftAct.ASK))
    first += [("edit", DraftAct.EDIT)]
    if rights.publish:
        first += [("lead_until", DraftAct.LEADS), ("publish_later", DraftAct.TIME)]
    toggles = []
    if rights.publish:
        alert = chosen(context.label("as_alert", subscriber), when=draft.alert)
        toggles.append(button(alert, OnDraft(DraftAct.ALERT, draft.id, draft.version)))
    if draft.text.event_id is not None:
        join = chosen(context.label("join_story", subscriber), when=draft.joins)
        toggles.append(button(join, OnDraft(DraftAct.JOIN, draft.id, draft.version)))
    last = [_home(context, subscriber)]
    if may_discard(draft, rights, subscriber.chat_id):
        last.insert(0, _act(context, subscriber, draft, "discard", DraftAct.DISCARD))
    acts = [_act(context, subscriber, draft, key, act) for key, act in first]
    return [*fitted_rows(acts), *ordered_rows(toggles), last]


def _act(
    context: Context, subscriber: Subscriber, draft: ArticleDraft, key: str, act: DraftAct
) -> InlineKeyboardButton:
    return button(context.label(key, subscriber), OnDraft(act, draft.id, draft.version))


def _home(context: Context, subscriber: Subscriber) -> InlineKeyboardButton:
    return button(context.label("to_desk", subscriber), OpenDesk(DeskPage.HOME))


def back(
    context: Context, subscriber: Subscriber, draft: ArticleDraft
) -> list[InlineKeyboardButton]:
    """Return the row that leads back to a draft."""
    return [_act(context, subscriber, draft, "back", DraftAct.OPEN)]


def edit_rows(
    context: Context, subscriber: Subscriber, draft: ArticleDraft
) -> InlineKeyboardMarkup:
    """Return the buttons of what can be edited in a draft."""
    parts = {
        "headline": DraftAct.HEADLINE,
        "standfirst": DraftAct.STANDFIRST,
        "picture": DraftAct.PICTURE,
        "draft_language": DraftAct.LANGUAGES,
    }
    if draft.text.image:
        parts["no_picture"] = DraftAct.NO_PICTURE
    buttons = [_act(context, subscriber, draft, key, act) for key, act in parts.items()]
    filing = OpenFiling(FiledKind.DRAFT, draft.id, f"{draft.version:x}")
    buttons.insert(3, button(context.label("categories", subscriber), filing))
    return InlineKeyboardMarkup([*fitted_rows(buttons), back(context, subscriber, draft)])


def language_rows(
    context: Context, subscriber: Subscriber, draft: ArticleDraft
) -> InlineKeyboardMarkup:
    """Return a button for each language that an article can have."""
    language = context.language_for(subscriber)
    buttons = [
        button(
            chosen(language_name(each, language), when=each == draft.text.language),
            SetOfDraft(DraftField.LANGUAGE, draft.id, draft.version, each),
        )
        for each in LANGUAGES
    ]
    return InlineKeyboardMarkup([*fitted_rows(buttons), back(context, subscriber, draft)])


def lead_rows(
    context: Context, subscriber: Subscriber, draft: ArticleDraft
) -> InlineKeyboardMarkup:
    """Return the buttons for how long a draft leads, and in whose editions."""
    starts = draft.publish_at or context.now
    renderer, language = context.services.renderer, context.language_for(subscriber)
    buttons = [
        button(
            chosen(
                renderer.near(
                    starts + timedelta(hours=hours),
                    language,
                    zone=subscriber.zone,
                    now=context.now,
                )
                if hours
                else context.label("no_lead", subscriber),
                when=hours == draft.lead_hours,
            ),
            SetOfDraft(DraftField.LEAD, draft.id, draft.version, str(hours)),
        )
        for hours in LEADS
    ]
    whose = [
        button(
            chosen(context.label(key, subscriber), when=draft.lead_for_all is every),
            SetOfDraft(DraftField.LEAD_FOR_ALL, draft.id, draft.version, str(int(every))),
        )
        for key, every in (("lead_for_followers", False), ("lead_for_all", True))
    ]
    rows = [*ordered_rows(buttons), *ordered_rows(whose), back(context, subscriber, draft)]
    return InlineKeyboardMarkup(rows)


def what_happened(context: Context, subscriber: Subscriber, draft: ArticleDraft) -> str:
    """Return what an editor did to a draft, for the answer to a tap that came too late."""
    key = {
        DraftState.PUBLISHING: "published_before",
        DraftState.PUBLISHED: "published_before",
        DraftState.DISCARDED: "discarded_before",
    }.get(draft.state)
    if key is not None:
        return context.label(key, subscriber)
    if draft.changed_by == subscriber.chat_id:
        return context.label("draft_changed_by_you", subscriber)
    return context.label("draft_changed", subscriber, id=draft.changed_by or NOBODY)
