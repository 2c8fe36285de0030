"""The nouns of ON News: what travels between the floors of the house.

Every value here is frozen. Times are aware and in UTC; a subscriber's zone is an IANA name;
categories travel as slugs (`"real-estate"`), whose names stand in the taxonomy. Those of an
edition and of its delivery are written in `edition_model`, those of sources in `source_model`, a
reader's choices in `taste`; they are imported from here like the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from storage.edition_model import (
    Coverage,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Edition,
    EditionSection,
    EditionStory,
    Form,
    Reason,
    ReasonKind,
    Settlement,
    Span,
    Unread,
)
from storage.source_model import IMPORTED, NewSource, Show, Source, SourceKind, SourceState
from storage.taste import Level, Subject, Taste

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.event_model import EventLink

__all__ = [
    "EVERY_DAY",
    "IMPORTED",
    "WEEKDAYS",
    "YOUR_WORDS",
    "Article",
    "Category",
    "ChatKind",
    "Check",
    "Coverage",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Edition",
    "EditionSection",
    "EditionStory",
    "Filing",
    "Form",
    "Kind",
    "Known",
    "Layout",
    "Level",
    "NewArticle",
    "NewSource",
    "Reason",
    "ReasonKind",
    "Round",
    "Settlement",
    "Share",
    "Show",
    "Source",
    "SourceKind",
    "SourceState",
    "Span",
    "State",
    "Stored",
    "Subject",
    "Subscriber",
    "Taste",
    "Unread",
]

YOUR_WORDS = "your-words"
"""What stands in a category's place over stories that a followed word brought."""
EVERY_DAY = 0b111_1111
WEEKDAYS = 0b001_1111
WEEKEND = 0b110_0000
ALERTS_A_DAY = 5
"""How many alerts a day a reader has at most who has not chosen."""


class Kind(StrEnum):
    """What sort of thing a category is."""

    SECTION = "section"
    MARKET = "market"
    HOUSE = "house"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Category:
    """Anything a reader can follow."""

    slug: str
    name: str
    kind: Kind
    group: str | None = None
    """The slug of the group that a house belongs to."""


def houses_among(categories: Mapping[str, Category]) -> frozenset[str]:
    """The slugs of those categories, by slug, that are houses."""
    return frozenset(slug for slug, each in categories.items() if each.kind is Kind.HOUSE)


class Filing(NamedTuple):
    """One category of an article, and the word or tag that put it there."""

    category: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article that is clean, dated and filed, on its way into the archive."""

    guid: str
    """The source's own id for it; its link where the source gives none."""
    link: str
    """The canonical link."""
    title: str
    standfirst: str
    body: str | None
    """Paragraphs of plain text with a blank line between them."""
    image: str | None
    author: str | None
    language: str | None
    published: datetime
    filings: tuple[Filing, ...]
    """The most telling category first."""
    body_kinds: str = ""
    """What the paragraphs of the body are; see `storage.body_model.Body.kinds`."""
    paywall: bool | None = None
    """Whether its page says that it is for subscribers alone; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Article:
    """One stored piece. Its body is fetched apart, by `Articles.body`."""

    id: int
    """Grows in the order in which articles entered the archive: a place in it."""
    story_id: int
    """The id of the first article that told this news; its own for most."""
    source_id: int
    source: str
    """The source's name."""
    source_weight: int
    link: str
    title: str
    standfirst: str
    image: str | None
    author: str | None
    language: str | None
    published: datetime
    first_seen: datetime
    categories: tuple[str, ...]
    backlog: bool
    """It came with a new source's first round: in the archive, never in an edition."""
    has_body: bool
    words: tuple[str, ...] = ()
    """Of the words that readers follow, those in title or standfirst, folded (see
    `search_words.muted`); as they were followed when it came in."""
    event_id: int | None = None
    """The id of the first article of what happened; None where that was never asked."""
    event_evidence: str = ""
    """What it shares with an earlier article of its event, as a reader sees it."""
    figures: tuple[str, ...] = ()
    """The amounts in its title and standfirst, as a reader sees them."""
    full_text: Show = Show.PRIVATE
    """Where its text may be read in a chat; see `Source`."""
    pictures: Show = Show.YES
    paywall: bool = False
    """Whether it is for its source's subscribers alone."""

    def picture_in(self, *, private: bool) -> str | None:
        """The address of the picture that may be shown in a private chat, or in any other."""
        return self.image if self.pictures.within(private=private) else None

    @property
    def event(self) -> int:
        """What it tells of: equal for all that tell of one event, and for copies."""
        return self.story_id if self.event_id is None else self.event_id


@dataclass(frozen=True, slots=True)
class Known:
    """What deciding about a source's next articles needs of one that is stored."""

    article_id: int
    guid: str
    link: str
    title: str
    standfirst: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """What one successful fetch of a source brought, on its way into one transaction."""

    source_id: int
    now: datetime
    next_check: datetime
    interval: int
    """Seconds between two checks from now on."""
    articles: tuple[NewArticle, ...] = ()
    stories: Mapping[str, int] = field(default_factory=dict)
    """For links that tell known news: the link → the story's id."""
    events: Mapping[str, EventLink] = field(default_factory=dict)
    """Link → the event that it tells of, for those that are new."""
    figures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Link → the amounts in title and standfirst, for those that are told in other words now."""
    backlog: bool = False
    """Whether the new articles stay out of editions: a new source's first round."""
    imported: bool = False
    """Whether they come from an older archive: as if first seen when they were published, and kept
    however old they are."""
    url: str | None = None
    """The source's new address, when it moved for good."""
    etag: str | None = None
    last_modified: str | None = None


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


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the articles of one round."""

    new: tuple[int, ...]
    """Ids of articles that were not known."""
    updated: tuple[int, ...]
    """Ids of known articles whose words had changed."""
    unchanged: int
    stories: dict[str, int]
    """Link → story, of those that were not known."""


class ChatKind(StrEnum):
    """What kind of chat a subscriber is."""

    PRIVATE = "private"
    GROUP = "group"
    TOPIC = "topic"
    CHANNEL = "channel"


class State(StrEnum):
    """Whether a subscriber is written to."""

    ACTIVE = "active"
    STOPPED = "stopped"
    """The reader said /stop: answers, but no editions."""
    GONE = "gone"
    """Telegram refuses: blocked, kicked, deleted. Settings wait for the return."""
    BARRED = "barred"
    """An operator shut the chat out, or never let it in. Let in again, it is active as before."""


class Layout(StrEnum):
    """How much of a story an edition shows."""

    FRONT_PAGE = "front-page"
    """Laid out like a newspaper's, as one rich message."""
    SUMMARIES = "summaries"
    HEADLINES = "headlines"

    @property
    def plain(self) -> Layout:
        """The layout of the plain edition that stands in for one of this layout."""
        return Layout.SUMMARIES if self is Layout.FRONT_PAGE else self


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A chat that the bot writes to: a person, a group, a forum topic, a channel."""

    id: int
    chat_id: int
    thread_id: int
    """The forum topic; 0 where there is none."""
    kind: ChatKind
    state: State
    language: str
    zone: str
    digest_minute: int
    """The chosen hour, in minutes after local midnight."""
    days: int
    """Bit 0 is Monday, bit 6 Sunday; see `EVERY_DAY` and `WEEKDAYS`."""
    layout: Layout
    empty_note: bool
    """Whether a day with nothing new is worth a line."""
    quiet_from: int | None
    quiet_to: int | None
    """Quiet hours for alerts, in minutes after local midnight."""
    paused_until: datetime | None
    next_at: datetime | None
    """When the next edition is due; None while none is wanted."""
    place: int
    """The archive's newest article id when the last edition was made."""
    taste: Taste
    created: datetime
    edition_at: datetime | None = None
    """When that edition was due; None before the first one."""
    evening_minute: int | None = None
    """The hour of a second edition, later than the first's; None for one a day."""
    silent: bool = False
    """Whether editions arrive without a sound."""
    silent_alerts: bool = False
    """Whether alerts do."""
    alerts_a_day: int = ALERTS_A_DAY
    """How many alerts a day at most, by the reader's own midnight; 0 for none."""
    city: str = ""
    """The city that the reader named, as it was typed; empty where the zone's own name says it."""


@dataclass(frozen=True, slots=True)
class Share:
    """A deep link that a reader gave to friends. Openings are counted, never who opened."""

    code: str
    article_id: int
    subscriber_id: int | None
    """None where that reader was forgotten."""
    opened: int
