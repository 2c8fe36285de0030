"""Subscribers: the chats that the bot writes to, their taste, and the links that they share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from storage.words.search_words import beyond_latin, muted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

EVERY_DAY = 0b111_1111
WEEKDAYS = 0b001_1111
WEEKEND = 0b110_0000
NIGHT = (22 * 60, 7 * 60)
"""The quiet hours of who has chosen none, in minutes after local midnight."""
ALERTS_A_DAY = 5
"""Default limit of alerts a day."""
Subject: TypeAlias = "str | int"
"""A subject whose level a reader can set: a category by its slug, or a source by its id."""


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


class Level(StrEnum):
    """How much of a subject a reader wants."""

    OFF = "off"
    """None of it, in editions, alerts and general lists; asked for by name, it is still shown."""
    LESS = "less"
    """Its stories rank lower. Of a house, an edition has at most one, if there is room."""
    NORMAL = "normal"
    MORE = "more"
    """Its stories rank higher. A category is also followed."""


TITLES, STANDFIRSTS = "titles", "standfirsts"
"""What of a story may be translated."""


@dataclass(frozen=True, slots=True)
class Taste:
    """The choices of one reader. Readers of equal taste and place get the same edition."""

    follows: frozenset[str] = frozenset()
    muted_categories: frozenset[str] = frozenset()
    muted_words: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    """Languages of articles, with the exception of `sought_anywhere`; empty for all."""
    muted_sources: frozenset[int] = frozenset()
    """Ids of sources, as in the other fields for sources."""
    less: frozenset[str] = frozenset()
    """Categories of which less is wanted."""
    more: frozenset[str] = frozenset()
    """Categories of which more is wanted; all of them are followed."""
    less_sources: frozenset[int] = frozenset()
    more_sources: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()
    """Followed words and phrases, as the reader wrote them."""
    translate: frozenset[str] = frozenset()
    """What of foreign stories is translated into the reader's language: `TITLES`, `STANDFIRSTS`."""
    also_read: frozenset[str] = frozenset()
    """Languages that are not translated, besides the reader's own."""

    @property
    def follows_anything(self) -> bool:
        """Whether any category or word is followed."""
        return bool(self.follows or self.words)

    @property
    def sought(self) -> Mapping[str, str]:
        """The followed words: folded as in articles → as the reader wrote them."""
        return _sought(self.words) if self.words else {}

    def follows_one_of(self, categories: Iterable[str], words: Iterable[str]) -> bool:
        """Return whether an article with these categories and folded words is followed."""
        if not self.follows.isdisjoint(categories):
            return True
        return bool(words and self.words) and not _sought(self.words).keys().isdisjoint(words)

    def words_in(self, words: Iterable[str]) -> tuple[str, ...]:
        """Return which of an article's folded words are followed, as the reader wrote them."""
        sought = self.sought
        return tuple(sought[word] for word in words if word in sought)

    @property
    def sought_anywhere(self) -> frozenset[str]:
        """The followed words, folded, in other than Latin letters: they match in any language.

        A reader who follows 徐家汇 can read it, even if only English is chosen otherwise.
        """
        return _sought_anywhere(self.words) if self.words else frozenset()

    def reads(self, language: str | None, words: Iterable[str]) -> bool:
        """Return whether the reader can read an article in this language (None: unknown).

        `words` are the followed words in it, folded.
        """
        if not self.languages or not language or language in self.languages:
            return True
        return bool(self.words) and not self.sought_anywhere.isdisjoint(words)

    @property
    def keeps_anything_out(self) -> bool:
        """Whether any article can be excluded, even if followed; for most tastes False."""
        return bool(
            self.languages or self.muted_categories or self.muted_sources or self.muted_words
        )

    @property
    def weighs(self) -> bool:
        """Whether any subject should rank higher or lower than normal."""
        return bool(self.less or self.more or self.less_sources or self.more_sources)

    def level(self, subject: Subject) -> Level:
        """Return how much of a subject is wanted."""
        if isinstance(subject, int):
            off, less, more = self.muted_sources, self.less_sources, self.more_sources
            found = (subject in off, subject in less, subject in more)
        else:
            found = (subject in self.muted_categories, subject in self.less, subject in self.more)
        levels = (Level.OFF, Level.LESS, Level.MORE)
        return next(
            (level for level, held in zip(levels, found, strict=True) if held), Level.NORMAL
        )


@lru_cache(maxsize=4_096)
def _sought(words: frozenset[str]) -> Mapping[str, str]:
    return {muted(word): word for word in sorted(words)}


@lru_cache(maxsize=4_096)
def _sought_anywhere(words: frozenset[str]) -> frozenset[str]:
    return frozenset(filter(beyond_latin, map(muted, words)))


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

    `quiet_from` is their start. Both are equal if the chat chose none, None if it did not choose.
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
