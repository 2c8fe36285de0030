"""An edition as it was chosen, and the ledger's rows that bring it to a reader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.model.article_model import Article
    from storage.model.subscriber_model import Layout


class DeliveryKind(StrEnum):
    """What a delivery carries."""

    EDITION = "edition"
    CATCH_UP = "catch-up"
    ALERT = "alert"


class Form(StrEnum):
    """How an edition that is a front page is written, the best first."""

    PICTURED = "pictured"
    """Telegram's blocks, with pictures."""
    RICH = "rich"
    """The same without."""
    HTML = "html"
    """The plain edition."""


class DeliveryState(StrEnum):
    """Where a delivery is on its way: planned → sending → sent | skipped | failed."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


OPEN = (DeliveryState.PLANNED.value, DeliveryState.SENDING.value)
"""The states of deliveries that are not over."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The ledger row of one edition (or alert) to one subscriber, with what sending it needs."""

    id: int
    subscriber_id: int
    chat_id: int
    thread_id: int
    kind: DeliveryKind
    due: datetime
    state: DeliveryState
    language: str
    zone: str
    layout: Layout
    empty_note: bool
    taste_key: str
    """Equal for equal tastes; `Deliveries.tastes` gives the taste."""
    place_from: int
    place_to: int
    """The edition is made of articles with place_from < id <= place_to."""
    article_id: int | None
    """For an alert; for an edition that a reader asked for, a story that they have just read."""
    part: int
    """How many messages of it have been sent already."""
    attempts: int
    since: datetime | None = None
    """When the edition before was due; None for a first one."""
    evening_minute: int | None = None
    """The subscriber's, now."""
    silent: bool = False
    """Whether it arrives without a sound."""
    form: Form | None = None
    """In which it was last tried; None where it has but one, or was not tried."""
    public: bool = False
    """Whether it is posted in a channel, whose readers the bot does not know."""
    asked: bool = False
    """Whether its reader asked for it, rather than the hour."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one claimed delivery ended, or where it waits."""

    delivery_id: int
    state: DeliveryState
    part: int = 0
    not_before: datetime | None = None
    """For one that goes back to PLANNED: when to try again."""
    error: str | None = None
    """A short kind, such as `blocked` or `flood`; never Telegram's whole text."""
    message_ids: tuple[int, ...] = ()
    form: Form | None = None
    """The one that is tried next; None leaves what was noted before."""


class Span(StrEnum):
    """How much time an edition covers."""

    DAY = "day"
    DAYS = "days"
    """A weekend, or a day or two that were missed."""
    WEEK = "week"


class ReasonKind(StrEnum):
    """What gives a story its place in an edition; `Reason.figure` counts it."""

    AGE = "age"
    """Full hours since it was published."""
    SOURCE = "source"
    """The weight of its source."""
    CARRIED = "carried"
    """How many sources tell it."""
    PICTURE = "picture"
    MORE = "more"
    """The reader wants more of the category `Reason.what`."""
    LESS = "less"
    MORE_OF_SOURCE = "more-of-source"
    """The reader wants more of the article's source."""
    LESS_OF_SOURCE = "less-of-source"
    QUICK = "quick"
    """`Reason.figure` sources had it within hours of the first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the things that give a story its place."""

    kind: ReasonKind
    figure: int
    points: int
    """Below zero for what puts it lower."""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How long a story ran, and how widely."""

    first: datetime
    last: datetime
    """When the first and the last of its articles were published."""
    sources: int


@dataclass(frozen=True, slots=True)
class EditionStory:
    """One story of an edition, with why it was chosen."""

    article: Article
    also_in: tuple[str, ...] = ()
    """Names of other sources that tell it."""
    reasons: tuple[Reason, ...] = ()
    """What gives it its place."""
    coverage: Coverage | None = None
    """For a story of several articles in an edition of more than a day."""
    update: bool = False
    """Whether the reader was told of its event before, and this adds to it."""


class EditionSection(NamedTuple):
    """Stories under one category, and how many more there were.

    A tuple, since every reader's edition has half a dozen: a dataclass takes thrice as long to
    make.
    """

    category: str
    stories: tuple[EditionStory, ...]
    left_out: int = 0
    more: tuple[EditionStory, ...] = ()
    """The first of those that were left out, where they were asked for."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What is mostly written in languages that a reader leaves out."""

    categories: tuple[str, ...]
    """Followed ones, the one with the most such stories first."""
    languages: tuple[str, ...]
    """Of the stories that were left out, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What one subscriber gets at one time: the digest, chosen and ordered."""

    lead: EditionStory | None
    sections: tuple[EditionSection, ...]
    top: tuple[EditionSection, ...] = ()
    """What stands behind the lead, before the sections: the other biggest stories of a week, each
    with the category that it would stand under."""
    span: Span = Span.DAY
    since: datetime | None = None
    """When the edition before was due; None for a first one."""
    lead_category: str = ""
    """The category that the lead would stand under."""
    added: int = 0
    """How many of its stories are of nothing that the reader follows: a first edition's."""
    unread: Unread | None = None
    """None where what is followed is written in languages that the reader reads."""

    @property
    def categories(self) -> tuple[str, ...]:
        """What the stories stand under, each category once and in reading order."""
        under = [each.category for each in (*self.top, *self.sections) if each.stories]
        if self.lead is not None:
            under.insert(0, self.lead_category)
        return tuple(dict.fromkeys(filter(None, under)))

    def placed(self) -> Iterator[tuple[str, EditionStory]]:
        """Every story in reading order, with the category that it stands under."""
        if self.lead is not None:
            yield self.lead_category, self.lead
        for section in (*self.top, *self.sections):
            yield from ((section.category, story) for story in section.stories)

    @property
    def stories(self) -> tuple[EditionStory, ...]:
        """Every story in reading order, the lead first."""
        # Not by `placed`: this is asked several times for every reader's edition.
        stories = [] if self.lead is None else [self.lead]
        for section in (*self.top, *self.sections):
            stories += section.stories
        return tuple(stories)
