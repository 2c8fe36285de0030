"""The database, its tables, and what fills them: all that needs no Telegram."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.watching.nightly import Backups, Nightly
from bot.watching.source_health import SourceMonitor
from digest.planning.plan import Planner
from digest.timing.schedule import zone_of
from news import documents
from news.fetch.fetcher import Fetcher
from news.filing import taxonomy
from news.newsroom import Newsroom
from news.sources.packs import chosen
from storage.articles.articles import Articles
from storage.articles.pictures import Pictures
from storage.db.database import Database
from storage.db.key_value import KeyValue
from storage.ledger.deliveries import Deliveries
from storage.migrations.open_migrated import open_migrated, open_unchanged
from storage.readers.access import Access
from storage.readers.export import Export
from storage.readers.forgetting import Forgetting
from storage.readers.managers import Managers
from storage.readers.saved import Saved
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from storage.readers.tombstones import Tombstones
from storage.readers.waiting_updates import WaitingUpdates
from storage.retention import Keep, Retention
from storage.sources.source_activity import SourceActivity
from storage.sources.sources import Sources
from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bot.configuration.settings import Settings
    from storage.model import NewSource


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Archive:
    """The database and its tables, with what fills them: all that needs no Telegram."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        workers: Workers | None = None,
    ) -> None:
        self.clock = clock
        self.database = Database(settings.database_url)
        self._source_packs = settings.source_packs
        self.access = Access(self.database)
        self.articles = Articles(self.database)
        self.sources = Sources(self.database)
        self.subscribers = Subscribers(self.database)
        self.saved = Saved(self.database)
        self.shares = Shares(self.database)
        self.managers = Managers(self.database)
        self.deliveries = Deliveries(self.database)
        self.key_value = KeyValue(self.database)
        self.pictures = Pictures(self.database)
        self.waiting_updates = WaitingUpdates(self.database)
        self.export = Export(self.database)
        self.forgetting = Forgetting(self.database)
        folders = tombstone_folders(settings, self.database)
        self.tombstones = Tombstones(folders[0]) if folders else None
        self.source_monitor = SourceMonitor(self.sources, SourceActivity(self.database))
        self.taxonomy = taxonomy.load()
        # They start with the first round, or with the first city that somebody types.
        self.workers = workers or Workers(warm=documents.warm)
        self.fetcher = Fetcher(
            allow_private=settings.allow_private_sources, proxies=settings.sources_proxies
        )
        self.newsroom = Newsroom(
            self.articles, self.sources, self.fetcher, self.workers, self.taxonomy, clock
        )

    async def open(
        self,
        first_sources: Sequence[NewSource] | None = None,
        *,
        create: bool = True,
        migrate: bool = True,
    ) -> None:
        """Open the database.

        A new database is given its first sources: those of `sources.toml`, if no others are named.
        Where none may be made, what is there stays as it is: tables that are empty, as after a
        backup that was refused, can still be filled with another.

        Args:
            first_sources: Other ones.
            create: Whether a new database is made where there is none.
            migrate: Whether tables of an older version are updated; else they are refused.

        Raises:
            DatabaseUnavailableError: The database cannot be used just now.
            DatabaseError: It cannot be opened.
        """
        opened = open_migrated if migrate else open_unchanged
        await opened(self.database, create=create)
        if create:
            await self.seed(first_sources)

    async def seed(self, first_sources: Sequence[NewSource] | None = None) -> None:
        """Give a new database its first sources; see `open`.

        Raises:
            DatabaseUnavailableError: It takes none just now.
        """
        if first_sources is None:
            first_sources = chosen(self._source_packs)
        await self.sources.seed(first_sources, self.clock())

    async def close(self) -> None:
        """Close everything, in the reverse order."""
        await self.fetcher.close()
        await self.workers.close()
        await self.database.close()


def tombstone_folders(settings: Settings, database: Database) -> list[Path]:
    """Where it is noted who was forgotten: beside the backups, else beside an SQLite file."""
    beside = None if database.path is None else database.path.parent
    return [folder for folder in (settings.backup_dir, beside) if folder is not None]


def backups_of(settings: Settings) -> Backups | None:
    """Where the nightly backups go; None where there are none."""
    folder = settings.backup_dir
    return None if folder is None else Backups(folder, settings.backup_keep)


def nightly(archive: Archive, settings: Settings) -> Nightly:
    """What is done once a night."""
    keep = Keep(
        deliveries=settings.keep_deliveries_days,
        shares=settings.keep_shares_days,
        articles=settings.keep_articles_days,
        gone_readers=settings.keep_gone_readers_days,
    )
    return Nightly(
        archive.database,
        archive.key_value,
        Retention(archive.database, keep),
        backups=backups_of(settings),
        zone=zone_of(settings.timezone),
    )


def build_planner(settings: Settings, archive: Archive) -> Planner:
    """What says who is due."""
    return Planner(
        archive.deliveries,
        per_second=settings.messages_per_second,
        early=timedelta(minutes=settings.early_minutes),
    )
