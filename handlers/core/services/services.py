"""The services that handlers use, such as the archive, the taxonomy and the sender."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.core.services.memory import Memory
from handlers.core.services.outage_retries import OutageRetries

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from digest.editions.past_editions import PastEditions
    from digest.making.rich_messages import RichMessages
    from digest.sending.sender import Sender
    from handlers.core.services.admissions import Admissions
    from handlers.core.services.desk_services import DeskServices
    from handlers.core.services.manager_notices import ManagerNotices
    from handlers.core.services.readers import Defaults, KnownChats, Readers
    from handlers.typed.places import Places
    from news.filing.taxonomy import Taxonomy
    from storage.articles.articles import Articles
    from storage.articles.translations import Translations
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
    from storage.replicas.named_people import NamedPeople
    from storage.sources.sources import Sources
    from templates import Renderer


class WeekCounts:
    """Numbers of stories by category in the last week, cached for one minute."""

    def __init__(self) -> None:
        self._counts: dict[frozenset[str], dict[str, int]] = {}
        self._until: datetime | None = None

    async def get(
        self, articles: Articles, now: datetime, languages: frozenset[str] = frozenset()
    ) -> dict[str, int]:
        """Return category slug → number of stories first seen in the seven days before `now`.

        Only those in these languages or in an unknown one are counted; none stands for all.
        """
        if self._until is None or self._until <= now:
            self._counts = {}
            self._until = now + timedelta(minutes=1)
        if languages not in self._counts:
            counted = await articles.week_counts(now - timedelta(days=7), languages)
            self._counts[languages] = counted
        return self._counts[languages]


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's name and contact, and how many days data is kept; 0 days means for ever."""

    operator: str
    contact: str
    deliveries_days: int
    shares_days: int
    gone_readers_days: int
    backups: int
    """Number of nightly backups kept; 0 if there are none."""
    pages: bool = False
    """Whether chats can have a secret link to their editions."""
    translates: bool = False
    """Whether a language model translates headlines."""
    newsletters: bool = False
    """Whether newsletters are read from a mailbox."""


@dataclass(frozen=True, slots=True)
class Services:
    """All services that handlers use; built once, by `bot.telegram_parts`."""

    articles: Articles
    sources: Sources
    subscribers: Subscribers
    readers: Readers
    saved: Saved
    last_changes: LastChanges
    shares: Shares
    share_messages: ShareMessages
    managers: Managers
    page_links: PageLinks
    translations: Translations
    manager_notices: ManagerNotices
    taxonomy: Taxonomy
    renderer: Renderer
    sender: Sender
    rich: RichMessages
    past_editions: PastEditions
    places: Places
    defaults: Defaults
    policy: Policy
    export: Export
    forgetting: Forgetting
    tombstones: Tombstones | None
    """Records the chats that a restore must delete again; None if there is no file for it."""
    people: NamedPeople
    admissions: Admissions
    desk: DeskServices
    known_chats: KnownChats
    clock: Callable[[], datetime]
    translates: bool = False
    """Whether a language model is named, so that headlines can be translated."""
    pages_url: str = ""
    """The address under which chats find their editions on a page; empty if there are none."""
    week_counts: WeekCounts = field(default_factory=WeekCounts)
    outage_retries: OutageRetries = field(default_factory=OutageRetries)
    memory: Memory = field(default_factory=Memory)
