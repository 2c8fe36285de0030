"""Chooses editions for rows of the ledger; rows with equal choices share one edition."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from digest.choosing.category_kinds import CategoryKinds, sections_of_names
from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import LONGEST as OLDEST_STILL
from digest.choosing.ranking import OLDEST, window
from digest.editions.edition_choice import (
    Choice,
    already_had,
    led_elsewhere,
    missed_leads,
    unwritten,
)
from digest.editions.first_edition import (
    FEWEST,
    FIRST,
    POOL,
    FurtherArticles,
    homes_of,
    topped_up,
    widened,
)
from digest.editions.recent_articles import read_recent
from digest.editions.still_worth import EDITIONS, Earlier, filled_up, room_in
from digest.timing.reader_day import ALONE, LONGEST, reader_day
from storage.model import Layout, Taste
from storage.readers.preferences import to_key, to_spec
from templates.edition.lru_cache import LruCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.editions.recent_articles import RecentArticles
    from digest.timing.reader_day import ReaderDay
    from storage.articles.articles import Articles
    from storage.desk.pins import Pins
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category, Delivery, Edition, SentEdition, Subscriber
    from storage.model.desk_model import Pin

KEPT = 1024
"""Maximum number of editions cached for other readers."""
FURTHER_KEPT = 16
"""Maximum number of cached sets of articles that fill first editions."""
STALE = timedelta(minutes=1)
"""How long articles are cached: editions made a minute after a change include it."""
MORE = 10
"""Maximum number of left-out stories of a section that unfold on a front page."""
MANY = 16
"""Number of rows due together at which all articles are ranked once for all of them."""


class EditionChooser:
    """Chooses editions for ledger rows."""

    def __init__(
        self,
        deliveries: Deliveries,
        articles: Articles,
        *,
        categories: Mapping[str, Category],
        edition_size: int,
        pins: Pins | None = None,
    ) -> None:
        self._pins = pins
        self._deliveries = deliveries
        self._articles = articles
        self._size = edition_size
        self._kinds = CategoryKinds.among(categories)
        self._sections_of_names = sections_of_names(categories)
        self._day: RecentArticles | None = None
        self._week: RecentArticles | None = None
        self._tastes: LruCache[str, Taste] = LruCache(4 * KEPT)
        self._editions: LruCache[tuple[Any, ...], Edition] = LruCache(KEPT)
        self._further: LruCache[tuple[Any, ...], FurtherArticles] = LruCache(FURTHER_KEPT)
        self._candidate_pools: LruCache[tuple[Any, ...], CandidatePool] = LruCache(4)

    async def preview(self, subscriber: Subscriber, now: datetime) -> tuple[Delivery, Edition]:
        """Choose the edition that a subscriber would get now, with a row that the ledger lacks."""
        taste = subscriber.taste
        key = to_key(to_spec(taste))
        self._tastes.put(key, taste)
        row = unwritten(subscriber, now, key, await self._articles.newest_id())
        (choice,) = await self.choices([row], now)
        await self.choose(choice)
        await self.fill_up([choice], now)
        return row, self.edition(choice)

    async def with_lead(
        self, subscriber: Subscriber, article: Article, pin: Pin
    ) -> tuple[Delivery, Edition]:
        """Choose the edition that a subscriber who has one a day would get if an article led."""
        now, newest = pin.created, await self._articles.newest_id()
        row = replace(
            unwritten(subscriber, now, "", newest), since=now - timedelta(days=1), asked=False
        )
        recent = self._day = await self._read(self._day, [row], now)
        pool = CandidatePool(
            (*recent.articles, replace(article, id=newest + 1)),
            now=now,
            oldest=window(row.since, now),
            kinds=self._kinds,
            pins=(replace(pin, article_id=newest + 1), *recent.pins),
        )
        before = (each.id for each in recent.articles if each.first_seen <= now - timedelta(days=1))
        edition = pool.edition(
            subscriber.taste,
            size=self._size,
            place_from=max(before, default=0),
            since=row.since,
            language=subscriber.language,
        )
        return row, edition

    async def choose(self, choice: Choice) -> None:
        """Choose a row's edition of what is new; a first one is filled up."""
        if not choice.row.place_from:
            choice.further = await self._further_for(choice)
        choice.edition = self.edition(choice)

    async def fill_up(self, choices: Iterable[Choice], now: datetime) -> None:
        """Fill thin editions up with what earlier ones left out; their looks then name those."""
        thin = {
            each: room
            for each in choices
            if each.edition is not None
            and (room := room_in(each.edition, each.row, each.day.share(self._size)))
        }
        if not thin:
            return
        rows = [each.row for each in thin]
        since = min(row.due for row in rows) - OLDEST_STILL
        before = await self._deliveries.editions_before(rows, since, EDITIONS)
        if not before:
            for choice in thin:
                choice.looks = (*choice.looks, ())
            return
        tastes = await self.tastes_of([each for one in before.values() for each in one])
        alerted = await self._deliveries.alerted({row.subscriber_id for row in rows}, since)
        recent = self._week = await self._read(self._week, rows, now, oldest=OLDEST_STILL)
        for choice, room in thin.items():
            row = choice.row
            had = choice.had | alerted.get(row.subscriber_id, frozenset())
            earlier = before.get(row.id, ())
            choice.looks = (*choice.looks, earlier, had)
            if earlier:
                known = [Earlier(each, tastes[each.taste_key]) for each in earlier]
                choice.edition = self._filled_up(choice, known, recent, room, had)

    async def choices(self, rows: Sequence[Delivery], now: datetime) -> list[Choice]:
        """Return the input for choosing each row's edition, such as the taste and the articles."""
        tastes = await self.tastes_of(rows)
        recent = await self._recent_for(rows, now)
        since = min(each.since for each in recent.values())
        alerted = await self._deliveries.alerted({row.subscriber_id for row in rows}, since)
        shown = await self._deliveries.shown_otherwise([row.id for row in rows], since)
        days = await self._days_of(rows)
        taken = {row.id: recent[window(row.since, row.due) > OLDEST] for row in rows}
        missed = await missed_leads(
            self._deliveries, [(row, tastes[row.taste_key], taken[row.id]) for row in rows], now
        )
        elsewhere = await led_elsewhere(
            self._deliveries, [(row, taken[row.id]) for row in rows], self.tastes_of
        )
        of_one_place = Counter((row.due, row.place_to) for row in rows)
        return [
            Choice(
                row,
                tastes[row.taste_key],
                already_had(row, alerted, shown) | elsewhere.get(row.id, frozenset()),
                days.get(row.id, ALONE),
                taken[row.id],
                many=of_one_place[row.due, row.place_to] >= MANY,
                missed=missed.get(row.id, frozenset()),
            )
            for row in rows
        ]

    def _filled_up(
        self,
        choice: Choice,
        earlier: Sequence[Earlier],
        recent: RecentArticles,
        room: int,
        had: frozenset[int],
    ) -> Edition:
        row, edition = choice.row, self.edition(choice)
        more = MORE if row.layout is Layout.FRONT_PAGE else 0
        key = ("still", *choice.chosen_by, more, *(each for each, _ in earlier), had)
        filled = self._editions.get(key)
        if filled is not None:
            return filled

        def pool(place_from: int, place_to: int) -> CandidatePool:
            return self._candidates_for(
                replace(row, place_from=place_from, place_to=place_to),
                choice.taste,
                recent,
                oldest=OLDEST_STILL,
                many=choice.many,
            )

        filled = filled_up(
            edition,
            row,
            choice.taste,
            earlier,
            recent,
            room,
            pool,
            had=had,
            shown_earlier=recent.among(choice.day.shown),
        )
        return self._editions.put(key, filled)

    def edition(self, choice: Choice) -> Edition:
        """Return a row's edition, chosen if it was not."""
        if choice.edition is not None:
            return choice.edition
        row = choice.row
        if row.place_from:
            return self._own_edition(choice)
        more = MORE if row.layout is Layout.FRONT_PAGE else 0
        key = ("first", *choice.chosen_by, more, row.chat_id > 0)
        edition = self._editions.get(key)
        if edition is None:
            edition = topped_up(
                self._own_edition(choice),
                choice.taste,
                choice.further,
                size=choice.day.share(self._size),
                now=row.due,
                kinds=self._kinds,
                exclude=choice.had,
                language=row.language,
                more=more,
            )
            self._editions.put(key, edition)
        return edition

    def _own_edition(self, choice: Choice) -> Edition:
        row = choice.row
        more = MORE if row.layout is Layout.FRONT_PAGE else 0
        key = (*choice.chosen_by, more)
        edition = self._editions.get(key)
        if edition is not None:
            return edition
        candidates = self._candidates_for(
            row,
            choice.taste,
            choice.recent,
            oldest=window(row.since, row.due),
            many=choice.many,
        )
        edition = candidates.edition(
            choice.taste,
            size=choice.day.share(self._size),
            place_from=row.place_from,
            since=row.since,
            exclude=choice.had,
            shown_earlier=choice.recent.among(choice.day.shown),
            more=more,
            language=row.language,
            missed=choice.missed,
        )
        return self._editions.put(key, edition)

    async def _further_for(self, choice: Choice) -> FurtherArticles:
        row, taste = choice.row, choice.taste
        if len(self._own_edition(choice).stories) >= min(FEWEST, choice.day.share(self._size)):
            return FurtherArticles()
        key = (row.taste_key, row.place_to, row.due, choice.recent.read_at)
        further = self._further.get(key)
        if further is None:
            homes = homes_of(taste, self._sections_of_names)
            chosen = await self._articles.first_candidates(
                widened(taste, homes), place_to=row.place_to, since=row.due - FIRST, most=POOL
            )
            further = self._further.put(key, FurtherArticles(chosen, homes))
        if row.chat_id < 0:
            # What nobody chose is for no group, topic or channel.
            return further
        return further._replace(latest=choice.recent.up_to(row.place_to)[-POOL:])

    def _candidates_for(
        self,
        row: Delivery,
        taste: Taste,
        recent: RecentArticles,
        *,
        oldest: timedelta,
        many: bool,
    ) -> CandidatePool:
        key = (row.due, row.place_to, oldest, recent.read_at)
        candidates = self._candidate_pools.get(key)
        if candidates is not None:
            return candidates
        if many:
            return self._candidate_pools.put(
                key,
                recent.candidates(
                    now=row.due, oldest=oldest, place_to=row.place_to, kinds=self._kinds
                ),
            )
        return recent.small_pool(
            taste,
            now=row.due,
            oldest=oldest,
            place_from=row.place_from,
            place_to=row.place_to,
            kinds=self._kinds,
        )

    async def tastes_of(self, rows: Iterable[Delivery | SentEdition]) -> dict[str, Taste]:
        """Return taste key → taste for rows; an unknown key gets an empty taste."""
        found: dict[str, Taste] = {}
        unknown: set[str] = set()
        for row in rows:
            taste = self._tastes.get(row.taste_key)
            if taste is None:
                unknown.add(row.taste_key)
            else:
                found[row.taste_key] = taste
        if unknown:
            for key, taste in (await self._deliveries.tastes(unknown)).items():
                found[key] = self._tastes.put(key, taste)
            for key in unknown - found.keys():
                found[key] = Taste()
        return found

    async def _days_of(self, rows: Sequence[Delivery]) -> dict[int, ReaderDay]:
        # An edition that a reader asked for does not count towards a day.
        twice = [row for row in rows if row.evening_minute is not None and not row.asked]
        if not twice:
            return {}
        since = min(row.due for row in twice) - LONGEST
        shown = await self._deliveries.shown_before({row.subscriber_id for row in twice}, since)
        return {
            row.id: reader_day(
                row.due, row.zone, row.evening_minute, shown.get(row.subscriber_id, ())
            )
            for row in twice
        }

    async def _recent_for(
        self, rows: Sequence[Delivery], now: datetime
    ) -> dict[bool, RecentArticles]:
        """Return the articles for these rows: False → of daily windows, True → of longer ones."""
        found: dict[bool, RecentArticles] = {}
        days = [row for row in rows if window(row.since, row.due) <= OLDEST]
        if days:
            found[False] = self._day = await self._read(self._day, days, now)
        if len(days) < len(rows):
            longer = [row for row in rows if window(row.since, row.due) > OLDEST]
            found[True] = self._week = await self._read(self._week, longer, now)
        elif self._week is not None and now - self._week.read_at >= STALE:
            self._week = None
        return found

    async def _read(
        self,
        known: RecentArticles | None,
        rows: Sequence[Delivery],
        now: datetime,
        *,
        oldest: timedelta = OLDEST,
    ) -> RecentArticles:
        """Return the articles of these rows' windows, the known ones if sufficient and fresh."""
        windows = [max(window(row.since, row.due), oldest) for row in rows]
        longest = max(windows)
        since = min(row.due - each for row, each in zip(rows, windows, strict=True))
        newest = max(row.place_to for row in rows)
        if (
            known is not None
            and known.since <= since
            and known.newest >= newest
            and now - known.read_at < STALE
        ):
            return known
        # Read a little more, so that slightly older rows can use it too.
        since = min(since, now - longest - timedelta(hours=1))
        return await read_recent(self._articles, since=since, now=now, pins=self._pins)
