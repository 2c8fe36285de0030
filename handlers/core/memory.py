"""What handlers remember between two updates: short-lived, and bounded however many people write.

python-telegram-bot's own `chat_data` and `user_data` keep an entry for everybody who ever wrote.
"""

from __future__ import annotations

from asyncio import Lock
from collections import OrderedDict
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import InlineKeyboardMarkup

    from handlers.core.origin import Asker

K = TypeVar("K")
V = TypeVar("V")

ADMINISTRATORS_FOR = timedelta(seconds=10)
"""How long an answer about who administers a chat is good for."""
READ_FOR = timedelta(hours=1)
"""For how long the story that somebody opened last is the one that they have just read."""
SHEET_FOR = timedelta(days=2)
"""For how long a newer sheet of settings puts an older one out of use."""
AWAITED_FOR = timedelta(minutes=15)
"""How long a question stays open; a text that comes later is a new subject."""
DOUBLE_TAP = timedelta(seconds=2)
"""Within which the same button tapped again is the same wish."""
KEYBOARD_FOR = timedelta(minutes=1)
"""For how long a tap may come of a keyboard that has been changed since."""
MOST_KEYBOARDS = 2_000
EXPORTED_FOR = timedelta(minutes=1)
"""Between two exports of a chat."""
CHANNEL_ASKED_FOR = timedelta(minutes=15)
"""For how long a channel that the bot is let into comes from the button that asks for one."""
MOVED_FOR = timedelta(minutes=15)
"""For how long it is known that the bot is in a supergroup because its group became one."""
ADMINISTRATORS_ASKED_FOR = timedelta(seconds=5)
"""For how long somebody who was none is taken for none, before Telegram is asked again."""
MOST = 20_000
"""Entries of each kind; beyond that the oldest is forgotten."""


class Awaited(StrEnum):
    """A question that the reader may answer by typing."""

    HOUR = "hour"
    EVENING = "evening"
    CITY = "city"
    JOURNEY_HOUR = "journey-hour"
    JOURNEY_CITY = "journey-city"
    WORD = "word"
    FOLLOW_WORD = "follow-word"
    PICK = "pick"
    JOURNEY_PICK = "journey-pick"
    DATE = "date"
    QUIET = "quiet"


class OpenQuestion(NamedTuple):
    """A question that was asked, and whom it is about."""

    what: Awaited
    about: int | None = None
    """The id of a subscriber whom the person manages; None for the chat that was asked."""


class SettingsMessage(NamedTuple):
    """The message with a chat's settings."""

    message_id: int
    last: bool
    """Whether nothing of ours was answered below it since: it is still in sight."""


class Expiring(Generic[K, V]):
    """Values that are forgotten after a fixed time.

    Args:
        lifetime: How long each is kept.
        most: How many are kept at the same time.
    """

    def __init__(self, lifetime: timedelta, *, most: int = MOST) -> None:
        self._lifetime = lifetime
        self._most = most
        # All live equally long, so the order of insertion is the order of expiry.
        self._entries: OrderedDict[K, tuple[V, datetime]] = OrderedDict()

    def __len__(self) -> int:
        """Entries kept, expired ones included that nothing has swept yet."""
        return len(self._entries)

    def put(self, key: K, value: V, now: datetime) -> None:
        """Keep a value in the place of the one before."""
        self._entries.pop(key, None)
        self._entries[key] = (value, now + self._lifetime)
        while self._entries:
            _, until = next(iter(self._entries.values()))
            if until > now and len(self._entries) <= self._most:
                return
            self._entries.popitem(last=False)

    def get(self, key: K, now: datetime) -> V | None:
        """The value of this key; None when there is none, or none any more."""
        value, until = self._entries.get(key, (None, now))
        return value if until > now else None

    def drop(self, key: K) -> None:
        """Forget a value, if there is one."""
        self._entries.pop(key, None)


class Memory:
    """Open questions, the last taps, the administrators of groups, and whose turn it is."""

    def __init__(self) -> None:
        self.questions: Expiring[Asker, OpenQuestion] = Expiring(AWAITED_FOR)
        self.tapped: Expiring[int, tuple[int, str]] = Expiring(DOUBLE_TAP)
        """Person → the message and the data of the button tapped last."""
        self.keyboards: Expiring[tuple[int, int], InlineKeyboardMarkup] = Expiring(
            KEYBOARD_FOR, most=MOST_KEYBOARDS
        )
        """Chat and message → what was put under it last."""
        self.read: Expiring[int, int] = Expiring(READ_FOR)
        """Chat → the article that was opened there last."""
        self.exported: Expiring[int, bool] = Expiring(EXPORTED_FOR)
        """Chats that had their export just now."""
        self.sheets: Expiring[tuple[int, int], SettingsMessage] = Expiring(SHEET_FOR)
        """Chat and subscriber → the message there that shows the subscriber's settings."""
        self.pickers: Expiring[int, int] = Expiring(AWAITED_FOR)
        """Chat → the message that is its newest picker, or asks the journey's next question."""
        self.administrators: Expiring[int, frozenset[int]] = Expiring(ADMINISTRATORS_FOR)
        self.administrators_asked: Expiring[int, bool] = Expiring(ADMINISTRATORS_ASKED_FOR)
        """Chats whose administrators Telegram has just named."""
        self.channel_asked: Expiring[int, bool] = Expiring(CHANNEL_ASKED_FOR)
        """Private chats in which a channel was asked for."""
        self.moved: Expiring[int, int] = Expiring(MOVED_FOR)
        """Supergroup → the group that it was."""
        self.greeted: Expiring[int, int] = Expiring(MOVED_FOR)
        """Group → the message that greets it."""
        self._turns: WeakValueDictionary[int, Lock] = WeakValueDictionary()

    def forget(self, chat_id: int) -> None:
        """Forget what is known of a chat."""
        for of_chats in (
            self.read,
            self.exported,
            self.pickers,
            self.administrators,
            self.administrators_asked,
            self.channel_asked,
            self.moved,
            self.greeted,
        ):
            of_chats.drop(chat_id)

    def turn(self, chat_id: int) -> Lock:
        """The lock of a chat; it is kept for as long as somebody holds it or waits for it."""
        lock = self._turns.get(chat_id)
        if lock is None:
            lock = self._turns[chat_id] = Lock()
        return lock
