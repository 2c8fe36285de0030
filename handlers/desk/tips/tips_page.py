"""The page of the desk with the links that readers suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, equal_rows
from handlers.buttons.pages import Pages
from handlers.core.editing_rights import rights_of
from handlers.desk.desk_taps import below_list, on_desk_tap
from handlers.desk.drafts import making_drafts
from handlers.taps.desk_data import DeskPage, DiscardTip, DraftTip, OpenDesk, OpenTip

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

ON_A_PAGE = 8


async def page(context: Context, subscriber: Subscriber, number: int) -> Reply:
    """Return a page of the suggested links, the newest first, with a number for each."""
    tips = context.services.desk.tips
    pages = Pages.within(number, await tips.count(), ON_A_PAGE)
    found = await tips.listed(limit=ON_A_PAGE, offset=pages.first)
    message = context.render("tips", subscriber, tips=found, first=pages.first + 1, now=context.now)
    numbers = [
        button(str(at), OpenTip(each.number, pages.page))
        for at, each in enumerate(found, start=pages.first + 1)
    ]
    below = below_list(context, subscriber, DeskPage.TIPS, pages)
    return message, InlineKeyboardMarkup([*(equal_rows(numbers) if numbers else []), *below])


async def open_one(update: Update, context: Context, tap: OpenTip) -> str | None:
    """Show one suggested link. Its page is not fetched."""
    subscriber = await context.subscriber(update)
    found = await context.services.desk.tips.get(tap.tip)
    if found is None:
        return await _decided_before(update, context, tap.page)
    message = context.render("tip", subscriber, tip=found, now=context.now)
    rights, lines = await rights_of(update, context), []
    if rights.write:
        lines.append(button(context.label("make_draft", subscriber), DraftTip(found.number)))
    if rights.publish:
        discards = DiscardTip(found.number, tap.page)
        lines.append(button(context.label("discard", subscriber), discards))
    back = [button(context.label("back", subscriber), OpenDesk(DeskPage.TIPS, tap.page))]
    await context.edit(update, message, InlineKeyboardMarkup([lines, back]))
    return None


async def make_draft(update: Update, context: Context, tap: DraftTip) -> str | None:
    """Read a suggested link's page and make a draft of it."""
    tips = context.services.desk.tips
    found = await tips.get(tap.tip)
    if found is None:
        return await _decided_before(update, context, 0)
    draft = await making_drafts.make(update, context, found.link)
    if draft is not None:
        await tips.opened(found.link, draft.id)
    return None


async def discard(update: Update, context: Context, tap: DiscardTip) -> str | None:
    """Discard a suggested link, and show the list again."""
    subscriber, tips = await context.subscriber(update), context.services.desk.tips
    found = await tips.get(tap.tip)
    if found is None or (
        await tips.discard(found.link, by=subscriber.chat_id, now=context.now) is None
    ):
        return await _decided_before(update, context, tap.page)
    await context.edit(update, *await page(context, subscriber, tap.page))
    return context.label("waiting_discarded", subscriber)


async def _decided_before(update: Update, context: Context, number: int) -> str:
    subscriber = await context.subscriber(update)
    await context.edit(update, *await page(context, subscriber, number))
    return context.label("tip_gone", subscriber)


TAPS = (
    on_desk_tap(OpenTip, open_one),
    on_desk_tap(DraftTip, make_draft, writes=True),
    on_desk_tap(DiscardTip, discard, publishes=True),
)
