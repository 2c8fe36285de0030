"""Subscribers: the chats that the bot writes to, and the links that they share."""

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
"""Default limit of alerts a day."""


class ChatKind(StrEnum):
    """The kinds of chat that can subscribe."""

    PRIVATE = "private"
    GROUP = "group"
    TOPIC = "topic"
    CHANNEL = "channel"


class State(StrEnum):
    """Whether the bot writes to a subscriber."""

    ACTIVE = "active"
    STOPPED = "stopped"
    """The reader sent /stop: the bot answers, but sends no editions."""
    GONE = "gone"
    """Telegram refuses: blocked, kicked, deleted. The settings are kept for a return."""
    BARRED = "barred"
    """An operator has banned the chat, or never admitted it. Once admitted, it is active again."""


class Layout(StrEnum):
    """The layouts of an edition, by how much of a story they show."""

    FRONT_PAGE = "front-page"
    """One rich message, laid out like a newspaper's front page."""
    SUMMARIES = "summaries"
    HEADLINES = "headlines"

    @property
    def plain(self) -> Layout:
        """The layout of the plain edition that replaces one of this layout."""
        return Layout.SUMMARIES if self is Layout.FRONT_PAGE else self


FIRST_OF_CHANNELS = -1_000_000_000_000
"""Ids of supergroups and channels are below this number; those of other chats are not."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A chat that the bot writes to: a person, a group, a forum topic or a channel."""

    id: int
    chat_id: int
    thread_id: int
    """The forum topic; 0 for none."""
    kind: ChatKind
    state: State
    language: str
    zone: str
    digest_minute: int
    """The time of the edition, in minutes after local midnight."""
    days: int
    """A bit mask: bit 0 is Monday, bit 6 Sunday; see `EVERY_DAY` and `WEEKDAYS`."""
    layout: Layout
    empty_note: bool
    """Whether to send a line on a day without news."""
    quiet_from: int | None
    quiet_to: int | None
    """End of the quiet hours without alerts, in minutes after local midnight.

    `quiet_from` is their start. Both are None if there are none.
    """
    paused_until: datetime | None
    next_at: datetime | None
    """When the next edition is due; None if none is wanted."""
    place: int
    """The newest article's id when the last edition was planned."""
    taste: Taste
    created: datetime
    edition_at: datetime | None = None
    """When the last edition was due; None before the first one."""
    evening_minute: int | None = None
    """The time of a second, later edition, in minutes after local midnight; None for none."""
    silent: bool = False
    """Whether editions arrive without a sound."""
    silent_alerts: bool = False
    """Whether alerts arrive without a sound."""
    alerts_a_day: int = ALERTS_A_DAY
    """Alerts a day at most, counted from local midnight; 0 for none."""
    city: str = ""
    """The city as the reader typed it; empty if the zone's name contains it."""
    kind_confirmed: bool = False
    """Whether Telegram confirmed `kind`."""

    @property
    def private(self) -> bool:
        """Whether this is a reader's own chat with the bot; not a group, a topic or a channel."""
        return self.kind is ChatKind.PRIVATE


@dataclass(frozen=True, slots=True)
class Share:
    """A deep link that a reader gave to friends. Openings are counted, not who opened it."""

    code: str
    article_id: int
    subscriber_id: int | None
    """The reader who shared it; None if that reader was forgotten."""
    opened: int
