"""Limits on stories from one source or one house in a reader's day. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from storage.model import Article, Taste

FROM_ONE = 3
"""Maximum number of stories from one house or one source in the editions of one day."""
LESS_OF_ONE = 1
"""Maximum number of stories in a day from a house that the reader wants less of."""


class Caps:
    """Counts of the stories shown on a day, by source and by house, with their limits.

    Args:
        shown: Articles that the reader was shown already.
        houses: Slugs of the categories that are houses.
        taste: The reader's choices. A house that the reader wants less of may have one story.
            Stories of a followed house don't count against their source.
    """

    def __init__(self, shown: Iterable[Article], houses: Collection[str], taste: Taste) -> None:
        self._houses = houses
        self._less = taste.less
        self._followed = taste.follows.intersection(houses)
        self._by_source: dict[int, int] = {}
        self._by_house: dict[str, int] = {}
        self.full_sources: set[int] = set()
        """Ids of the sources that have reached their limit."""
        self.full_houses: set[str] = set()
        """Slugs of the houses that have reached their limit."""
        for article in shown:
            self.add(article)

    def add(self, article: Article) -> None:
        """Count one more article as shown."""
        if self._followed.isdisjoint(article.categories):
            source = article.source_id
            count = self._by_source[source] = self._by_source.get(source, 0) + 1
            if count >= FROM_ONE:
                self.full_sources.add(source)
        for slug in article.categories:
            if slug in self._houses:
                count = self._by_house[slug] = self._by_house.get(slug, 0) + 1
                if count >= self.room_for(slug):
                    self.full_houses.add(slug)

    def is_full_source(self, article: Article) -> bool:
        """Return whether the article's source has reached its limit.

        False for an article of a followed house, which doesn't count against its source.
        """
        full = article.source_id in self.full_sources
        return full and self._followed.isdisjoint(article.categories)

    def room_for(self, house: str) -> int:
        """Return the most stories that a house may have in a day."""
        return LESS_OF_ONE if house in self._less else FROM_ONE
