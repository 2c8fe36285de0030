"""The last days of the archive, at hand: what the editions of one morning are chosen from.

Ten thousand readers with ten thousand tastes ask for the same few hundred articles. They are read
once; what suits a taste is looked up here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.articles import Articles
    from storage.model import Article, Taste

by_id = attrgetter("id")


class Window:
    """Articles since a moment, by category and by story.

    Args:
        articles: Those since the moment, and all others of their stories.
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
        self._by_story: defaultdict[int, list[Article]] = defaultdict(list)
        for article in sorted({each.id: each for each in articles}.values(), key=by_id):
            self._by_story[article.story_id].append(article)
            if not article.backlog:
                for category in article.categories:
                    self._by_category[category].append(article)

    def candidates(self, taste: Taste, *, place_from: int, place_to: int) -> list[Article]:
        """Articles of followed categories that entered the archive between two places."""
        found: dict[int, Article] = {}
        for category in taste.follows:
            # No entry is made for categories that nobody wrote about.
            filed = self._by_category.get(category)
            if not filed:
                continue
            start = bisect_right(filed, place_from, key=by_id)
            for article in filed[start : bisect_right(filed, place_to, key=by_id)]:
                found[article.id] = article
        return [found[id_] for id_ in sorted(found)]

    def siblings(self, candidates: Iterable[Article], *, place_to: int) -> list[Article]:
        """All articles of the stories of some, up to a place."""
        stories = dict.fromkeys(each.story_id for each in candidates)
        return [each for story in stories for each in self._by_story[story] if each.id <= place_to]


async def read_window(articles: Articles, *, since: datetime, now: datetime) -> Window:
    """Read the articles since a moment, with the earlier ones of their stories."""
    newest = await articles.newest_id()
    recent = await articles.recent(since)
    # An article that tells no earlier one's news has no earlier copy.
    told_before = {each.story_id for each in recent if each.story_id != each.id}
    siblings = await articles.siblings(told_before) if told_before else []
    return Window([*siblings, *recent], since=since, newest=newest, read_at=now)
