"""A matter: the events that its articles report, one below another; see `news.stories.matters`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.choosing.ranking import best_for, quality_in
from handlers.buttons.keyboards import button, numbers
from handlers.buttons.pages import Pages
from handlers.core.conversation import known_article, on_tap
from handlers.stories.listing import as_read
from handlers.stories.reports import ListedStory, other_sources
from handlers.taps.callback_codec import StaleTap, base36
from handlers.taps.callback_data import OpenMatter
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context, Reply
    from storage.model import Article, Subscriber

PAGE = 10
"""Events on one page."""
MATTERS = 3
"""The most matters with which a house's list begins."""
_RECENT = timedelta(days=30)


async def events_of_matter(
    context: Context, subscriber: Subscriber, event: int
) -> Mapping[int, ListedStory]:
    """Return event → its best report for a reader, of an event's matter, the newest event first.

    An event is as old as its first report. Without events that the reader may see it is empty.
    """
    events: defaultdict[int, list[Article]] = defaultdict(list)
    for each in await context.services.articles.of_matter(event):
        if each.source_id not in subscriber.taste.muted_sources:
            events[each.event].append(each)
    quality = quality_in(private=subscriber.private)
    best = best_for(subscriber.taste, subscriber.language, quality)
    begun = {event: min(each.published for each in its) for event, its in events.items()}
    order = sorted(events, key=lambda event: (begun[event], event), reverse=True)
    shown = {event: min(events[event], key=best) for event in order}
    return {
        event: ListedStory(one, other_sources(one, events[event]), begun[event])
        for event, one in shown.items()
    }


async def going_on(
    context: Context, subscriber: Subscriber, slug: str
) -> list[tuple[ListedStory, str, int]]:
    """Return the matters of the last thirty days of a house or group, the newest first.

    Of each: its newest event, a link to that one's card, and the number of earlier events.
    """
    if context.services.taxonomy.categories[slug].kind not in {Kind.HOUSE, Kind.GROUP}:
        return []
    articles = context.services.articles
    recent = await articles.going_on(slug, context.now - _RECENT, most=2 * MATTERS)
    every = [[*(await events_of_matter(context, subscriber, one)).values()] for one in recent]
    found = [events for events in every if len(events) > 1][:MATTERS]
    read = await as_read(context, subscriber, [events[0].article for events in found])
    return [
        (replace(events[0], article=one), context.link(f"a{base36(one.id)}"), len(events) - 1)
        for events, one in zip(found, read, strict=True)
    ]


def matter_button(
    context: Context, subscriber: Subscriber, article: Article, events: Mapping[int, ListedStory]
) -> list[InlineKeyboardButton]:
    """Return the button that opens an article's matter; empty if that has no other event."""
    others = [each for event, each in events.items() if event != article.event]
    own = events.get(article.event)
    at = article.published if own is None else own.at
    earlier = sum(each.at <= at for each in others)
    if not others:
        return []
    label, count = ("earlier", earlier) if earlier else ("later", len(others))
    return [button(context.label(label, subscriber, num=count), OpenMatter(article.id))]


async def open_matter(update: Update, context: Context, tap: OpenMatter) -> None:
    """Show the events of a card's matter, the newest first."""
    subscriber = await context.subscriber(update)
    show = context.edit if tap.turn else context.reply
    await show(update, *await _page(context, subscriber, tap))


async def _page(context: Context, subscriber: Subscriber, tap: OpenMatter) -> Reply:
    article = await known_article(context, tap)
    events = [*(await events_of_matter(context, subscriber, article.event)).values()]
    shown = events[tap.offset : tap.offset + PAGE]
    if not shown:
        raise StaleTap(tap.pack())
    read = await as_read(context, subscriber, [each.article for each in shown])
    stories = [replace(each, article=one) for each, one in zip(shown, read, strict=True)]
    message = context.render(
        "matter", subscriber, stories=stories, first=tap.offset + 1, now=context.now
    )
    turns = Pages(tap.offset // PAGE, len(events), PAGE).turning(
        context, subscriber, lambda to: OpenMatter(article.id, to * PAGE, turn=True)
    )
    lines = [*numbers([each.article.id for each in shown], first=tap.offset + 1), turns]
    return message, lines


TAPS = (on_tap(OpenMatter, open_matter),)
