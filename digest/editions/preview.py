"""Previews of a subscriber's edition that say why each other story is left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.edition import CandidatePool
from digest.choosing.events import news_of
from digest.choosing.matters import matters_of
from digest.choosing.mix import FROM_ONE, OF_A_MATTER, Caps
from digest.choosing.news_value import is_no_news
from digest.choosing.ranking import is_last_resort, matches, window
from digest.editions.edition_choice import Choice, led_elsewhere, missed_leads, unwritten
from digest.editions.edition_chooser import EditionChooser
from digest.editions.first_edition import FIRST
from digest.editions.recent_articles import RecentArticles
from digest.timing.reader_day import LONGEST, reader_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.events import News
    from storage.articles.articles import Articles
    from storage.ledger.deliveries import Deliveries
    from storage.ledger.delivery_stats import Ledger
    from storage.model import Article, Category, Edition, Reason, Subscriber, Taste
    from storage.model.desk_model import Pin


class Why(StrEnum):
    """The reason that keeps a story of a followed category out of an edition."""

    OLD = "old"
    """The story is older than the edition's window."""
    ALERTED = "alerted"
    BACKLOG = "backlog"
    """The story came with the first fetch of a new source."""
    EARLIER = "earlier"
    """An earlier edition could show the story; `LeftOutStory.what` names the source of that report.
    """
    LANGUAGE = "language"
    """The reader does not read the story's language, named by `what`."""
    CATEGORY = "category"
    """The reader muted the category `what`."""
    WORD = "word"
    """The reader muted the word `what`."""
    HIDDEN_SOURCE = "hidden-source"
    """The reader hid the source `what`."""
    SOURCE = "source"
    """The edition already has `FROM_ONE` stories from the source `what`."""
    HOUSE = "house"
    """The edition already has `FROM_ONE` stories of the house `what`."""
    MATTER = "matter"
    """The edition already has `OF_A_MATTER` stories of the same matter of its house."""
    LESS = "less"
    """The reader wants less of the house `what`, which gets one story at most."""
    FILLER = "filler"
    """The article is a filler, which an edition with news leaves out."""
    DOUBTFUL = "doubtful"
    """A general paper's report that the trade may not want; an edition with news leaves it out."""
    ROOM = "room"
    """Other stories rank higher."""


@dataclass(frozen=True, slots=True)
class LeftOutStory:
    """A story of a followed category that is not in the edition."""

    article: Article
    """The report that the reader would have received."""
    why: Why
    what: str = ""
    reasons: tuple[Reason, ...] = ()
    """The parts of its score, if other stories outranked it."""


@dataclass(frozen=True, slots=True)
class EditionPreview:
    """An edition with everything that it was chosen from."""

    edition: Edition
    left_out: tuple[LeftOutStory, ...]
    """Stories left out, the newest first."""
    elsewhere: int
    """Number of new stories in categories that the reader does not follow."""
    place_from: int
    place_to: int
    """Articles with place_from < id <= place_to count as new."""
    oldest: timedelta
    """The greatest age that a story could have."""


async def preview(
    articles: Articles,
    deliveries: Deliveries,
    ledger: Ledger,
    subscriber: Subscriber,
    *,
    at: datetime,
    now: datetime,
    size: int,
    categories: Mapping[str, Category],
    pins: Sequence[Pin] = (),
) -> EditionPreview:
    """Return a subscriber's edition at a time; if past, without articles that arrived later."""
    place = await ledger.place_at(subscriber.id, at) if at < now else None
    place_from, before = place or (subscriber.place, subscriber.edition_at)
    since = at - (window(before, at) if place_from else FIRST)
    recent = await articles.recent(since)
    if pins:
        recent = [*recent, *await articles.many([pin.article_id for pin in pins])]
    siblings = await articles.of_events({each.event for each in recent})
    by_then = [each for each in (*siblings, *recent) if each.first_seen <= at]
    alerted = (await deliveries.alerted({subscriber.id}, since)).get(subscriber.id, frozenset())
    otherwise = await deliveries.shown_otherwise_to(subscriber.id, since, at)
    shown = await deliveries.shown_before({subscriber.id}, at - LONGEST)
    day = reader_day(at, subscriber.zone, subscriber.evening_minute, shown.get(subscriber.id, ()))
    row = replace(
        unwritten(subscriber, at, "", max((each.id for each in by_then), default=0)),
        place_from=place_from,
        since=before,
        asked=False,
    )
    then = RecentArticles(by_then, since=since, newest=row.place_to, read_at=now, pins=pins)
    # An edition that was sent at that time is the one explained.
    until = at - timedelta.resolution if at < now else at
    missed = await missed_leads(deliveries, [(row, subscriber.taste, then)], until)
    chooser = EditionChooser(deliveries, articles, categories=categories, edition_size=size)
    led = await led_elsewhere(deliveries, [(row, then)], chooser.tastes_of)
    otherwise |= led.get(row.id, frozenset())
    found = explain(
        by_then,
        subscriber.taste,
        now=at,
        size=day.share(size),
        place_from=place_from,
        since=before,
        alerted=alerted,
        shown_otherwise=otherwise,
        shown_earlier=await articles.many(day.shown) if day.shown else (),
        categories=categories,
        language=subscriber.language,
        pins=pins,
        missed=missed.get(row.id, frozenset()),
    )
    choice = Choice(
        row,
        subscriber.taste,
        alerted | otherwise,
        day,
        then,
        many=False,
        missed=missed.get(row.id, frozenset()),
    )
    await chooser.choose(choice)
    await chooser.fill_up([choice], now)
    return replace(found, edition=chooser.edition(choice))


def explain(
    articles: Iterable[Article],
    taste: Taste,
    *,
    now: datetime,
    size: int,
    place_from: int,
    since: datetime | None = None,
    alerted: frozenset[int] = frozenset(),
    shown_otherwise: frozenset[int] = frozenset(),
    shown_earlier: Collection[Article] = (),
    categories: Mapping[str, Category],
    language: str = "",
    pins: Sequence[Pin] = (),
    missed: Collection[int] = (),
) -> EditionPreview:
    """Choose an edition, and give the reason for each new story that it leaves out. Pure.

    `shown_otherwise` are articles that editions showed under another taste or as a top-up.
    """
    once = sorted({each.id: each for each in articles}.values(), key=lambda each: each.id)
    kinds = CategoryKinds.among(categories)
    oldest = window(since, now)
    candidates = CandidatePool(once, now=now, oldest=oldest, kinds=kinds, pins=pins)
    edition = candidates.edition(
        taste,
        size=size,
        place_from=place_from,
        since=since,
        exclude=alerted | shown_otherwise,
        shown_earlier=shown_earlier,
        language=language,
        missed=missed,
    )
    left_out, elsewhere = not_chosen(
        once,
        taste,
        [story.article for story in edition.stories],
        now=now,
        oldest=oldest,
        place_from=place_from,
        alerted=alerted,
        shown_otherwise=shown_otherwise,
        shown_earlier=shown_earlier,
        kinds=kinds,
    )
    place_to = once[-1].id if once else 0
    return EditionPreview(edition, left_out, elsewhere, place_from, place_to, oldest)


def not_chosen(
    articles: Iterable[Article],
    taste: Taste,
    chosen: Collection[Article],
    *,
    now: datetime,
    oldest: timedelta,
    place_from: int,
    alerted: frozenset[int],
    shown_otherwise: frozenset[int],
    shown_earlier: Collection[Article],
    kinds: CategoryKinds,
) -> tuple[tuple[LeftOutStory, ...], int]:
    """Return why followed stories were not chosen, newest first, and the number of others. Pure.

    `shown_otherwise` are articles that editions showed under another taste or as a top-up.
    """
    caps = Caps((*shown_earlier, *chosen), kinds.houses, taste)
    shown = {each.event for each in chosen}
    exclude = alerted | shown_otherwise
    events: defaultdict[int, list[Article]] = defaultdict(list)
    for article in articles:
        events[article.event].append(article)
    has_news = any(
        not is_last_resort(each, events.get(each.event, (each,)), taste) for each in chosen
    )
    matters = matters_of(events, kinds.houses)
    of_matters = Counter(number for event in shown for number in matters.get(event, ()))
    full = {number for number, count in of_matters.items() if count >= OF_A_MATTER}
    left_out: list[LeftOutStory] = []
    elsewhere = 0
    for event, copies in events.items():
        if event in shown or copies[-1].id <= place_from:
            continue
        followed = [each for each in copies if taste.follows_one_of(each.categories, each.words)]
        if not followed:
            elsewhere += 1
            continue
        news = [each for each in followed if not each.backlog]
        suiting = [each for each in news if matches(each, taste)]
        found = news_of(
            copies, suiting, place_from=place_from, exclude=exclude, houses=kinds.houses
        )
        kept_out = _kept_out(news, suiting, taste, now - oldest, found, alerted)
        if kept_out is not None:
            left_out.append(LeftOutStory(followed[-1], *kept_out))
            continue
        alone = CandidatePool(copies, now=now, oldest=oldest, kinds=kinds)
        (best,) = alone.edition(taste, size=1, place_from=place_from, exclude=exclude).stories
        if has_news and is_last_resort(best.article, copies, taste):
            is_filler = is_no_news(best.article)
            left_out.append(LeftOutStory(best.article, Why.FILLER if is_filler else Why.DOUBTFUL))
            continue
        why = _no_room(best.article, caps)
        if why[0] is Why.ROOM and not full.isdisjoint(matters.get(event, ())):
            why = Why.MATTER, ""
        left_out.append(LeftOutStory(best.article, *why, best.reasons))
    left_out.sort(key=lambda each: (each.article.published, each.article.id), reverse=True)
    return tuple(left_out), elsewhere


def _no_room(article: Article, caps: Caps) -> tuple[Why, str]:
    if caps.is_full_source(article):
        return Why.SOURCE, article.source
    house = next((slug for slug in article.categories if slug in caps.full_houses), None)
    if house is None:
        return Why.ROOM, ""
    return Why.HOUSE if caps.room_for(house) == FROM_ONE else Why.LESS, house


def _kept_out(  # noqa: PLR0917 — the input of the choice
    news: Sequence[Article],
    suiting: Sequence[Article],
    taste: Taste,
    oldest: datetime,
    found: News,
    alerted: Collection[int],
) -> tuple[Why, str] | None:
    """Return why an edition cannot show a story however much room it has, or None if it can."""
    if found.known_before is not None and not found.articles:
        if found.known_before.id in alerted:
            return Why.ALERTED, ""
        return Why.EARLIER, found.known_before.source
    if not news:
        return Why.BACKLOG, ""
    if all(each.published < oldest for each in found.articles or news):
        return Why.OLD, ""
    return None if suiting else _against(news[-1], taste)


def _against(article: Article, taste: Taste) -> tuple[Why, str]:
    """Return the choice in a taste that keeps a followed article out, or raise ValueError."""
    if article.language and not taste.reads(article.language, article.words):
        return Why.LANGUAGE, article.language
    for slug in article.categories:
        if slug in taste.muted_categories:
            return Why.CATEGORY, slug
    if article.source_id in taste.muted_sources:
        return Why.HIDDEN_SOURCE, article.source
    for word in sorted(taste.muted_words):
        if not matches(article, replace(taste, muted_words=frozenset({word}))):
            return Why.WORD, word
    raise ValueError(f"article {article.id} suits the taste")
