"""Construction of the parts that need no Telegram: the database, its tables, the news fetching."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.watching.nightly import Backups, Nightly
from bot.watching.source_health import SourceMonitor
from digest.planning.plan import Planner
from digest.timing.schedule import zone_of
from news import documents
from news.approval import Approval
from news.fetch.fetcher import Fetcher
from news.filing import taxonomy
from news.mail.mailbox import MailAddress, Mailbox
from news.newsroom import Newsroom
from news.sources.defaults import chosen
from news.translation.model_server import ModelServer
from news.translation.translator import Translator
from storage.articles.articles import Articles
from storage.articles.model_use import ModelUses
from storage.articles.pictures import Pictures
from storage.articles.translations import Translations
from storage.backup.decision_list import DecisionList
from storage.db import private_files
from storage.db.database import Database
from storage.db.key_value import KeyValue
from storage.desk.amendments import Amendments
from storage.desk.coming_dates import ComingDates
from storage.desk.complaints import Complaints
from storage.desk.corrections import Corrections
from storage.desk.drafts import Drafts
from storage.desk.editors import Editors
from storage.desk.journal import Journal
from storage.desk.pins import Pins
from storage.desk.tips import Tips
from storage.desk.undoing import UNDOES
from storage.desk.waiting import Notices, WaitingArticles
from storage.ledger.deliveries import Deliveries
from storage.ledger.plans import Plans
from storage.migrations.open_migrated import open_migrated, open_unchanged
from storage.readers.access import Access
from storage.readers.begun_updates import BegunUpdates
from storage.readers.last_changes import LastChanges
from storage.readers.managers import Managers
from storage.readers.page_links import PageLinks
from storage.readers.privacy.export import Export
from storage.readers.privacy.forgetting import Forgetting
from storage.readers.privacy.tombstones import Tombstones
from storage.readers.saved import Saved
from storage.readers.share_messages import ShareMessages
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from storage.readers.waiting_updates import WaitingUpdates
from storage.retention import Keep, Retention
from storage.sources.sources import SourceActivity, Sources
from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from bot.configuration.settings import Settings
    from storage.model import NewSource


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Archive:
    """The database, its tables, and the parts that fill them; none needs Telegram.

    `on_new` is called with the ids of new articles, without those of a backlog.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        workers: Workers | None = None,
        on_new: Callable[[list[int]], Awaitable[None]] | None = None,
    ) -> None:
        self.clock = clock
        self.database = Database(settings.database_url)
        self._source_packs = settings.source_packs
        self.access = Access(self.database)
        self.articles = Articles(self.database)
        self.sources = Sources(self.database)
        self.subscribers = Subscribers(self.database)
        self.saved = Saved(self.database)
        self.last_changes = LastChanges(self.database)
        self.shares = Shares(self.database)
        self.share_messages = ShareMessages(self.database)
        self.managers = Managers(self.database)
        self.page_links = PageLinks(self.database)
        self.deliveries = Deliveries(self.database)
        self.plans = Plans(self.database)
        self.key_value = KeyValue(self.database)
        self.pictures = Pictures(self.database)
        self.translations = Translations(self.database)
        self.waiting_updates = WaitingUpdates(self.database)
        self.begun_updates = BegunUpdates(begun_file(settings, self.database))
        self.editors = Editors(self.database)
        self.journal = Journal(self.database, UNDOES)
        self.waiting_articles = WaitingArticles(self.database)
        self.notices = Notices(self.database)
        self.drafts = Drafts(self.database)
        self.pins = Pins(self.database)
        self.dates = ComingDates(self.database)
        self.amendments = Amendments(self.database)
        self.corrections = Corrections(self.database)
        self.tips = Tips(self.database)
        self.complaints = Complaints(self.database)
        self.export = Export(self.database)
        self.forgetting = Forgetting(self.database)
        folders = tombstone_folders(settings, self.database)
        self.tombstones = Tombstones(folders[0]) if folders else None
        self.decision_list = DecisionList(self.database, folders[0]) if folders else None
        self.source_monitor = SourceMonitor(self.sources, SourceActivity(self.database))
        self.taxonomy = taxonomy.load()
        # Processes start with the first round of sources or the first city that a reader types.
        self.workers = workers or Workers(warm=documents.warm)
        self.fetcher = Fetcher(
            allow_private=settings.allow_private_sources, proxies=settings.sources_proxies
        )
        self.newsroom = Newsroom(
            self.articles,
            self.sources,
            self.fetcher,
            self.workers,
            self.taxonomy,
            clock,
            on_new=on_new,
            mailbox=mailbox_of(settings),
        )
        self.approval = Approval(
            self.articles, self.sources, self.waiting_articles, self.newsroom.results, clock
        )

    async def open(
        self,
        first_sources: Sequence[NewSource] | None = None,
        *,
        create: bool = True,
        migrate: bool = True,
    ) -> None:
        """Open the database.

        A new database gets its first sources: those of `sources.toml`, unless others are given.
        With `create=False` existing tables stay as they are. Empty tables, as after a refused
        backup, can then still be filled from another backup. Without `migrate` tables of an older
        version are refused.
        """
        opened = open_migrated if migrate else open_unchanged
        await opened(self.database, create=create)
        if create:
            await self.seed(first_sources)

    async def seed(self, first_sources: Sequence[NewSource] | None = None) -> None:
        """Add the first sources to a new database; see `open`."""
        if first_sources is None:
            first_sources = chosen(self._source_packs)
        await self.sources.seed(first_sources, self.clock())

    async def close(self) -> None:
        """Close the fetcher, the workers and the database, in this order."""
        await self.fetcher.close()
        await self.workers.close()
        await self.database.close()


def tombstone_folders(settings: Settings, database: Database) -> list[Path]:
    """Return the folders for the lists of forgotten readers and of withdrawn stories.

    They are the folder of backups and the folder of an SQLite file, if they exist, in this order.
    """
    beside = None if database.path is None else database.path.parent
    return [folder for folder in (settings.backup_dir, beside) if folder is not None]


def begun_file(settings: Settings, database: Database) -> Path | None:
    """Return the file of begun updates, beside an SQLite file or in the folder `var`."""
    if database.path is not None:
        return private_files.begun_of(database.path)
    if settings.folder is None:
        return None
    name = blake2b(settings.database_url.encode(), digest_size=4).hexdigest()
    return settings.folder / "var" / f"begun-{name}"


def backups_of(settings: Settings) -> Backups | None:
    """Return the nightly backups, or None if BACKUP_DIR is not set."""
    folder = settings.backup_dir
    return None if folder is None else Backups(folder, settings.backup_keep)


def nightly(archive: Archive, settings: Settings) -> Nightly:
    """Return the nightly job: backup and retention."""
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


def model_of(settings: Settings) -> ModelServer | None:
    """Return the model server that translates headlines, or None if MODEL_URL is not set."""
    if not settings.model_url:
        return None
    return ModelServer(
        settings.model_url, settings.model_name, settings.model_key, settings.model_proxies
    )


def mailbox_of(settings: Settings) -> Mailbox | None:
    """Return the mailbox of newsletters, or None if MAIL_IN is not set."""
    if not settings.mail_in:
        return None
    return Mailbox(
        MailAddress.of(settings.mail_in, settings.mail_in_password, settings.mail_in_authserv)
    )


def translator_of(settings: Settings, archive: Archive) -> Translator | None:
    """Return what asks the model for translations, or None without a model."""
    model = model_of(settings)
    if model is None:
        return None
    return Translator(
        model,
        ModelUses(archive.database),
        archive.workers,
        archive.clock,
        limit=settings.model_tokens_a_day,
    )


def build_planner(settings: Settings, archive: Archive) -> Planner:
    """Return the planner, which finds the subscribers that are due."""
    return Planner(
        archive.plans,
        per_second=settings.messages_per_second,
        early=timedelta(minutes=settings.early_minutes),
    )
