"""Translations for the next editions, asked for before their hour so that no edition waits."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from digest.choosing.category_kinds import CategoryKinds
from digest.editions.translating import foreign_in
from digest.editions.upcoming import AHEAD, MOST, Upcoming

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from storage.articles.articles import Articles
    from storage.articles.translations import Translations
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category, Translation

    Translate: TypeAlias = (
        "Callable[[Sequence[Article], str], Awaitable[Sequence[Translation] | None]]"
    )

AT_ONCE = 10
"""Stories in one request to the model."""


class TranslationsAhead:
    """Previews the editions that are due soon and has their foreign stories translated.

    A story is translated once for all readers of a language, those of most readers first.

    Args:
        translate: Translates stories into a language, and returns None if it cannot for now.
    """

    def __init__(
        self,
        translations: Translations,
        deliveries: Deliveries,
        articles: Articles,
        translate: Translate,
        *,
        categories: Mapping[str, Category],
        edition_size: int,
    ) -> None:
        self._translations = translations
        self._upcoming = Upcoming(
            deliveries, articles, kinds=CategoryKinds.among(categories), size=edition_size
        )
        self._translate = translate

    async def look(self, now: datetime) -> None:
        """Have translated what is missing, until the model fails or all is there."""
        due = await self._translations.due(now + AHEAD, limit=MOST)
        if not due:
            return
        readers: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        articles: dict[int, Article] = {}
        recent = await self._upcoming.recent(due, now)
        async for each, taste, edition in self._upcoming.previews(due, recent):
            for article in foreign_in(edition, taste, each.language):
                articles[article.id] = article
                readers[each.language][article.id] += each.readers
        withheld = await self._translations.withheld()
        for language, wanted in readers.items():
            there = await self._translations.look(language, wanted)
            ordered = iter(
                [
                    articles[number]
                    for number in sorted(wanted, key=lambda number: (-wanted[number], number))
                    if (number, articles[number].version) not in there
                    and articles[number].source_id not in withheld
                ]
            )
            while batch := list(islice(ordered, AT_ONCE)):
                made = await self._translate(batch, language)
                if made is None:
                    return
                await self._translations.keep(
                    language,
                    {
                        (article.id, article.version): each
                        for article, each in zip(batch, made, strict=True)
                    },
                )
