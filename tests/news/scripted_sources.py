"""Sources with scripted articles, stored by the round writer in a real archive."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from news.filing.taxonomy import load
from news.ingest.round_writer import PendingRound, RoundWriter
from storage.model import NewSource, Round
from tests.plugins.archive import FIRST

if TYPE_CHECKING:
    from datetime import datetime

    from news.entry import Entry
    from storage.model import Article, Source, Stored
    from tests.plugins.archive import Archive

TAXONOMY = load()


class Newsroom:
    """Sources with scripted articles, in a real archive."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.now: datetime = FIRST
        self.start()

    def start(self) -> None:
        """Start with an empty memory."""
        articles = self.archive.articles
        self.round_writer = RoundWriter(articles, TAXONOMY.categories, lambda: self.now, lambda: 0)

    async def source(self, name: str) -> Source:
        return await self.archive.sources.add(
            NewSource(name, f"https://{name.lower()}.example/feed"), self.now
        )

    async def brings(self, *rounds: tuple[Source, list[Entry]]) -> list[Stored]:
        """Store articles of several sources in one transaction."""
        brought = [await self._brought(*each) for each in rounds]
        kept = await asyncio.gather(*(self.round_writer.write(each) for each in brought))
        return [stored for stored, _ in kept]

    async def _brought(self, source: Source, entries: list[Entry]) -> PendingRound:
        links = [each.link for each in entries]
        known, _ = await self.archive.articles.known_and_pruned(source.id, links, links)
        return PendingRound(
            source, entries, known, Round(source.id, self.now, self.now, interval=3600)
        )

    async def articles_by_title(self) -> dict[str, Article]:
        """Return the stored articles by title."""
        found = await self.archive.articles.recent(FIRST - timedelta(days=9))
        return {article.title: article for article in found}
