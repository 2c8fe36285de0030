"""All reports of one event, each with its own headline, source and time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import numbers
from handlers.buttons.pages import Pages
from handlers.core.conversation import on_tap
from handlers.stories.article import known_article
from handlers.stories.best_report import seen
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AllReports

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import Update

    from handlers.core.context import Context, Reply
    from storage.model import Article, Subscriber

PAGE = 15
"""Reports on one page."""
_NAMED = 3
"""The most names and numbers shown that the reports have in common."""


async def all_reports(update: Update, context: Context, tap: AllReports) -> str | None:
    """Show the reports of all sources about a card's event, the newest first."""
    subscriber = await context.subscriber(update)
    show = context.edit if tap.turn else context.reply
    await show(update, *await _page(context, subscriber, tap))
    return None


async def _page(context: Context, subscriber: Subscriber, tap: AllReports) -> Reply:
    article = await known_article(context, tap.article, tap)
    every = await context.services.articles.of_events([article.event])
    found = seen(article, every, subscriber.taste)
    reports = sorted(found, key=lambda each: (each.published, each.id), reverse=True)
    shown = reports[tap.offset : tap.offset + PAGE]
    if not shown:
        raise StaleTap(tap.pack())
    message = context.render(
        "reports",
        subscriber,
        articles=shown,
        first=tap.offset + 1,
        count=len(reports),
        common=shared_evidence(reports),
        now=context.now,
    )
    turns = Pages(tap.offset // PAGE, len(reports), PAGE).turning(
        context, subscriber, lambda to: AllReports(article.id, to * PAGE, turn=True)
    )
    lines = [*numbers([each.id for each in shown], first=tap.offset + 1), turns]
    return message, InlineKeyboardMarkup([line for line in lines if line])


def shared_evidence(reports: Iterable[Article]) -> tuple[str, ...]:
    """Return names and numbers that most reports share: `("Prada", "1.25 billion")`. Pure."""
    times = Counter(part for each in reports for part in each.event_evidence.split(", ") if part)
    return tuple(part for part, _ in times.most_common(_NAMED))


TAPS = (on_tap(AllReports, all_reports),)
