"""Links that readers suggested to the editors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class TipState(StrEnum):
    """The states of a tip."""

    SENT = "sent"
    OPENED = "opened"
    """An editor made a draft of it."""
    DISCARDED = "discarded"
    PUBLISHED = "published"
    """The story is in the archive, and the reader was told."""


class TipOutcome(StrEnum):
    """How a suggestion ended."""

    SENT = "sent"
    AGAIN = "again"
    """The reader had suggested this link before."""
    TOO_MANY = "too many"
    """The reader has suggested five links within a day."""


@dataclass(frozen=True, slots=True)
class TippedLink:
    """A link that readers suggested, as editors see it: without who they are."""

    number: int
    """The id of the first tip with this link."""
    link: str
    readers: int
    """How many readers suggested it."""
    first: datetime
    """When the first of them did."""


@dataclass(frozen=True, slots=True)
class HeardTip:
    """A tip whose story is in the archive, for the message to its reader."""

    id: int
    subscriber_id: int
    chat_id: int
    article_id: int
    state: TipState
    """The state before the message."""
