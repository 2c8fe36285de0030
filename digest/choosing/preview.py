"""What one subscriber's edition would be, and why: for whoever asks "why not this?".

It looks and changes nothing. The edition itself is chosen by `digest.choosing.edition`; this adds
what that has no need to say: why the other stories are not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.choosing.caps import FROM_ONE, Caps
from digest.choosing.edition import CandidatePool, matches
from digest.choosing.events import news_of
from digest.choosing.first_edition import topped_up
from digest.choosing.kinds import Kinds
from digest.choosing.matters import matters_of
from digest.choosing.mix import OF_A_MATTER
from digest.choosing.ranking import window
from digest.timing.reader_day import LONGEST, reader_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from digest.choosing.events import News
    from storage.articles.articles import Articles
    from storage.ledger.deliveries import Deliveries
    from storage.ledger.delivery_stats import Ledger
    from storage.model import Article, Category, Edition, Reason, Subscriber, Taste


class Why(StrEnum):
    """What keeps a story of a followed category out of an edition."""

    OLD = "old"
    """Older than the edition's window."""
    ALERTED = "alerted"
    BACKLOG = "backlog"
    """It came with the first round of a new source."""
    EARLIER = "earlier"
    """It was there for an earlier edition; `LeftOutStory.what` is the source that told it."""
    LANGUAGE = "language"
    """It is in a language that is not read; `what` says which."""
    CATEGORY = "category"
    """`what` is muted."""
    WORD = "word"
    """The word `what` is muted."""
    HIDDEN_SOURCE = "hidden-source"
    """The source `what` is off."""
    SOURCE = "source"
    """There are `FROM_ONE` stories from the source `what` already."""
    HOUSE = "house"
    """There are as many of the house `what`."""
    MATTER = "matter"
    """There are `OF_A_MATTER` stories of its house's matter already."""
    LESS = "less"
    """Less of the house `what` is wanted: one story at most."""
    FILLER = "filler"
    """It stands above no news, and there was some."""
    ROOM = "room"
    """Others rank higher."""


@dataclass(frozen=True, slots=True)
class LeftOutStory:
    """A story of a followed category that is not in the edition."""

    article: Article
    """The telling that the reader would have got."""
    why: Why
    what: str = ""
    reasons: tuple[Reason, ...] = ()
    """What its place was made of, for one that others outdid."""


@dataclass(frozen=True, slots=True)
class EditionPreview:
    """An edition with all that it was chosen from."""

    edition: Edition
    left_out: tuple[LeftOutStory, ...]
    """The newest first."""
    elsewhere: int
    """New stories in categories that are not followed."""
    place_from: int
    place_to: int
    """Articles with place_from < id <= place_to count as new."""
    oldest: timedelta
    """How old a story could be."""


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
) -> EditionPreview:
    """The edition that a subscriber would get at a time, or would have got.

    Args:
        articles: The archive.
        deliveries: For what was sent as an alert.
        ledger: For where earlier editions ended.
        subscriber: Whose edition.
        at: The edition's time; in the past, what came into the archive later is left aside.
        now: This moment.
        size: At most so many stories.
        categories: The taxonomy, by slug.
    """
    place = await ledger.place_at(subscriber.id, at) if at < now else None
    place_from, before = place or (subscriber.place, subscriber.edition_at)
    since = at - window(before, at)
    recent = await articles.recent(since)
    siblings = await articles.of_events({each.event for each in recent})
    by_then = [each for each in (*siblings, *recent) if each.first_seen <= at]
    alerted = (await deliveries.alerted({subscriber.id}, since)).get(subscriber.id, frozenset())
    otherwise = await deliveries.shown_otherwise_to(subscriber.id, since, at)
    shown = await deliveries.shown_before({subscriber.id}, at - LONGEST)
    day = reader_day(at, subscriber.zone, subscriber.evening_minute, shown.get(subscriber.id, ()))
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
    )
    if place_from:
        return found
    edition = topped_up(
        found.edition,
        subscriber.taste,
        sorted(by_then, key=lambda each: each.id),
        size=size,
        now=at,
        oldest=found.oldest,
        kinds=Kinds.among(categories),
        exclude=alerted | otherwise,
        language=subscriber.language,
    )
    return replace(found, edition=edition)


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
) -> EditionPreview:
    """Choose an edition, and say of each new story why it is not in it. Pure.

    Args:
        articles: Those of the last days, with all that tell of the same events.
        taste: What the reader chose.
        now: The edition's own time.
        size: At most so many stories.
        place_from: What has this id or a smaller one was there for the edition before.
        since: When that edition was due; None for a first one.
        alerted: Ids of articles that the reader has had as alerts.
        shown_otherwise: Ids of those that earlier editions showed, chosen in another way.
        shown_earlier: What the reader was shown earlier that day.
        categories: The taxonomy, by slug.
        language: The reader's own.
    """
    once = sorted({each.id: each for each in articles}.values(), key=lambda each: each.id)
    kinds = Kinds.among(categories)
    oldest = window(since, now)
    candidates = CandidatePool(once, now=now, oldest=oldest, kinds=kinds)
    edition = candidates.edition(
        taste,
        size=size,
        place_from=place_from,
        since=since,
        exclude=alerted | shown_otherwise,
        shown_earlier=shown_earlier,
        language=language,
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
    kinds: Kinds,
) -> tuple[tuple[LeftOutStory, ...], int]:
    """Say of each new story that was not chosen why it was not. Pure.

    Args:
        articles: As for `explain`, and likewise all that is not named here.
        taste: What the reader chose.
        chosen: The stories of the edition.
        now: The edition's own time.
        oldest: How old a story could be.
        place_from: Where the edition before had ended.
        alerted: Ids of articles that the reader has had as alerts.
        shown_otherwise: Ids of those that earlier editions showed, chosen in another way.
        shown_earlier: What the reader was shown earlier that day.
        kinds: Which categories are houses, and which are followed by name.

    Returns:
        Those of followed categories, the newest first, and how many there were elsewhere.
    """
    caps = Caps((*shown_earlier, *chosen), kinds.houses, taste)
    shown = {each.event for each in chosen}
    exclude = alerted | shown_otherwise
    events: defaultdict[int, list[Article]] = defaultdict(list)
    for article in articles:
        events[article.event].append(article)
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
        if best.article.filler and chosen and not all(each.filler for each in chosen):
            left_out.append(LeftOutStory(best.article, Why.FILLER))
            continue
        why = _no_room(best.article, caps)
        if why[0] is Why.ROOM and not full.isdisjoint(matters.get(event, ())):
            why = Why.MATTER, ""
        left_out.append(LeftOutStory(best.article, *why, best.reasons))
    left_out.sort(key=lambda each: (each.article.published, each.article.id), reverse=True)
    return tuple(left_out), elsewhere


def _no_room(article: Article, caps: Caps) -> tuple[Why, str]:
    """Why an article that suits is not among those that were chosen."""
    if caps.is_full_source(article):
        return Why.SOURCE, article.source
    house = next((slug for slug in article.categories if slug in caps.full_houses), None)
    if house is None:
        return Why.ROOM, ""
    return Why.HOUSE if caps.room_for(house) == FROM_ONE else Why.LESS, house


def _kept_out(  # noqa: PLR0917 — all that an edition is chosen by
    news: Sequence[Article],
    suiting: Sequence[Article],
    taste: Taste,
    oldest: datetime,
    found: News,
    alerted: Collection[int],
) -> tuple[Why, str] | None:
    """Why a story is none for this edition, however much room there is; None: it suits."""
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
    """What in a taste keeps a followed article out."""
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
