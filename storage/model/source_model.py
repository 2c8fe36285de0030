"""Sources, as an operator configures them and as the archive stores them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


IMPORTED = "import:"
"""Prefix of the address of a source that is an imported file."""
BY_EDITORS = "desk:"
"""Prefix of the address of a source whose articles only editors publish."""

MAIL = "mail:"
"""Prefix of the address of a source that is a sender of newsletters: `mail:news@example.com`."""


class SourceKind(StrEnum):
    """The kinds of source, by how they are read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


class SourceState(StrEnum):
    """Whether a source is checked."""

    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"
    """The source answered 410 Gone: it is kept for its articles and never checked again."""


class Show(StrEnum):
    """The chats in which a publisher's text or pictures may be shown."""

    YES = "yes"
    NO = "no"
    PRIVATE = "private"
    """In private chats only."""

    def within(self, *, private: bool) -> bool:
        """Return whether it may be shown in such a chat."""
        return self is Show.YES or (private and self is Show.PRIVATE)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as an operator, an OPML file or `sources.toml` describes it."""

    name: str
    url: str
    site: str = ""
    kind: SourceKind = SourceKind.FEED
    language: str | None = None
    weight: int = 50
    """0 to 100. Of several reports of a story, readers see the one with the highest weight."""
    categories: tuple[str, ...] = ()
    read_pages: bool = False
    """Whether the body may be read from an article's page."""
    full_text: Show = Show.PRIVATE
    """The chats in which its articles' text may be read; never in a channel."""
    pictures: Show = Show.YES
    """The chats in which its pictures may be shown."""
    paywall: bool | None = None
    """Whether its articles are for its subscribers only, unless their pages say otherwise."""
    selectors: dict[str, str] = field(default_factory=dict)
    """CSS selectors for a listing page: `item`, `link`, `title`, `date`, `image`."""
    paused: bool = False
    """Whether it is not checked until an operator resumes it."""
    general: bool = False
    """Whether it brings all kinds of news. Then only luxury trade news goes into sections."""
    approval: bool = False
    """Whether its new articles wait until an editor publishes them."""
    translate: bool = True
    """Whether a language model may be sent its titles and standfirsts."""


@dataclass(frozen=True, slots=True)
class Source:
    """A stored source, with what its last checks showed."""

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
    """Seconds between two checks, learned from how often the source has news."""
    next_check: datetime
    failures: int
    """Number of consecutive failed checks."""
    last_ok: datetime | None
    last_new: datetime | None
    """When the source last brought a new article."""
    last_error: str | None
    added: datetime
    general: bool = False
    """As in `NewSource`; False for a trade publication."""
    approval: bool = False
    """As in `NewSource`."""
    translate: bool = True
    """As in `NewSource`."""

    @property
    def paused(self) -> bool:
        """Whether it is not checked until an operator resumes it."""
        return self.state is SourceState.PAUSED

    @property
    def can_be_asked(self) -> bool:
        """Whether it can be fetched; False for an imported file, and for what editors publish."""
        return not self.url.startswith((IMPORTED, BY_EDITORS))


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a source that brought no document: not modified, or failed."""

    source_id: int
    now: datetime
    next_check: datetime
    interval: int
    failures: int = 0
    """Number of consecutive failed checks, including this one; 0 for "not modified"."""
    error: str | None = None
    """What went wrong, in words for the operator; None for "not modified"."""
    etag: str | None = None
    """A new validator; None keeps the stored one, as in the next two."""
    last_modified: str | None = None
    state: SourceState | None = None
    asked: bool = True
    """False if the check was only postponed: the time of the last success stays."""
