"""The pages of the desk with drafts, and with what was published today."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, rows
from handlers.buttons.pages import Pages
from handlers.desk.desk_taps import below_list
from handlers.taps.desk_data import DeskPage, DraftAct, OnDraft
from storage.model.desk_model import EDITABLE, DraftState

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.core.context import Context, Reply
    from storage.model import Subscriber

ON_A_PAGE = 8
WHICH = {DeskPage.DRAFTS: EDITABLE, DeskPage.PUBLISHED: (DraftState.PUBLISHED,)}


async def _page(which: DeskPage, context: Context, subscriber: Subscriber, number: int) -> Reply:
    drafts, since = context.services.desk.drafts, _since(which, context, subscriber)
    pages = Pages.within(number, await drafts.count(WHICH[which], since=since), ON_A_PAGE)
    found = await drafts.listed(WHICH[which], limit=ON_A_PAGE, offset=pages.first, since=since)
    message = context.render(
        "draft_list",
        subscriber,
        which=which.name.lower(),
        drafts=found,
        first=pages.first + 1,
        zone=subscriber.zone,
        now=context.now,
    )
    numbers = [
        button(str(pages.first + place), OnDraft(DraftAct.OPEN, each.id, each.version))
        for place, each in enumerate(found, start=1)
    ]
    below = below_list(context, subscriber, which, pages)
    return message, InlineKeyboardMarkup([*rows(numbers, 4), *below])


def _since(which: DeskPage, context: Context, subscriber: Subscriber) -> datetime | None:
    """Return the start of the editor's day for what was published; None for drafts."""
    if which is not DeskPage.PUBLISHED:
        return None
    local = context.now.astimezone(ZoneInfo(subscriber.zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


drafts_page = partial(_page, DeskPage.DRAFTS)
published_page = partial(_page, DeskPage.PUBLISHED)
