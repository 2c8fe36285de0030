"""A draft as its editor sees it: the card that readers will see, what is known of it, buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, chosen, fitted_rows, ordered_rows
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.corrected_copies import copies_taken_back, reasons
from handlers.settings.declared import language_name
from handlers.taps.amend_data import DeskArticle
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
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from handlers.core.context import Reply
    from handlers.desk.desk import Desk
    from handlers.taps.callback_codec import Tap
    from storage.model.desk_model import ArticleDraft

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


async def card(desk: Desk, draft: ArticleDraft) -> Reply:
    """Return a draft's message with the buttons that its state and the editor's rights allow."""
    now, audience, taken_back = desk.now, None, None
    words = await desk.articles.followed_words_in(draft.text.title, draft.text.standfirst)
    article = article_of(draft, now, words)
    editable, published = draft.state in EDITABLE, draft.state is DraftState.PUBLISHED
    if draft.alert and editable:
        audience = Audience(*await desk.services.alerts.audience(article, now))
    known = desk.context.services.taxonomy.categories
    leads_until = (draft.publish_at or now) + timedelta(hours=draft.lead_hours)
    if draft.article_id is not None and editable:
        taken_back = await copies_taken_back(desk, draft.article_id)
    deleted = published and await desk.articles.get(draft.article_id or 0) is None
    if published:
        # Editors may have changed on the article's page whether it leads.
        lead = await desk.services.pins.of_article(draft.article_id or 0, now)
        for_all = lead is not None and not lead.categories
        leads_until = now if lead is None else lead.until
        draft = replace(draft, lead_hours=int(lead is not None), lead_for_all=for_all)
    message = desk.render(
        "draft",
        taken_back=taken_back,
        deleted=deleted,
        barred=await desk.services.publisher.is_barred(draft),
        reasons=reasons(desk, taken_back),
        draft=draft,
        article=article,
        filings=[each for each in draft.text.filings if each.category in known],
        audience=audience,
        leads_until=leads_until,
        zone=desk.editor.zone,
        now=now,
    )
    message = below_its_picture(message, article, private=True)
    rows = [[desk.button("to_desk", OpenDesk(DeskPage.HOME))]]
    if published and not deleted:
        rows = [*await _take_back(desk, draft), *rows]
        if desk.rights.publish:
            rows[-1].insert(0, desk.button("at_desk", DeskArticle(draft.article_id or 0)))
    if editable and desk.may_change(draft):
        rows = _rows(desk, draft)
    if taken_back is not None and taken_back.done is None:
        rows.append([_act(desk, draft, "look_again", DraftAct.OPEN)])
    return message, InlineKeyboardMarkup(rows)


async def _take_back(desk: Desk, draft: ArticleDraft) -> list[list[InlineKeyboardButton]]:
    """Return the row that undoes a publication, within the hour."""
    journal = desk.services.journal
    act = await journal.last_of_article(draft.article_id or 0, ActKind.PUBLISH)
    if not desk.rights.publish or act is None or not journal.can_undo(act, desk.now):
        return []
    return [[desk.button("take_back", UndoAct(act.number, here=True))]]


def _rows(desk: Desk, draft: ArticleDraft) -> list[list[InlineKeyboardButton]]:
    publishes = desk.rights.publish
    first: list[tuple[str, DraftAct]] = []
    if publishes:
        first.append(("publish", DraftAct.PUBLISH))
    elif draft.state is DraftState.OPEN:
        first.append(("ask_to_publish", DraftAct.ASK))
    first += [("edit", DraftAct.EDIT)]
    if publishes:
        first += [("lead_until", DraftAct.LEADS), ("publish_later", DraftAct.TIME)]
    toggles = []
    if publishes:
        alert = chosen(desk.label("as_alert"), when=draft.alert)
        toggles.append(button(alert, OnDraft(DraftAct.ALERT, draft.id, draft.version)))
    if draft.text.event_id is not None:
        join = chosen(desk.label("join_story"), when=draft.joins)
        toggles.append(button(join, OnDraft(DraftAct.JOIN, draft.id, draft.version)))
    last = [desk.button("to_desk", OpenDesk(DeskPage.HOME))]
    if desk.may_discard(draft):
        last.insert(0, _act(desk, draft, "discard", DraftAct.DISCARD))
    acts = [_act(desk, draft, key, act) for key, act in first]
    return [*fitted_rows(acts), *ordered_rows(toggles), last]


def _act(desk: Desk, draft: ArticleDraft, key: str, act: DraftAct) -> InlineKeyboardButton:
    return desk.button(key, OnDraft(act, draft.id, draft.version))


def edit_rows(desk: Desk, draft: ArticleDraft) -> list[list[InlineKeyboardButton]]:
    """Return the buttons of what can be edited in a draft."""
    parts = {
        "headline": DraftAct.HEADLINE,
        "standfirst": DraftAct.STANDFIRST,
        "picture": DraftAct.PICTURE,
        "draft_language": DraftAct.LANGUAGES,
    }
    if draft.text.image:
        parts["no_picture"] = DraftAct.NO_PICTURE
    buttons = [_act(desk, draft, key, act) for key, act in parts.items()]
    filing = OpenFiling(FiledKind.DRAFT, draft.id, f"{draft.version:x}")
    buttons.insert(3, desk.button("categories", filing))
    return fitted_rows(buttons)


def language_rows(desk: Desk, draft: ArticleDraft) -> list[list[InlineKeyboardButton]]:
    """Return a button for each language that an article can have."""
    language = desk.context.language_for(desk.editor)
    return fitted_rows(
        button(
            chosen(language_name(each, language), when=each == draft.text.language),
            SetOfDraft(DraftField.LANGUAGE, draft.id, draft.version, each),
        )
        for each in LANGUAGES
    )


def lead_rows(desk: Desk, draft: ArticleDraft) -> list[list[InlineKeyboardButton]]:
    """Return the buttons for how long a draft leads, and in whose editions."""
    starts = draft.publish_at or desk.now
    times = [
        button(
            chosen(
                desk.near(starts + timedelta(hours=hours)) if hours else desk.label("no_lead"),
                when=hours == draft.lead_hours,
            ),
            SetOfDraft(DraftField.LEAD, draft.id, draft.version, str(hours)),
        )
        for hours in LEADS
    ]

    def tap(every: bool) -> Tap:  # noqa: FBT001 - the value that the button sets
        return SetOfDraft(DraftField.LEAD_FOR_ALL, draft.id, draft.version, str(int(every)))

    rows = [*ordered_rows(times), *whose_lead(desk, tap, draft.lead_for_all)]
    if draft.lead_hours and draft.text.filings:
        rows.append([_act(desk, draft, "lead_preview", DraftAct.PREVIEW)])
    return rows


def whose_lead(
    desk: Desk,
    tap: Callable[[bool], Tap],
    present: bool,  # noqa: FBT001 - the present choice
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons for whom a story leads: its followers, or everybody."""
    keys = {"lead_for_followers": False, "lead_for_all": True}
    return ordered_rows(
        [
            button(chosen(desk.label(key), when=present is every), tap(every))
            for key, every in keys.items()
        ]
    )


SHOWS: Mapping[DraftAct, Callable[[Desk, ArticleDraft], list[list[InlineKeyboardButton]]]] = {
    DraftAct.EDIT: edit_rows,
    DraftAct.LANGUAGES: language_rows,
    DraftAct.LEADS: lead_rows,
}
"""Buttons of a draft → what they show in place of its buttons."""


def choices(desk: Desk, draft: ArticleDraft, act: DraftAct) -> InlineKeyboardMarkup:
    """Return the keyboard that a button of `SHOWS` shows, with a way back to the draft."""
    back = [_act(desk, draft, "back", DraftAct.OPEN)]
    return InlineKeyboardMarkup([*SHOWS[act](desk, draft), back])


def open_draft(
    desk: Desk, draft: ArticleDraft, message_id: int, *, edits: bool = False, album: str = ""
) -> None:
    """Remember which draft an editor sees, instead of the question that was open in the chat.

    A photo that the editor sends next becomes its picture. A draft that the editor may not change,
    or that is published or discarded, is not open; then no question stays open. `edits`: the editor
    chooses what to edit. Further photos of `album`, whose first was taken, are ignored.
    """
    if draft.state in EDITABLE and desk.may_change(draft):
        what = DeskSubject.PARTS if edits else DeskSubject.DRAFT
        desk.ask(DeskQuestion(what, draft.id, message_id, album=album))
    else:
        desk.drop_question()


async def show(desk: Desk, draft: ArticleDraft) -> None:
    """Show a draft as it is now in place of the tapped message, and have it open."""
    await desk.show(*await card(desk, draft))
    open_draft(desk, draft, desk.message_id)


async def what_happened(desk: Desk, draft: ArticleDraft) -> str:
    """Return what an editor did to a draft, for the answer to a tap that came too late."""
    if draft.state in {DraftState.PUBLISHING, DraftState.PUBLISHED}:
        return desk.label("published_before")
    if draft.state is DraftState.DISCARDED:
        return desk.label("discarded_before")
    if draft.changed_by == desk.person_id:
        return desk.label("draft_changed_by_you")
    name = (await desk.services.rights.names()).get(draft.changed_by or 0)
    if name is None:
        return desk.label("draft_changed_since")
    return desk.label("draft_changed", name=name)
