"""An article's page at the desk: how it looks, what was done to it, and buttons to change it."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, chosen, fitted_rows, ordered_rows
from handlers.desk.corrected_copies import last_correction, reasons
from handlers.desk.desk_taps import on_desk_tap, seen_in
from handlers.desk.drafts.draft_card import LEADS
from handlers.taps.amend_data import (
    AS_IT_IS,
    Act,
    ActOn,
    AmendedField,
    AskField,
    DeskArticle,
    LeadArticle,
    SetLead,
)
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import DeskPage, OpenDesk, UndoAct
from handlers.taps.filing_data import FiledKind, OpenFiling
from storage.desk.amended_rows import ChangedMeanwhileError, NoSuchArticleError, seen_as

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context, Reply
    from storage.model import Article, Subscriber
    from storage.model.desk_model import Pin


async def page(context: Context, subscriber: Subscriber, article: Article) -> Reply:
    """Return an article's page at the desk."""
    services = context.services
    desk = services.desk
    reports = await services.articles.of_events([article.event])
    lead = await desk.pins.of_article(article.id, context.now)
    act = await desk.journal.last_of_article(article.id)
    correction = await last_correction(context, article.id)
    message = context.render(
        "desk_article",
        subscriber,
        article=article,
        reports=len(reports),
        reason=await desk.amendments.reason(article.id) if article.is_withdrawn else "",
        act=act,
        lead=lead,
        correction=correction,
        reasons=reasons(context, subscriber, correction),
        now=context.now,
    )
    lines = fitted_rows(_buttons(context, subscriber, article, lead, reports=len(reports)))
    below = [button(context.label("look_again", subscriber), DeskArticle(article.id))]
    if act is not None and desk.journal.can_undo(act, context.now):
        label = context.label("undo_act", subscriber, number=act.number)
        below.append(button(label, UndoAct(act.number)))
    below.append(button(context.label("back", subscriber), OpenDesk(DeskPage.HOME)))
    return message, InlineKeyboardMarkup([*lines, *fitted_rows(below)])


def _buttons(
    context: Context, subscriber: Subscriber, article: Article, lead: Pin | None, *, reports: int
) -> list[InlineKeyboardButton]:
    if article.is_withdrawn:
        return []
    seen = f"{seen_as(article):x}"
    asks = [
        ("typo_title", AmendedField.TITLE, False),
        ("fact_title", AmendedField.TITLE, True),
        ("typo_standfirst", AmendedField.STANDFIRST, False),
        ("fact_standfirst", AmendedField.STANDFIRST, True),
        ("join_event", AmendedField.JOIN, False),
    ]
    found = [
        button(context.label(key, subscriber), AskField(article.id, field, fact, seen))
        for key, field, fact in asks
    ]
    filing = OpenFiling(FiledKind.ARTICLE, article.id, seen)
    found.insert(4, button(context.label("refile", subscriber), filing))
    if reports > 1:
        label = context.label("part_event", subscriber)
        found.append(button(label, ActOn(article.id, Act.PART, seen)))
    if article.state is None:
        label = context.label("lead_until", subscriber)
        for_all = lead is not None and not lead.categories
        of_lead = f"{seen_as(article, lead):x}"
        found.append(button(label, LeadArticle(article.id, for_all, seen=of_lead)))
        label = context.label("hide_story", subscriber)
        found.append(button(label, ActOn(article.id, Act.HIDE, seen)))
    else:
        label = context.label("show_story", subscriber)
        found.append(button(label, ActOn(article.id, Act.SHOW, seen)))
    withdraw = AskField(article.id, AmendedField.REASON, fact=False, seen=seen)
    return [*found, button(context.label("withdraw_story", subscriber), withdraw)]


async def open_article(update: Update, context: Context, tap: DeskArticle) -> str | None:
    """Show an article's page in place of the tapped message."""
    article = await context.services.articles.get(tap.article)
    if article is None:
        raise NoSuchArticleError(tap.article)
    await context.edit(update, *await page(context, await context.subscriber(update), article))
    return None


async def act_on(update: Update, context: Context, tap: ActOn) -> str | None:
    """Hide, show or part an article, and show its page again."""
    subscriber, amendments = await context.subscriber(update), context.services.desk.amendments
    do = {Act.HIDE: amendments.hide, Act.SHOW: amendments.show, Act.PART: amendments.part}[tap.act]
    notice: str | None = None
    try:
        done = await do(
            tap.article, person_id=subscriber.chat_id, now=context.now, seen=seen_in(tap)
        )
        article: Article | None = done.article
        await context.services.desk.keep_decisions()
    except ChangedMeanwhileError:
        article = await context.services.articles.get(tap.article)
        notice = context.label("changed_first", subscriber)
    if article is not None:
        await context.edit(update, *await page(context, subscriber, article))
    return notice


async def show_leads(update: Update, context: Context, tap: LeadArticle) -> str | None:
    """Show until when an article can be the lead story, and for whom, below its page."""
    subscriber, now = await context.subscriber(update), context.now
    await _shown(context, tap)
    lead = await context.services.desk.pins.of_article(tap.article, now)
    ends = {hours: now + timedelta(hours=hours) for hours in LEADS if hours}
    if lead is not None:
        # The present time is one more choice, in place of one that looks the same.
        same = [each for each, until in ends.items() if _minute(until) == _minute(lead.until)]
        ends = {each: until for each, until in ends.items() if each not in same}
        ends[AS_IT_IS] = lead.until
    label = chosen(context.label("no_lead", subscriber), when=lead is None)
    times = [button(label, SetLead(tap.article, 0, tap.for_all, tap.seen))]
    renderer, language = context.services.renderer, context.language_for(subscriber)
    for hours, until in sorted(ends.items(), key=itemgetter(1)):
        label = renderer.near(until, language, zone=subscriber.zone, now=now)
        times.append(
            button(
                chosen(label, when=hours == AS_IT_IS),
                SetLead(tap.article, hours, tap.for_all, tap.seen),
            )
        )
    whose = [
        button(
            chosen(context.label(key, subscriber), when=tap.for_all is every),
            LeadArticle(tap.article, for_all=every, seen=tap.seen),
        )
        for key, every in (("lead_for_followers", False), ("lead_for_all", True))
    ]
    back = [button(context.label("back", subscriber), DeskArticle(tap.article))]
    rows = [*ordered_rows(times), *ordered_rows(whose), back]
    await context.edit_keyboard(update, InlineKeyboardMarkup(rows))
    return None


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


async def set_lead(update: Update, context: Context, tap: SetLead) -> str | None:
    """Make an article the lead story, or one no more, and show its page again."""
    subscriber, article = await context.subscriber(update), await _shown(context, tap)
    until = context.now + timedelta(hours=tap.hours) if tap.hours else None
    if tap.hours == AS_IT_IS:
        lead = await context.services.desk.pins.of_article(article.id, context.now)
        # If its time is up by now, the article is no longer as the editor saw it.
        until = None if lead is None else lead.until
    elif tap.hours not in LEADS:
        raise StaleTap(tap.pack())
    notice = None
    try:
        done = await context.services.desk.pins.lead(
            article.id,
            until,
            () if tap.for_all else article.categories,
            by=subscriber.chat_id,
            now=context.now,
            seen=seen_in(tap),
        )
    except ChangedMeanwhileError:
        notice = context.label("changed_first", subscriber)
    else:
        if not done:
            raise StaleTap(tap.pack())
    now_is = await context.services.articles.get(tap.article) or article
    await context.edit(update, *await page(context, subscriber, now_is))
    return notice


async def _shown(context: Context, tap: LeadArticle | SetLead) -> Article:
    """Return the article of a tap; raise StaleTap if it is hidden or was withdrawn."""
    article = await context.services.articles.get(tap.article)
    if article is None:
        raise NoSuchArticleError(tap.article)
    if article.state is not None:
        raise StaleTap(tap.pack())
    return article


TAPS = (
    on_desk_tap(DeskArticle, open_article, publishes=True),
    on_desk_tap(ActOn, act_on, publishes=True),
    on_desk_tap(LeadArticle, show_leads, publishes=True),
    on_desk_tap(SetLead, set_lead, publishes=True),
)
