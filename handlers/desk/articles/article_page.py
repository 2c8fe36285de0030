"""An article's page at the desk: how it looks, what was done to it, and buttons to change it."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, chosen, fitted_rows, ordered_rows
from handlers.desk.corrected_copies import last_correction, reasons
from handlers.desk.desk import on_desk_tap
from handlers.desk.drafts.draft_card import LEADS, whose_lead
from handlers.stories.complaints import kinds_said
from handlers.taps.amend_data import (
    AS_IT_IS,
    Act,
    ActOn,
    AmendedField,
    AskDate,
    AskField,
    DeskArticle,
    DeskDate,
    LeadArticle,
    LeaveArticle,
    SetLead,
    WeighArticle,
)
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DeskPage, OpenDesk, UndoAct
from handlers.taps.filing_data import FiledKind, OpenFiling
from storage.desk.amended_rows import ChangedMeanwhileError, seen_as, weighed_as
from storage.model import StoryKind

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from handlers.core.context import Reply
    from handlers.desk.desk import Desk
    from handlers.taps.callback_codec import Tap
    from storage.model import Article
    from storage.model.desk_model import Pin

GIVEN_WEIGHTS = range(4)
"""What an editor may say that a story weighs: 0 to leave it out, 3 if it could lead."""


async def page(desk: Desk, article: Article) -> Reply:
    """Return an article's page at the desk."""
    services = desk.services
    reports = await desk.articles.of_events([article.event])
    lead = await services.pins.of_article(article.id, desk.now)
    act = await services.journal.last_of_article(article.id)
    wrong = await services.complaints.about(article.id)
    correction = await last_correction(desk, article.id)
    message = desk.render(
        "desk_article",
        article=article,
        reports=len(reports),
        reason=await services.amendments.reason(article.id) if article.is_withdrawn else "",
        act=act,
        names=await services.rights.names(),
        lead=lead,
        **weighed(desk, article.story_kind, article.weight),
        correction=correction,
        reasons=reasons(desk, correction),
        kinds=() if wrong is None else kinds_said(desk.context, desk.editor, wrong.kinds),
        sentences=() if wrong is None else wrong.sentences,
        now=desk.now,
    )
    buttons = _buttons(desk, article, lead, reports=len(reports))
    if article.state is None:
        language = desk.context.language_for(desk.editor)
        for each in await services.dates.of_article(article.id):
            span = desk.context.services.renderer.span(each.first, each.last, language, desk.now)
            buttons.append(button(span, DeskDate(each.id)))
        buttons.append(desk.button("add_date", AskDate(article.id)))
    lines = fitted_rows(buttons)
    below = [desk.button("look_again", DeskArticle(article.id))]
    if wrong is not None:
        below.insert(0, desk.button("leave_story", LeaveArticle(article.id, wrong.newest)))
    if act is not None and services.journal.can_undo(act, desk.now):
        below.append(desk.button("undo_last", UndoAct(act.number, here=True)))
    below.append(desk.button("back", OpenDesk(DeskPage.HOME)))
    return message, InlineKeyboardMarkup([*lines, *fitted_rows(below)])


def weighed(desk: Desk, kind: str | None, weight: float | None) -> dict[str, str]:
    """Return the names of a kind and of a weight; "" for None."""
    return {
        "kind": "" if kind is None else desk.label(f"kind_{kind}"),
        "weight": "" if weight is None else desk.label(f"weight_{round(weight)}"),
    }


def _buttons(
    desk: Desk, article: Article, lead: Pin | None, *, reports: int
) -> list[InlineKeyboardButton]:
    if article.is_withdrawn:
        return []
    number, seen = article.id, f"{seen_as(article):x}"
    hidden = article.state is not None
    taps: dict[str, Tap] = {
        "typo_title": AskField(number, AmendedField.TITLE, fact=False, seen=seen),
        "fact_title": AskField(number, AmendedField.TITLE, fact=True, seen=seen),
        "typo_standfirst": AskField(number, AmendedField.STANDFIRST, fact=False, seen=seen),
        "fact_standfirst": AskField(number, AmendedField.STANDFIRST, fact=True, seen=seen),
        "refile": OpenFiling(FiledKind.ARTICLE, number, seen),
        "weigh": WeighArticle(number),
        "join_event": AskField(number, AmendedField.JOIN, fact=False, seen=seen),
    }
    if reports > 1:
        taps["part_event"] = ActOn(number, Act.PART, seen)
    if hidden:
        taps["show_story"] = ActOn(number, Act.SHOW, seen)
    else:
        for_all = lead is not None and not lead.categories
        taps["lead_until"] = LeadArticle(number, for_all, seen=f"{seen_as(article, lead):x}")
        taps["hide_story"] = ActOn(number, Act.HIDE, seen)
    taps["withdraw_story"] = AskField(number, AmendedField.REASON, fact=False, seen=seen)
    return [desk.button(key, tap) for key, tap in taps.items()]


async def show(desk: Desk, number: int) -> None:
    """Show an article's page in place of the tapped message."""
    await desk.show(*await page(desk, await desk.article(number)))


async def is_done(desk: Desk, act: Awaitable[object]) -> bool:
    """Do an act about an article; return False if somebody else changed the article first."""
    try:
        await act
    except ChangedMeanwhileError:
        return False
    await desk.services.decided()
    return True


async def do(desk: Desk, number: int, act: Awaitable[object]) -> str | None:
    """Do an act about an article, and show its page again; return a notice if it was not done."""
    done = await is_done(desk, act)
    await show(desk, number)
    return None if done else desk.label("changed_first")


async def open_article(desk: Desk, tap: DeskArticle) -> None:
    """Show the article of a button."""
    await show(desk, tap.article)


async def act_on(desk: Desk, tap: ActOn) -> str | None:
    """Hide, show or part an article."""
    amendments = desk.services.amendments
    acts = {Act.HIDE: amendments.hide, Act.SHOW: amendments.show, Act.PART: amendments.part}
    return await do(desk, tap.article, acts[tap.act](tap.article, **desk.by(tap)))


async def weigh(desk: Desk, tap: WeighArticle) -> str | None:
    """Show the kinds and weights below an article's page, or write one."""
    article = await desk.article(tap.article)
    kinds = {each.value: each for each in StoryKind}
    weights = {str(each): each for each in GIVEN_WEIGHTS}
    if article.is_withdrawn or tap.choice not in {"", *kinds, *weights}:
        raise StaleTap(tap.pack())
    if tap.choice:
        kind, weight = kinds.get(tap.choice), weights.get(tap.choice)
        weigh = desk.services.amendments.weigh
        return await do(
            desk, article.id, weigh(article.id, kind=kind, weight=weight, **desk.by(tap))
        )
    present = {article.story_kind, "" if article.weight is None else str(round(article.weight))}
    names = {each: desk.label(f"kind_{each}") for each in kinds}
    names |= {each: desk.label(f"weight_{each}") for each in weights}
    seen = f"{weighed_as(article):x}"
    choices = [
        button(chosen(name, when=each in present), WeighArticle(article.id, each, seen))
        for each, name in names.items()
    ]
    rows = [*fitted_rows(choices), [desk.button("back", DeskArticle(article.id))]]
    await desk.context.edit_keyboard(desk.update, InlineKeyboardMarkup(rows))
    return None


async def leave(desk: Desk, tap: LeaveArticle) -> str | None:
    """Leave an article as it is, whatever readers say is wrong."""
    left = desk.services.complaints.leave(
        tap.article, newest=tap.complaint, by=desk.person_id, now=desk.now
    )
    return await do(desk, tap.article, left) or desk.label("story_left")


async def show_leads(desk: Desk, tap: LeadArticle) -> None:
    """Show until when an article can be the lead story, and for whom, below its page."""
    now = desk.now
    await _shown(desk, tap)
    lead = await desk.services.pins.of_article(tap.article, now)
    ends = {hours: now + timedelta(hours=hours) for hours in LEADS if hours}
    if lead is not None:
        # The present time is one more choice, in place of one that looks the same.
        same = [each for each, until in ends.items() if _minute(until) == _minute(lead.until)]
        ends = {each: until for each, until in ends.items() if each not in same}
        ends[AS_IT_IS] = lead.until
    none = chosen(desk.label("no_lead"), when=lead is None)
    times = [button(none, SetLead(tap.article, 0, tap.for_all, tap.seen))] + [
        button(
            chosen(desk.near(until), when=hours == AS_IT_IS),
            SetLead(tap.article, hours, tap.for_all, tap.seen),
        )
        for hours, until in sorted(ends.items(), key=itemgetter(1))
    ]
    whose = whose_lead(
        desk, lambda every: LeadArticle(tap.article, for_all=every, seen=tap.seen), tap.for_all
    )
    back = [desk.button("back", DeskArticle(tap.article))]
    rows = [*ordered_rows(times), *whose, back]
    await desk.context.edit_keyboard(desk.update, InlineKeyboardMarkup(rows))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


async def set_lead(desk: Desk, tap: SetLead) -> str | None:
    """Make an article the lead story, or one no more."""
    article, pins = await _shown(desk, tap), desk.services.pins
    until = desk.now + timedelta(hours=tap.hours) if tap.hours else None
    if tap.hours == AS_IT_IS:
        lead = await pins.of_article(article.id, desk.now)
        # If its time is up by now, the article is no longer as the editor saw it.
        until = None if lead is None else lead.until
    elif tap.hours not in LEADS:
        raise StaleTap(tap.pack())
    whose = () if tap.for_all else article.categories
    return await do(desk, article.id, pins.lead(article.id, until, whose, **desk.by(tap)))


async def _shown(desk: Desk, tap: LeadArticle | SetLead) -> Article:
    """Return the article of a tap; raise StaleTap if it is hidden or was withdrawn."""
    article = await desk.article(tap.article)
    if article.state is not None:
        raise StaleTap(tap.pack())
    return article


TAPS = (
    on_desk_tap(DeskArticle, open_article, publishes=True),
    on_desk_tap(ActOn, act_on, publishes=True),
    on_desk_tap(LeaveArticle, leave, publishes=True),
    on_desk_tap(WeighArticle, weigh, publishes=True),
    on_desk_tap(LeadArticle, show_leads, publishes=True),
    on_desk_tap(SetLead, set_lead, publishes=True),
)
