"""Sources: as an operator names them, and as the archive knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


IMPORTED = "import:"
"""What the address of a source begins with that is an imported file."""


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


class SourceState(StrEnum):
    """Whether a source is asked."""

    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"
    """The source answered 410 Gone: it is kept for its articles and never asked again."""


class Show(StrEnum):
    """Where something may be shown that is its publisher's own."""

    YES = "yes"
    NO = "no"
    PRIVATE = "private"
    """In private chats only."""

    def within(self, *, private: bool) -> bool:
        """Whether it may be shown in a private chat, or in any other."""
        return self is Show.YES or (private and self is Show.PRIVATE)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as an operator, an OPML file or `sources.toml` names it."""

    name: str
    url: str
    site: str = ""
    kind: SourceKind = SourceKind.FEED
    language: str | None = None
    weight: int = 50
    """0 to 100: whose telling of a story readers see first."""
    categories: tuple[str, ...] = ()
    read_pages: bool = False
    """Whether the body may be read from an article's page."""
    full_text: Show = Show.PRIVATE
    """Where the text of its articles may be read in a chat; in a channel never."""
    pictures: Show = Show.YES
    """Where their pictures may be shown."""
    paywall: bool | None = None
    """Whether they are for its subscribers alone, unless their pages say otherwise."""
    selectors: dict[str, str] = field(default_factory=dict)
    """CSS selectors for a listing page: `item`, `link`, `title`, `date`, `image`."""
    paused: bool = False
    """Whether it waits for an operator to resume it."""
    general: bool = False
    """Whether it brings all kinds of news; only what the trade wants goes into sections then."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from, and what the last rounds with it taught."""

    id: int
    name: str
    url: str
    site: str
    kind: SourceKind
    state: SourceState
    language: str | None
    weight: int
    categories: tuple[str, ...]
    read_pages: bool
    full_text: Show
    pictures: Show
    paywall: bool | None
    selectors: dict[str, str]
    etag: str | None
    last_modified: str | None
    interval: int
    """Seconds between two checks, as learned from how often the source has news."""
    next_check: datetime
    failures: int
    """How many checks in a row failed."""
    last_ok: datetime | None
    last_new: datetime | None
    """When the source last brought an article that was not known."""
    last_error: str | None
    added: datetime
    general: bool = False
    """As in `NewSource`; otherwise it is a paper of the trade."""

    @property
    def paused(self) -> bool:
        """Whether it waits for an operator to resume it."""
        return self.state is SourceState.PAUSED

    @property
    def can_be_asked(self) -> bool:
        """Whether there is anything to ask: not of a file that was imported."""
        return not self.url.startswith(IMPORTED)


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a source that brought no document: not modified, or failed."""

    source_id: int
    now: datetime
    next_check: datetime
    interval: int
    failures: int = 0
    """How many checks in a row failed, this one included; 0 for "not modified"."""
    error: str | None = None
    """What went wrong, in words for the operator; None for "not modified"."""
    etag: str | None = None
    """A new validator; None keeps the one that is stored. Likewise below."""
    last_modified: str | None = None
    state: SourceState | None = None
    asked: bool = True
    """False where it was only put off: what is known of the source stays."""
