"""An edition as it was chosen, and the ledger's rows that bring it to a reader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Article, Layout


class DeliveryKind(StrEnum):
    """What a delivery carries."""

    EDITION = "edition"
    CATCH_UP = "catch-up"
    ALERT = "alert"


class DeliveryState(StrEnum):
    """Where a delivery is on its way: planned → sending → sent | skipped | failed."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


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
    """For an alert."""
    part: int
    """How many messages of it have been sent already."""
    attempts: int


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


@dataclass(frozen=True, slots=True)
class EditionStory:
    """One story of an edition, with why it was chosen."""

    article: Article
    also_in: tuple[str, ...] = ()
    """Names of other sources that tell it."""
    reasons: tuple[str, ...] = ()
    """For `onnews digest preview`: what raised or lowered it."""


@dataclass(frozen=True, slots=True)
class EditionSection:
    """Stories under one category, and how many more there were."""

    category: str
    stories: tuple[EditionStory, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Edition:
    """What one subscriber gets at one time: the digest, chosen and ordered."""

    lead: EditionStory | None
    sections: tuple[EditionSection, ...]

    @property
    def stories(self) -> tuple[EditionStory, ...]:
        """Every story in reading order, the lead first."""
        rest = tuple(story for section in self.sections for story in section.stories)
        return rest if self.lead is None else (self.lead, *rest)
