"""The database, its tables, and what fills them: all that needs no Telegram."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from bot.watch import Watch
from news import sources as default_sources
from news import work
from news.fetch import Fetcher
from news.filing import taxonomy
from news.refresh import Newsroom
from news.worker import Workers
from storage.articles import Articles
from storage.database import Database
from storage.deliveries import Deliveries
from storage.notes import Notes
from storage.pulse import Pulse
from storage.saved import Saved
from storage.shares import Shares
from storage.sources import Sources
from storage.subscribers import Subscribers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.settings import Settings
    from storage.model import NewSource


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Archive:
    """The database and its tables, with what fills them: all that needs no Telegram."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self.database = Database(settings.database_url)
        self.articles = Articles(self.database)
        self.sources = Sources(self.database)
        self.subscribers = Subscribers(self.database)
        self.saved = Saved(self.database)
        self.shares = Shares(self.database)
        self.deliveries = Deliveries(self.database)
        self.notes = Notes(self.database)
        self.watch = Watch(self.sources, Pulse(self.database))
        self.taxonomy = taxonomy.load()
        self.workers = Workers(warm=work.warm)
        self.fetcher = Fetcher(allow_private=settings.allow_private_sources)
        self.newsroom = Newsroom(
            self.articles, self.sources, self.fetcher, self.workers, self.taxonomy, clock
        )

    async def open(self, first_sources: Sequence[NewSource] | None = None) -> None:
        """Open the database.

        A new database is given its first sources: those of `sources.toml`, if no others are named.

        Raises:
            DatabaseError: The database cannot be opened, or takes no sources.
        """
        await self.database.open()
        if first_sources is None:
            first_sources = default_sources.defaults()
        try:
            await self.sources.seed(first_sources, self.clock())
        except DBAPIError as error:
            raise (self.database.trouble(error) or error) from None

    async def close(self) -> None:
        """Close everything, in the reverse order."""
        await self.fetcher.close()
        await self.workers.close()
        await self.database.close()
