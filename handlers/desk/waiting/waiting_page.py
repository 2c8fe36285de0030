"""The page of the desk with the articles that wait for approval, and the page of their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.buttons.keyboards import button, chosen, equal_rows, ordered_rows
from handlers.buttons.pages import Pages
from handlers.core.editing_rights import rights_of
from handlers.desk.desk_taps import below_list, on_desk_tap, seen_in
from handlers.taps.desk_data import (
    DeskPage,
    DiscardWaiting,
    OpenDesk,
    OpenWaiting,
    PublishAll,
    PublishWaiting,
    SetApproval,
)
from news.approval import AT_ONCE
from storage.desk.amended_rows import ChangedMeanwhileError
from storage.desk.waiting import waits_as
from storage.model.desk_model import WaitingState
from templates.markup.text import web_link

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

ON_A_PAGE = 8
SOURCES_ON_A_PAGE = 10
LONGEST_NAME = 40
"""Characters of a source's name on its button at most."""


async def page(context: Context, subscriber: Subscriber, number: int) -> Reply:
    """Return a page of the articles that wait, the newest first, with a number for each."""
    waiting = context.services.desk.waiting
    publishes = (await context.services.desk.rights.of(subscriber.chat_id)).publish
    newest = await waiting.newest()
    pages = Pages.within(number, await waiting.count(), ON_A_PAGE)
    found = await waiting.listed(limit=ON_A_PAGE, offset=pages.first)
    await waiting.looked_at([each.id for each in found], context.now)
    message = context.render(
        "waiting", subscriber, waiting=found, first=pages.first + 1, now=context.now
    )
    numbers = [
        button(str(at), OpenWaiting(each.id, pages.page))
        for at, each in enumerate(found, start=pages.first + 1)
    ]
    lines = [*equal_rows(numbers)] if numbers else []
    if publishes and pages.count > 1:
        label = context.label("publish_all", subscriber, number=pages.count)
        looks = await waiting.list_as(newest, limit=AT_ONCE)
        lines.append([button(label, PublishAll(newest, f"{looks:x}"))])
    *turning, back = below_list(context, subscriber, DeskPage.WAITING, pages)
    lines += turning
    if publishes:
        label = context.label("desk_approval", subscriber)
        lines.append([button(label, OpenDesk(DeskPage.APPROVAL))])
    return message, InlineKeyboardMarkup([*lines, back])


async def open_one(update: Update, context: Context, tap: OpenWaiting) -> str | None:
    """Show one waiting article, or say what another editor did with it."""
    subscriber, waiting = await context.subscriber(update), context.services.desk.waiting
    found = await waiting.get(tap.article)
    if found is None or found.state is not WaitingState.WAITING:
        return await _decided_before(update, context, tap.article, tap.page)
    await waiting.looked_at([found.id], context.now)
    message = context.render("waiting_article", subscriber, waiting=found, now=context.now)
    lines = []
    if (await rights_of(update, context)).publish:
        decisions = [
            button(
                context.label("publish", subscriber),
                PublishWaiting(found.id, tap.page, f"{waits_as(found):x}"),
            ),
            button(context.label("discard", subscriber), DiscardWaiting(found.id, tap.page)),
        ]
        lines.append(decisions)
    if address := web_link(found.article.link):
        lines.append([InlineKeyboardButton(context.label("open", subscriber), url=address)])
    lines.append([button(context.label("back", subscriber), OpenDesk(DeskPage.WAITING, tap.page))])
    await context.edit(update, message, InlineKeyboardMarkup(lines))
    return None


async def publish(update: Update, context: Context, tap: PublishWaiting) -> str | None:
    """Publish one waiting article, and show the list again."""
    subscriber = await context.subscriber(update)
    approval = context.services.desk.approval
    try:
        claimed = await approval.publish(tap.article, by=subscriber.chat_id, seen=seen_in(tap))
    except ChangedMeanwhileError:
        await open_one(update, context, OpenWaiting(tap.article, tap.page))
        return context.label("waiting_changed", subscriber)
    if not claimed:
        return await _decided_before(update, context, tap.article, tap.page)
    await context.edit(update, *await page(context, subscriber, tap.page))
    published = await context.services.desk.waiting.get(tap.article)
    stored = await context.services.articles.get((published and published.article_id) or 0)
    barred = stored is not None and stored.state is not None
    return context.label("story_barred" if barred else "waiting_published", subscriber)


async def discard(update: Update, context: Context, tap: DiscardWaiting) -> str | None:
    """Discard one waiting article, and show the list again."""
    subscriber, waiting = await context.subscriber(update), context.services.desk.waiting
    if await waiting.discard(tap.article, by=subscriber.chat_id, now=context.now) is None:
        return await _decided_before(update, context, tap.article, tap.page)
    await context.edit(update, *await page(context, subscriber, tap.page))
    return context.label("waiting_discarded", subscriber)


async def publish_all(update: Update, context: Context, tap: PublishAll) -> str | None:
    """Publish the articles that wait and that the editor was shown a list of."""
    subscriber = await context.subscriber(update)
    approval = context.services.desk.approval
    try:
        done = await approval.publish_all(tap.newest, by=subscriber.chat_id, seen=seen_in(tap))
    except ChangedMeanwhileError:
        await context.edit(update, *await page(context, subscriber, 0))
        return context.label("list_changed", subscriber)
    await context.edit(update, *await page(context, subscriber, 0))
    return context.label("all_published", subscriber, num=done)


async def _decided_before(update: Update, context: Context, number: int, page_: int) -> str:
    subscriber = await context.subscriber(update)
    found = await context.services.desk.waiting.get(number)
    await context.edit(update, *await page(context, subscriber, page_))
    if found is None:
        return context.label("waiting_gone", subscriber)
    if found.state is WaitingState.DISCARDED:
        return context.label("discarded_before", subscriber)
    return context.label("published_before", subscriber)


async def sources_page(context: Context, subscriber: Subscriber, number: int) -> Reply:
    """Return a page of the sources, each with a button that lets its articles wait or not."""
    every = [each for each in await context.services.sources.all() if each.can_be_asked]
    pages = Pages.within(number, len(every), SOURCES_ON_A_PAGE)
    message = context.render(
        "approval_sources", subscriber, waiting=[each.name for each in every if each.approval]
    )
    buttons = [
        button(
            chosen(each.name[:LONGEST_NAME], when=each.approval),
            SetApproval(each.id, not each.approval, pages.page),
        )
        for each in pages.part(every)
    ]
    below = below_list(context, subscriber, DeskPage.APPROVAL, pages, back=DeskPage.WAITING)
    return message, InlineKeyboardMarkup([*ordered_rows(buttons), *below])


async def set_approval(update: Update, context: Context, tap: SetApproval) -> str | None:
    """Set whether a source needs approval, and show the sources again."""
    subscriber = await context.subscriber(update)
    await context.services.desk.waiting.set_approval(
        tap.source, approval=tap.approval, by=subscriber.chat_id, now=context.now
    )
    await context.edit(update, *await sources_page(context, subscriber, tap.page))
    return None


TAPS = (
    on_desk_tap(OpenWaiting, open_one),
    on_desk_tap(PublishWaiting, publish, publishes=True),
    on_desk_tap(DiscardWaiting, discard, publishes=True),
    on_desk_tap(PublishAll, publish_all, publishes=True),
    on_desk_tap(SetApproval, set_approval, publishes=True),
)
