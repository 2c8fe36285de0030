"""The last days of the archive, at hand: what the editions of one morning are chosen from.

Ten thousand readers with ten thousand tastes ask for the same few hundred articles. They are read
once; what suits a taste is looked up here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from digest.choosing.edition import CandidatePool

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, timedelta

    from digest.choosing.kinds import Kinds
    from storage.articles.articles import Articles
    from storage.model import Article, Taste

MOST = 30_000
"""Articles read at a time, some 50 MB: what came before them in a very large archive is no news."""

by_id = attrgetter("id")


class RecentArticles:
    """Articles since a moment, by category and by event.

    Args:
        articles: Those since the moment, and all others of their events.
        since: The moment.
        newest: The archive's newest id when they were read.
        read_at: When that was.
    """

    def __init__(
        self, articles: Iterable[Article], *, since: datetime, newest: int, read_at: datetime
    ) -> None:
        self.since = since
        self.newest = newest
        self.read_at = read_at
        self._by_category: defaultdict[str, list[Article]] = defaultdict(list)
        self._by_word: defaultdict[str, list[Article]] = defaultdict(list)
        self._by_event: defaultdict[int, list[Article]] = defaultdict(list)
        # By place, the newest article of each source up to there.
        self._last_of_sources: dict[int, list[int]] = {}
        self._articles = sorted({each.id: each for each in articles}.values(), key=by_id)
        for article in self._articles:
            self._by_event[article.event].append(article)
            if not article.backlog:
                for category in article.categories:
                    self._by_category[category].append(article)
                for word in article.words:
                    self._by_word[word].append(article)

    def sources(self, place_from: int, place_to: int) -> int:
        """How many sources had something new between two places."""
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
        """Those of these articles that are here."""
        found: list[Article] = []
        for number in article_ids:
            place = bisect_left(self._articles, number, key=by_id)
            if place < len(self._articles) and self._articles[place].id == number:
                found.append(self._articles[place])
        return found

    @property
    def articles(self) -> Sequence[Article]:
        """All of them, in the order of their ids."""
        return self._articles

    def up_to(self, place_to: int) -> Sequence[Article]:
        """Those that had come when the archive's newest id was this one."""
        return self._articles[: bisect_right(self._articles, place_to, key=by_id)]

    def candidates(
        self, *, now: datetime, oldest: timedelta, place_to: int, kinds: Kinds
    ) -> CandidatePool:
        """All that editions of one time, window and place are chosen from."""
        return CandidatePool(
            (each for each in self._articles if each.id <= place_to),
            now=now,
            oldest=oldest,
            kinds=kinds,
        )

    def small_slate(
        self,
        taste: Taste,
        *,
        now: datetime,
        oldest: timedelta,
        place_from: int,
        place_to: int,
        kinds: Kinds,
    ) -> CandidatePool:
        """As much of it as one reader's edition takes, which is quicker for a single one."""
        events: dict[int, None] = {}
        for among, wanted in (
            (self._by_category, taste.follows),
            (self._by_word, taste.sought),
        ):
            for each in wanted:
                # Asked like this, no list is made for a category that nobody wrote about.
                filed = among.get(each)
                if filed:
                    start = bisect_right(filed, place_from, key=by_id)
                    end = bisect_right(filed, place_to, key=by_id)
                    events.update((one.event, None) for one in filed[start:end])
        copies = (each for event in events for each in self._by_event[event])
        return CandidatePool(
            (each for each in copies if each.id <= place_to),
            now=now,
            oldest=oldest,
            kinds=kinds,
        )


async def read_recent(articles: Articles, *, since: datetime, now: datetime) -> RecentArticles:
    """Read the articles since a moment, with the earlier ones of their events."""
    newest = await articles.newest_id()
    recent = await articles.recent(since, most=MOST)
    # What an article begins, no earlier one tells of.
    told_before = {each.event for each in recent if each.event != each.id}
    siblings = await articles.of_events(told_before) if told_before else []
    return RecentArticles([*siblings, *recent], since=since, newest=newest, read_at=now)
