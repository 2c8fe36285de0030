"""How much of one source and one house a reader is shown on a day. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from storage.model import Article, Taste

FROM_ONE = 3
"""Stories from one house or one source in one day's editions."""
LESS_OF_ONE = 1
"""Stories from one house of which the reader wants less."""


class Caps:
    """How much of each source and house a reader is shown on a day.

    Args:
        shown: What was shown already.
        houses: Slugs of the categories that are houses.
        taste: What the reader chose: of a house of which less is wanted there is one story, and the
            stories of a house that is followed take nothing of what their source may have.
    """

    def __init__(self, shown: Iterable[Article], houses: Collection[str], taste: Taste) -> None:
        self._houses = houses
        self._less = taste.less
        self._followed = taste.follows.intersection(houses)
        self._by_source: dict[int, int] = {}
        self._by_house: dict[str, int] = {}
        self.full_sources: set[int] = set()
        """Sources for which there is no more room."""
        self.full_houses: set[str] = set()
        """Likewise houses."""
        for article in shown:
            self.add(article)

    def add(self, article: Article) -> None:
        """One more is shown."""
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
        """Whether there is no more room for what this article's source tells of such things."""
        full = article.source_id in self.full_sources
        return full and self._followed.isdisjoint(article.categories)

    def room_for(self, house: str) -> int:
        """How many stories of a house there may be."""
        return LESS_OF_ONE if house in self._less else FROM_ONE
