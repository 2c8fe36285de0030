"""How much of one source and one house a reader is shown on a day. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from storage.model import Article

FROM_ONE = 3
"""Stories from one house or one source in one day's editions."""
LESS_OF_ONE = 1
"""Stories from one house of which the reader wants less."""


class Caps:
    """How much of each source and house a reader is shown on a day.

    Args:
        shown: What was shown already.
        houses: Slugs of the categories that are houses.
        less: Slugs of those of which the reader wants less: of a house, one story.
    """

    def __init__(
        self, shown: Iterable[Article], houses: Collection[str], less: Collection[str]
    ) -> None:
        self._houses = houses
        self._less = less
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
        source = article.source_id
        count = self._by_source[source] = self._by_source.get(source, 0) + 1
        if count >= FROM_ONE:
            self.full_sources.add(source)
        for slug in article.categories:
            if slug in self._houses:
                count = self._by_house[slug] = self._by_house.get(slug, 0) + 1
                if count >= self.room_for(slug):
                    self.full_houses.add(slug)

    def room_for(self, house: str) -> int:
        """How many stories of a house there may be."""
        return LESS_OF_ONE if house in self._less else FROM_ONE
