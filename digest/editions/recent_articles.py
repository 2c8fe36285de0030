"""The articles of the last days, read once for all of a morning's editions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from digest.choosing.edition import CandidatePool
from digest.choosing.ranking import leading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from digest.choosing.category_kinds import CategoryKinds
    from storage.articles.articles import Articles
    from storage.desk.pins import Pins
    from storage.model import Article, Delivery, Taste
    from storage.model.desk_model import Pin

MOST = 30_000
"""Maximum number of articles read at a time, about 50 MB; articles before them are no news."""

by_id = attrgetter("id")


class RecentArticles:
    """The articles since a moment, by category, by word and by event.

    Args:
        articles: Articles since the moment, and all others of their events.
        newest: The archive's newest article id when they were read.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        *,
        since: datetime,
        newest: int,
        read_at: datetime,
        pins: Sequence[Pin] = (),
    ) -> None:
        self.since = since
        self.pins = pins
        self.newest = newest
        self.read_at = read_at
        self._by_category: defaultdict[str, list[Article]] = defaultdict(list)
        self._by_word: defaultdict[str, list[Article]] = defaultdict(list)
        self._by_event: defaultdict[int, list[Article]] = defaultdict(list)
        # Place → the sorted ids of each source's newest article up to that place.
        self._last_of_sources: dict[int, list[int]] = {}
        self._articles = sorted({each.id: each for each in articles}.values(), key=by_id)
        for article in self._articles:
            self._by_event[article.event].append(article)
            if not article.backlog:
                for category in article.categories:
                    self._by_category[category].append(article)
                for word in article.words:
                    self._by_word[word].append(article)

    def earlier_leads(self, taste: Taste, row: Delivery) -> list[Article]:
        """Return the lead stories for a taste that came before the row's last edition."""
        if not self.pins or not row.place_from:
            return []
        numbers = leading(self.pins, taste, row.due)
        return [each for each in self.among(numbers) if each.id <= row.place_from]

    def sources(self, place_from: int, place_to: int) -> int:
        """Return the number of sources with an article with place_from < id <= place_to."""
        last = self._last_of_sources.get(place_to)
        if last is None:
            newest = {
                each.source_id: each.id
                for each in self._articles
                if each.id <= place_to and not each.backlog
            }
            last = self._last_of_sources[place_to] = sorted(newest.values())
        return len(last) - bisect_right(last, place_from)

    def among(self, article_ids: Collection[int]) -> list[Article]:
        """Return the articles with these ids that are in memory."""
        found: list[Article] = []
        for number in article_ids:
            place = bisect_left(self._articles, number, key=by_id)
            if place < len(self._articles) and self._articles[place].id == number:
                found.append(self._articles[place])
        return found

    def reports_of(self, article: Article) -> list[int]:
        """Return the ids of the articles about the event of one that is in memory."""
        return [each.id for each in self._by_event[article.event]]

    @property
    def articles(self) -> Sequence[Article]:
        """All articles, ordered by id."""
        return self._articles

    def up_to(self, place_to: int) -> Sequence[Article]:
        """Return the articles with an id of at most `place_to`."""
        return self._articles[: bisect_right(self._articles, place_to, key=by_id)]

    def candidates(
        self, *, now: datetime, oldest: timedelta, place_to: int, kinds: CategoryKinds
    ) -> CandidatePool:
        """Return the pool for all editions of one time, window and place."""
        return CandidatePool(
            (each for each in self._articles if each.id <= place_to),
            now=now,
            oldest=oldest,
            kinds=kinds,
            pins=self.pins,
        )

    def small_pool(
        self,
        taste: Taste,
        *,
        now: datetime,
        oldest: timedelta,
        place_from: int,
        place_to: int,
        kinds: CategoryKinds,
    ) -> CandidatePool:
        """Return a pool of only the articles that one taste needs, quicker for a single edition."""
        followed = self.followed(taste, place_from, place_to)
        pinned = self.among([pin.article_id for pin in self.pins])
        events = dict.fromkeys(each.event for each in (*followed, *pinned))
        return CandidatePool(
            self.of_events(events, place_to),
            now=now,
            oldest=oldest,
            kinds=kinds,
            pins=self.pins,
        )

    def followed(self, taste: Taste, place_from: int, place_to: int) -> Iterator[Article]:
        """Yield the articles that a taste follows with place_from < id <= place_to.

        An article with several followed categories or words comes several times. What the taste
        excludes is not checked.
        """
        for among, wanted in (
            (self._by_category, taste.follows),
            (self._by_word, taste.sought),
        ):
            for each in wanted:
                # `get` adds no empty list to the defaultdict for a category without articles.
                filed = among.get(each)
                if filed:
                    start = bisect_right(filed, place_from, key=by_id)
                    end = bisect_right(filed, place_to, key=by_id)
                    yield from filed[start:end]

    def of_events(self, events: Iterable[int], place_to: int) -> Iterator[Article]:
        """Yield the articles about some events with an id of at most `place_to`."""
        for event in events:
            yield from (each for each in self._by_event[event] if each.id <= place_to)


async def read_recent(
    articles: Articles, *, since: datetime, now: datetime, pins: Pins | None = None
) -> RecentArticles:
    """Read the articles since a moment, with the earlier articles of their events."""
    newest = await articles.newest_id()
    recent = await articles.recent(since, most=MOST)
    found = () if pins is None else await pins.active(now)
    if found:
        # An editor may choose a story of any age.
        recent = [*recent, *await articles.many([pin.article_id for pin in found])]
    # An event with the article's own id as its number has no earlier articles.
    continued = {each.event for each in recent if each.event != each.id}
    siblings = await articles.of_events(continued) if continued else []
    return RecentArticles([*siblings, *recent], since=since, newest=newest, read_at=now, pins=found)
