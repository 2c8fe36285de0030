"""Subscribers: the chats that the bot writes to, and the links that they give to friends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model.taste import Taste

EVERY_DAY = 0b111_1111
WEEKDAYS = 0b001_1111
WEEKEND = 0b110_0000
ALERTS_A_DAY = 5
"""How many alerts a day a reader has at most who has not chosen."""


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


FIRST_OF_CHANNELS = -1_000_000_000_000
"""Supergroups and channels have ids below this, and no other chat has."""


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
    kind_confirmed: bool = False
    """Whether Telegram said of which kind the chat is."""


@dataclass(frozen=True, slots=True)
class Share:
    """A deep link that a reader gave to friends. Openings are counted, never who opened."""

    code: str
    article_id: int
    subscriber_id: int | None
    """None where that reader was forgotten."""
    opened: int
