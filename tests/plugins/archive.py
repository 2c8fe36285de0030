"""An archive with one source, and short ways to store articles in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

import pytest

from storage.articles.articles import Articles
from storage.model import ChatKind, Filing, NewArticle, NewSource, Round, Source, Stored
from storage.sources.sources import Sources
from tests.plugins.records import a_new_article

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.db.database import Database
    from storage.model import Subscriber
    from storage.model.article_model import EventLink
    from storage.readers.subscribers import Subscribers

T = TypeVar("T")
FIRST = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""The time from which these tests count minutes."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive under test."""

    db: Database
    articles: Articles
    sources: Sources
    source: Source

    @classmethod
    async def on(cls, db: Database) -> Archive:
        """Open an archive on an empty database."""
        sources = Sources(db)
        source = await sources.add(NewSource("Daily", "https://daily.example/feed"), FIRST)
        return cls(db, Articles(db), sources, source)

    def article(
        self,
        title: str,
        *,
        minutes: int = 0,
        link: str | None = None,
        guid: str | None = None,
        standfirst: str = "",
        body: str | None = None,
        image: str | None = None,
        language: str | None = None,
        categories: tuple[str, ...] = (),
    ) -> NewArticle:
        """Return an article published some minutes after `FIRST`; its title makes its link."""
        address = link or f"https://daily.example/{crc32(title.encode())}"
        return a_new_article(
            address,
            title,
            FIRST + timedelta(minutes=minutes),
            guid=guid or address,
            standfirst=standfirst,
            body=body,
            image=image,
            language=language,
            filings=tuple(Filing(category, f"says {category}") for category in categories),
        )

    async def store(
        self,
        *articles: NewArticle,
        source: Source | None = None,
        now: datetime = FIRST,
        backlog: bool = False,
        stories: Mapping[str, int] | None = None,
        events: Mapping[str, EventLink] | None = None,
    ) -> Stored:
        """Store a round of the source."""
        return (
            await self.articles.store_all(
                [
                    Round(
                        source_id=(source or self.source).id,
                        now=now,
                        next_check=now + timedelta(hours=1),
                        interval=3600,
                        articles=articles,
                        backlog=backlog,
                        stories=stories or {},
                        events=events or {},
                    )
                ]
            )
        )[0]

    async def publish(self, *titles: str) -> Stored:
        """Store articles with these titles."""
        return await self.store(*map(self.article, titles))

    async def titles_for(self, query: str, *, limit: int = 9) -> list[str]:
        """Return the titles that a search finds."""
        return [found.title for found in await self.articles.search(query, limit=limit)]


def there(found: T | None) -> T:
    """Return what was found."""
    assert found is not None
    return found


async def registered(
    subscribers: Subscribers,
    chat_id: int,
    now: datetime,
    **more: Any,  # noqa: ANN401 - of `ensure`
) -> Subscriber:
    """Return the subscriber of a chat, a private one of Rome at eight unless said otherwise."""
    usual: dict[str, Any] = {
        "kind": ChatKind.PRIVATE,
        "language": "en",
        "zone": "Europe/Rome",
        "digest_minute": 480,
    }
    subscriber, _ = await subscribers.ensure(chat_id, now=now, **usual | more)
    return subscriber


@pytest.fixture
async def archive(db: Database) -> Archive:
    """An archive with one source and no article, on each database."""
    return await Archive.on(db)
