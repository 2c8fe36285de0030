"""The page of the desk with its journal, and the undoing of acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import fitted_rows
from handlers.buttons.pages import Pages
from handlers.desk.articles import article_page
from handlers.desk.corrected_copies import copies_taken_back, reasons
from handlers.desk.desk import on_desk_tap
from handlers.desk.drafts.draft_card import card
from handlers.taps.desk_data import DeskPage, UndoAct
from storage.desk.coming_dates import date_of
from storage.desk.drafts import takes_publishing
from storage.model.desk_model import ActKind, UndoOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.core.context import Reply
    from handlers.desk.desk import Desk
    from storage.model import Correction
    from storage.model.desk_model import ComingDate, DeskAct

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
    kind: str = ""
    """The name of the kind that it gave an article; empty if it gave none. `weight` likewise."""
    weight: str = ""
    date: ComingDate | None = None
    """The date ahead that it added, changed or deleted."""


async def page(desk: Desk, number: int) -> Reply:
    """Return a page of the journal, the newest acts first, with a button to undo each."""
    journal = desk.services.journal
    pages = Pages.within(number, await journal.count(), ON_A_PAGE)
    acts = await journal.recent(limit=ON_A_PAGE, offset=pages.first)
    ids = [each.article_id for each in acts if each.article_id is not None]
    titles = {each.id: each.title for each in await desk.articles.many(ids)}
    of_drafts = {each.draft_id for each in acts if each.draft_id is not None}
    drafts = await desk.services.drafts.titles(of_drafts)
    shown = []
    for each in acts:
        title = titles.get(each.article_id or 0) or drafts.get(each.draft_id or 0, "")
        correction = await _taken_back(desk, each)
        deleted = each.article_id is not None and each.article_id not in titles
        names = article_page.weighed(desk, each.after.get("story_kind"), each.after.get("weight"))
        why = reasons(desk, correction)
        shown.append(ShownAct(each, title, deleted, correction, why, **names, date=date_of(each)))
    undo = [
        desk.button("undo_act", UndoAct(each.number), number=each.number)
        for each, _, deleted, *_ in shown
        if not deleted
        and journal.can_undo(each, desk.now)
        and await _may_not_undo(desk, each) is None
    ]
    people = await desk.services.rights.names()
    message = desk.render("desk_journal", acts=shown, names=people, now=desk.now)
    below = desk.below_list(DeskPage.JOURNAL, pages)
    return message, InlineKeyboardMarkup([*fitted_rows(undo), *below])


async def _taken_back(desk: Desk, act: DeskAct) -> Correction | None:
    """Return the correction that strikes out what an undone act published, or None."""
    if act.undone is None or act.article_id is None or act.kind not in PUBLISHES:
        return None
    return await copies_taken_back(desk, act.article_id)


async def _may_not_undo(desk: Desk, act: DeskAct) -> str | None:
    """Return the key of the notice why an editor may not undo an act; None if the editor may.

    Changes of rights are for operators. Without the right to publish, editors undo their own
    changes of drafts, unless that would publish: see `takes_publishing`.
    """
    if act.kind is ActKind.EDITOR:
        operators = desk.context.services.people.admins
        return None if desk.person_id in operators else "not_your_act"
    if desk.rights.publish:
        return None
    if act.kind not in OF_WRITERS or act.draft_id is None:
        return "no_right"
    if act.person_id != desk.person_id:
        return "not_your_change"
    draft = await desk.services.drafts.get(act.draft_id or 0)
    return "no_right" if draft is not None and takes_publishing(act, draft.state) else None


async def undo(desk: Desk, tap: UndoAct) -> str | None:
    """Undo an act, say how that ended, and show its draft, its story or the journal."""
    services = desk.services
    act = await services.journal.act(tap.act)
    refused = None if act is None else await _may_not_undo(desk, act)
    if refused is not None:
        return desk.label(refused)
    outcome = await services.journal.undo(
        tap.act, person_id=desk.person_id, now=desk.now, publishes=desk.rights.publish
    )
    if outcome is UndoOutcome.UNDONE:
        await services.decided()
    draft = article = None
    if tap.here and act is not None:
        draft = await services.drafts.get(act.draft_id or 0)
        article = await desk.articles.get(act.article_id or 0)
    if draft is not None:
        await desk.show(*await card(desk, draft))
    elif article is not None:
        await desk.show(*await article_page.page(desk, article))
    else:
        await desk.show(*await page(desk, 0))
    return desk.label(f"undo_{outcome.value}")


TAPS = (on_desk_tap(UndoAct, undo),)
