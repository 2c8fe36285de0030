"""The page of the desk with its journal, and the undoing of acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, fitted_rows
from handlers.buttons.pages import Pages
from handlers.core.editing_rights import rights_of
from handlers.desk.corrected_copies import copies_taken_back, reasons
from handlers.desk.desk_taps import below_list, on_desk_tap
from handlers.desk.drafts import draft_card
from handlers.taps.desk_data import DeskPage, UndoAct
from storage.desk.drafts import takes_publishing
from storage.model.desk_model import ActKind, UndoOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Correction, Subscriber
    from storage.model.desk_model import DeskAct, Rights

PUBLISHES = frozenset({ActKind.PUBLISH, ActKind.APPROVE})
"""Kinds of acts that publish an article."""
OF_WRITERS = frozenset({ActKind.EDIT, ActKind.ASK, ActKind.DISCARD})
"""Kinds of acts that an editor may undo without the right to publish, if they are the editor's."""
ON_A_PAGE = 8


class ShownAct(NamedTuple):
    """An act as the journal shows it."""

    act: DeskAct
    title: str
    """The headline of the article or draft that it changed; empty if there is none any more."""
    deleted: bool
    """Whether it changed an article that is not in the archive any more."""
    taken_back: Correction | None
    """The correction that strikes out the copies of an undone publication; None for other acts."""
    reasons: Sequence[str]
    """Why some of those copies could not be changed, each with how many."""


async def page(context: Context, subscriber: Subscriber, number: int) -> Reply:
    """Return a page of the journal, the newest acts first, with a button to undo each."""
    journal, articles = context.services.desk.journal, context.services.articles
    pages = Pages.within(number, await journal.count(), ON_A_PAGE)
    acts = await journal.recent(limit=ON_A_PAGE, offset=pages.first)
    ids = [each.article_id for each in acts if each.article_id is not None]
    titles = {each.id: each.title for each in await articles.many(ids)}
    of_drafts = {each.draft_id for each in acts if each.draft_id is not None}
    drafts = await context.services.desk.drafts.titles(of_drafts)
    shown = []
    for each in acts:
        title = titles.get(each.article_id or 0) or drafts.get(each.draft_id or 0, "")
        correction = await _taken_back(context, each)
        deleted = each.article_id is not None and each.article_id not in titles
        why = reasons(context, subscriber, correction)
        shown.append(ShownAct(each, title, deleted, correction, why))
    message = context.render("desk_journal", subscriber, acts=shown, now=context.now)
    rights = await context.services.desk.rights.of(subscriber.chat_id)
    undo = [
        button(context.label("undo_act", subscriber, number=each.number), UndoAct(each.number))
        for each, _, deleted, *_ in shown
        if not deleted
        and journal.can_undo(each, context.now)
        and await _may_not_undo(context, subscriber, each, rights) is None
    ]
    below = below_list(context, subscriber, DeskPage.JOURNAL, pages)
    return message, InlineKeyboardMarkup([*fitted_rows(undo), *below])


async def _taken_back(context: Context, act: DeskAct) -> Correction | None:
    """Return the correction that strikes out what an undone act published, or None."""
    if act.undone is None or act.article_id is None or act.kind not in PUBLISHES:
        return None
    return await copies_taken_back(context, act.article_id)


async def _may_not_undo(
    context: Context, subscriber: Subscriber, act: DeskAct, rights: Rights
) -> str | None:
    """Return the key of the notice why an editor may not undo an act; None if the editor may.

    Changes of rights are for operators. Without the right to publish, editors undo their own
    changes of drafts, unless that would publish: see `takes_publishing`.
    """
    if act.kind is ActKind.EDITOR:
        return None if subscriber.chat_id in context.services.people.admins else "not_your_act"
    if rights.publish:
        return None
    if act.kind not in OF_WRITERS:
        return "no_right"
    if act.person_id != subscriber.chat_id:
        return "not_your_change"
    draft = await context.services.desk.drafts.get(act.draft_id or 0)
    return "no_right" if draft is not None and takes_publishing(act, draft.state) else None


async def undo(update: Update, context: Context, tap: UndoAct) -> str | None:
    """Undo an act, say how that ended, and show the journal again."""
    subscriber, journal = await context.subscriber(update), context.services.desk.journal
    act = await journal.act(tap.act)
    rights = await rights_of(update, context)
    refused = None if act is None else await _may_not_undo(context, subscriber, act, rights)
    if refused is not None:
        return context.label(refused, subscriber)
    outcome = await journal.undo(
        tap.act, person_id=subscriber.chat_id, now=context.now, publishes=rights.publish
    )
    if outcome is UndoOutcome.UNDONE:
        context.services.desk.correct_soon()
        await context.services.desk.keep_decisions()
    of_draft = act.draft_id if tap.draft and act is not None else None
    draft = await context.services.desk.drafts.get(of_draft) if of_draft is not None else None
    if draft is None:
        await context.edit(update, *await page(context, subscriber, 0))
    else:
        await context.edit(update, *await draft_card.card(context, subscriber, draft, rights))
    return context.label(f"undo_{outcome.value}", subscriber)


TAPS = (on_desk_tap(UndoAct, undo),)
