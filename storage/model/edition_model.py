"""Editions as they are chosen, and the ledger's rows that deliver them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.model.article_model import Article
    from storage.model.correction_model import StoryMark
    from storage.model.subscriber_model import Layout


class DeliveryKind(StrEnum):
    """The kinds of delivery."""

    EDITION = "edition"
    CATCH_UP = "catch-up"
    ALERT = "alert"


class Form(StrEnum):
    """The message formats of a front page, the best first, and of an alert with a picture."""

    PICTURED = "pictured"
    """Telegram's rich blocks, with pictures."""
    RICH = "rich"
    """Telegram's rich blocks, without pictures."""
    CAPTIONED = "captioned"
    """An alert as the caption of a photo, for chats that get no rich blocks."""
    HTML = "html"
    """The plain edition or alert."""


class DeliveryState(StrEnum):
    """The states of a delivery: planned → sending → sent | skipped | failed."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


OPEN = (DeliveryState.PLANNED.value, DeliveryState.SENDING.value)
"""The states of deliveries that have not ended."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger: one edition or alert to one subscriber, with what sending needs."""

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
    """The key of the taste, which `Deliveries.tastes` returns. Equal tastes have equal keys."""
    place_from: int
    place_to: int
    """The edition contains articles with place_from < id <= place_to."""
    article_id: int | None
    """An alert's article; for an edition that a reader asked for, the article they just read."""
    part: int
    """Number of its messages already sent."""
    attempts: int
    since: datetime | None = None
    """When the previous edition was due; None for a first one."""
    evening_minute: int | None = None
    """The subscriber's current evening time, in minutes after local midnight; None for none."""
    silent: bool = False
    """Whether it arrives without a sound."""
    form: Form | None = None
    """The form last tried; None if it has only one or was not tried."""
    public: bool = False
    """Whether it is posted in a channel, whose members the bot does not know."""
    asked: bool = False
    """Whether the reader asked for it; False if it was scheduled."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The result of one claimed delivery, or its new state."""

    delivery_id: int
    state: DeliveryState
    part: int = 0
    not_before: datetime | None = None
    """When to try again, for a row that returns to PLANNED."""
    error: str | None = None
    """A short error kind, such as `blocked` or `flood`; never Telegram's full text."""
    message_ids: tuple[int, ...] = ()
    form: Form | None = None
    """The form to try next; None keeps the stored one."""


class SentEdition(NamedTuple):
    """An edition that reached a subscriber, as far as it determines what that edition left out."""

    taste_key: str
    place_from: int
    place_to: int
    since: datetime | None
    due: datetime
    articles: tuple[int, ...]
    """The ids of the articles it showed."""


class SentIssue(NamedTuple):
    """The stories of a sent message as they are stored, once for all who got the same."""

    print: int
    """64 bits of a hash of the stories, as a signed number."""
    stories: str
    """JSON; see `digest.making.sent_issue`."""


class Span(StrEnum):
    """The length of time that an edition covers."""

    DAY = "day"
    DAYS = "days"
    """A weekend, or a day or two that were missed."""
    WEEK = "week"


class ReasonKind(StrEnum):
    """Why a story ranks where it does. Each kind says what `Reason.figure` counts."""

    AGE = "age"
    """Whole hours since publication."""
    SOURCE = "source"
    """The weight of its source."""
    CARRIED = "carried"
    """Number of sources that report it."""
    PICTURE = "picture"
    MORE = "more"
    """The reader wants more of the category `Reason.what`."""
    LESS = "less"
    MORE_OF_SOURCE = "more-of-source"
    """The reader wants more of the article's source."""
    LESS_OF_SOURCE = "less-of-source"
    LEAD = "lead"
    """Editors chose it as the lead story."""
    QUICK = "quick"
    """`Reason.figure` sources reported it within hours of the first."""
    UNSURE = "unsure"
    """It may not be relevant to the trade; see `Article.unsure`."""
    COMPANY = "company"
    """It is news of a company in the trade."""
    HOUSE = "house"
    """It is about a house."""
    QUESTION = "question"
    """Its headline asks a question."""
    WEIGHT = "weight"
    """What its event weighs: 3 could lead any front page, 2 is among the main news, 1 ordinary.

    `Reason.what` is its kind (`StoryKind`); "" if that is not sure.
    """


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a story's rank."""

    kind: ReasonKind
    figure: int
    points: int
    """Points added to the score; negative if it ranks lower."""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The time over which a story was reported, and by how many sources."""

    first: datetime
    last: datetime
    """When its last article was published; `first` is the same for its first article."""
    sources: int


@dataclass(frozen=True, slots=True)
class EditionStory:
    """One story of an edition, with the reasons for choosing it."""

    article: Article
    also_in: tuple[str, ...] = ()
    """Names of other sources that report it."""
    reasons: tuple[Reason, ...] = ()
    """The reasons for its rank."""
    coverage: Coverage | None = None
    """For a story of several articles in an edition of more than a day; else None."""
    update: bool = False
    """Whether the reader had news of its event before, and this adds to it."""
    mark: StoryMark | None = None
    """In a copy that was edited: what its line says of the correction. None if nothing."""


class EditionSection(NamedTuple):
    """The stories of one category, and the number of those left out.

    It is a tuple because every edition has half a dozen, and a dataclass takes three times as long
    to create.
    """

    category: str
    stories: tuple[EditionStory, ...]
    left_out: int = 0
    more: tuple[EditionStory, ...] = ()
    """The first of those left out, if they were asked for."""


@dataclass(frozen=True, slots=True)
class Unread:
    """News of followed categories in languages that a reader has not chosen."""

    categories: tuple[str, ...]
    """Followed categories, the one with most such stories first."""
    languages: tuple[str, ...]
    """Languages of the stories left out, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The content of one edition for one subscriber, chosen and ordered."""

    lead: EditionStory | None
    sections: tuple[EditionSection, ...]
    top: tuple[EditionSection, ...] = ()
    """The other biggest stories of a week, between lead and sections.

    Each is alone in a section with its category.
    """
    span: Span = Span.DAY
    since: datetime | None = None
    """When the previous edition was due; None for a first one."""
    lead_category: str = ""
    """The category of the lead."""
    added: int = 0
    """Number of stories at the end from categories not followed, in a first edition."""
    still: int = 0
    """Number of stories at the end that earlier editions left out, in a later edition."""
    unread: Unread | None = None
    """None if the followed news is mostly in languages that the reader has chosen."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The stories' categories without duplicates, in reading order."""
        under = [each.category for each in (*self.top, *self.sections) if each.stories]
        if self.lead is not None:
            under.insert(0, self.lead_category)
        return tuple(dict.fromkeys(filter(None, under)))

    @property
    def own(self) -> Edition:
        """The edition without the stories that fill it up; unchanged if all of them do.

        These are stories of categories not followed, or ones that earlier editions left out.
        """
        left = self.added + self.still
        if not left or left == len(self.stories):
            return self
        sections = list(self.sections)
        for place, section in reversed([*enumerate(sections)]):
            taken = min(left, len(section.stories))
            kept = section.stories[: len(section.stories) - taken]
            sections[place] = section._replace(stories=kept)
            left -= taken
        return replace(self, sections=tuple(sections), added=0, still=0)

    def placed(self) -> Iterator[tuple[str, EditionStory]]:
        """Yield every story in reading order, as a pair of its category and the story."""
        if self.lead is not None:
            yield self.lead_category, self.lead
        for section in (*self.top, *self.sections):
            yield from ((section.category, story) for story in section.stories)

    @property
    def stories(self) -> tuple[EditionStory, ...]:
        """Every story in reading order, the lead first."""
        # Not by `placed`, because this is called several times for every reader's edition.
        stories = [] if self.lead is None else [self.lead]
        for section in (*self.top, *self.sections):
            stories += section.stories
        return tuple(stories)
