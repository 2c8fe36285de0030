"""What handlers remember between updates, for a limited time and in limited number.

python-telegram-bot's own `chat_data` and `user_data` keep an entry for everybody who ever wrote.
"""

from __future__ import annotations

import hashlib
import os
from asyncio import Lock
from collections import OrderedDict
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from telegram import InlineKeyboardMarkup

    from handlers.core.origin import Asker
    from storage.model import Subscriber

K = TypeVar("K")
V = TypeVar("V")

ADMINISTRATORS_FOR = timedelta(seconds=10)
"""Time for which a list of a chat's administrators is reused."""
READ_FOR = timedelta(hours=1)
"""Time for which the last opened story counts as just read."""
SHEET_FOR = timedelta(days=2)
"""Time for which a settings message is remembered, to be replaced by a newer one."""
AWAITED_FOR = timedelta(minutes=15)
"""Time for which a question stays open; a later text does not answer it."""
JOURNEY_FOR = timedelta(days=1)
"""How long a question of the newcomer's journey stays open."""
DOUBLE_TAP = timedelta(seconds=2)
"""Time within which a second tap on the same button is ignored."""
KEYBOARD_FOR = timedelta(minutes=1)
"""Time for which a tap may still arrive with a keyboard that has been replaced."""
MOST_KEYBOARDS = 2_000
EXPORTED_FOR = timedelta(minutes=1)
"""Time between two exports of a chat."""
CHANNEL_ASKED_FOR = timedelta(minutes=15)
"""Time after asking for a channel during which a new channel counts as the answer."""
MOVED_FOR = timedelta(minutes=15)
"""Time for which a group's move to a supergroup is remembered."""
ADMINISTRATORS_ASKED_FOR = timedelta(seconds=5)
"""Time before Telegram is asked again about a person who was not an administrator."""
TIPS_FOR = timedelta(days=1)
"""Time for which the tips and complaints of a forgotten chat count towards its limits."""
MOST = 20_000
"""The most entries of each kind; beyond that the oldest is dropped."""


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


JOURNEY = frozenset({Awaited.JOURNEY_PICK, Awaited.JOURNEY_HOUR, Awaited.JOURNEY_CITY})
"""The questions of the newcomer's journey."""


class OpenQuestion(NamedTuple):
    """A question that was asked, and the subscriber that it is about."""

    what: Awaited
    about: int | None = None
    """Id of a managed subscriber; None for the chat in which the question was asked."""
    by: int = 0
    """Id of the person who was asked, who may write as the group."""


class DeskSubject(StrEnum):
    """What a question of the desk is about."""

    EDITOR = "editor"
    """Whom to add as an editor."""
    NAME = "name"
    """How other editors see the person."""
    DRAFT = "draft"
    """Nothing was asked: the editor was shown a draft, of which a photo becomes the picture."""
    PARTS = "parts"
    """The same, while the editor chooses what to edit."""
    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    PICTURE = "picture"
    CATEGORY = "category"
    """The categories of a draft or article."""
    TIME = "time"
    FIND = "find"
    """Which article to open."""
    AMEND = "amend"
    """The new value of an article."""
    DATE = "date"
    """A date ahead."""
    COMPLAINT = "complaint"
    """What a reader, not an editor, adds to a complaint."""


class DeskQuestion(NamedTuple):
    """A question of the desk, which the person's next message answers."""

    what: DeskSubject
    draft: int = 0
    """The draft that it is about; 0 for none."""
    message_id: int = 0
    """Id of the message that shows the draft; 0 for none."""
    tap: object = None
    """The tap that asked, for a question about an article; otherwise None."""
    choice: object = None
    """The categories chosen so far, for a question about categories; otherwise None."""
    was: str = ""
    """The text or picture of a draft that was asked about, as the editor saw it."""
    version: int = 0
    """The version of the draft that the editor saw."""
    album: str = ""
    """Id of the album whose first photo was taken as the draft's picture; "" for none."""


class SettingsMessage(NamedTuple):
    """The message that shows a chat's settings."""

    message_id: int
    last: bool
    """Whether the bot has sent nothing below it, so that it is still in sight."""


class ShownList(NamedTuple):
    """The stories that a chat was shown last, by the numbers of their buttons."""

    at: datetime
    articles: Mapping[int, int]
    """Number → id of the article."""
    wanted: object = None
    """The list, as `stories.listing.Listing`; None if it cannot go on."""
    query: str = ""
    delivery: int = 0
    """Id of the ledger row if it is an edition that was sent again."""
    asked: int | None = None
    """Id of the message with the words of a search, which the buttons under its list read."""


class Expiring(Generic[K, V]):
    """A map that drops each value after its lifetime, and the oldest beyond `most`."""

    def __init__(self, lifetime: timedelta, *, most: int = MOST) -> None:
        self._lifetime = lifetime
        self._most = most
        # All have the same lifetime, so the order of insertion is the order of expiry.
        self._entries: OrderedDict[K, tuple[V, datetime]] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of entries, including expired ones that were not removed yet."""
        return len(self._entries)

    def put(self, key: K, value: V, now: datetime) -> None:
        """Store a value, replacing any earlier one, and remove expired entries."""
        self._entries.pop(key, None)
        self._entries[key] = (value, now + self._lifetime)
        while self._entries:
            _, until = next(iter(self._entries.values()))
            if until > now and len(self._entries) <= self._most:
                return
            self._entries.popitem(last=False)

    def get(self, key: K, now: datetime) -> V | None:
        """Return the value of a key, or None if there is none or it has expired."""
        value, until = self._entries.get(key, (None, now))
        return value if until > now else None

    def drop(self, key: K) -> None:
        """Remove a value, if there is one."""
        self._entries.pop(key, None)

    def drop_those(self, among: Callable[[K], bool]) -> None:
        """Remove the values of the keys for which a function says so."""
        for key in [each for each in self._entries if among(each)]:
            del self._entries[key]


class Memory:
    """Short-lived facts: open questions, last taps, administrators, and the lock of each chat."""

    def __init__(self) -> None:
        self.questions: Expiring[Asker, OpenQuestion] = Expiring(AWAITED_FOR)
        self.journeys: Expiring[Asker, OpenQuestion] = Expiring(JOURNEY_FOR)
        """The journey's questions, which stay open while their readers look elsewhere."""
        self.desk_questions: Expiring[Asker, DeskQuestion] = Expiring(AWAITED_FOR)
        self.tapped: Expiring[int, tuple[int, str]] = Expiring(DOUBLE_TAP)
        """Person's id → message id and data of the last tapped button."""
        self.keyboards: Expiring[tuple[int, int], InlineKeyboardMarkup] = Expiring(
            KEYBOARD_FOR, most=MOST_KEYBOARDS
        )
        """Chat id and message id → the keyboard that the message was given last."""
        self.read: Expiring[int, int] = Expiring(READ_FOR)
        """Chat id → id of the article that was opened there last."""
        self.exported: Expiring[int, bool] = Expiring(EXPORTED_FOR)
        self.sheets: Expiring[tuple[int, int], SettingsMessage] = Expiring(SHEET_FOR)
        """Chat id and subscriber id → the message that shows the subscriber's settings there."""
        self.pickers: Expiring[int, int] = Expiring(JOURNEY_FOR)
        """Chat id → id of its newest picker, or of the message with the journey's question."""
        self.administrators: Expiring[int, frozenset[int]] = Expiring(ADMINISTRATORS_FOR)
        self.administrators_asked: Expiring[int, bool] = Expiring(ADMINISTRATORS_ASKED_FOR)
        self.location_asked: Expiring[int, bool] = Expiring(JOURNEY_FOR)
        """Private chats with a button of Telegram's that shares a location."""
        self.channel_asked: Expiring[int, bool] = Expiring(CHANNEL_ASKED_FOR)
        """Ids of private chats in which the bot asked for a channel."""
        self.moved: Expiring[int, int] = Expiring(MOVED_FOR)
        """Id of a supergroup → id of the group that became it."""
        self.greeted: Expiring[int, int] = Expiring(MOVED_FOR)
        """Id of a group → id of the message that greets it."""
        self.lists: Expiring[tuple[int, int], ShownList] = Expiring(SHEET_FOR)
        """Chat and topic → the list that was shown there last."""
        self.not_understood: Expiring[tuple[int, int], bool] = Expiring(JOURNEY_FOR)
        """Chat id and message id of texts that were not understood, which may be edited."""
        self._sent_before: Expiring[bytes, tuple[datetime, ...]] = Expiring(TIPS_FOR)
        """Hash of what was sent and a forgotten chat's id → when it sent the last of these."""
        self._hash_key = os.urandom(16)
        self._turns: WeakValueDictionary[int, Lock] = WeakValueDictionary()

    def note_shown(
        self,
        subscriber: Subscriber,
        ids: Sequence[int],
        now: datetime,
        *,
        first: int = 1,
        wanted: object = None,
        query: str = "",
        delivery: int = 0,
    ) -> None:
        """Remember the numbers of the stories that a chat is shown, so that one can be typed.

        An empty first page forgets them. `wanted` is the list, if it goes on; `delivery` is the id
        of an edition that is sent again.
        """
        key = (subscriber.chat_id, subscriber.thread_id)
        before = self.lists.get(key, now)
        if ids:
            # The buttons of another page of the same search read the same message.
            same = before is not None and bool(query) and before.query == query
            asked = before.asked if before is not None and same else None
            articles = dict(enumerate(ids, start=first))
            self.lists.put(key, ShownList(now, articles, wanted, query, delivery, asked), now)
        elif first == 1:
            self.lists.drop(key)

    def forget(self, chat_id: int) -> None:
        """Drop what is remembered of a chat."""
        for of_chats in (
            self.read,
            self.exported,
            self.pickers,
            self.administrators,
            self.administrators_asked,
            self.location_asked,
            self.channel_asked,
            self.moved,
            self.greeted,
        ):
            of_chats.drop(chat_id)
        self.lists.drop((chat_id, 0))

    def keep_sent(self, what: str, chat_id: int, sent: Collection[datetime], now: datetime) -> None:
        """Remember when a forgotten chat sent `what`, by a hash whose key only this process has."""
        if sent:
            known = self._sent_before.get(self._hash_of(what, chat_id), now) or ()
            self._sent_before.put(self._hash_of(what, chat_id), (*known, *sent), now)

    def sent_before(self, what: str, chat_id: int, now: datetime) -> int:
        """Return how many of `what` a chat sent within the last day, before it was forgotten."""
        known = self._sent_before.get(self._hash_of(what, chat_id), now) or ()
        return sum(each > now - TIPS_FOR for each in known)

    def _hash_of(self, what: str, chat_id: int) -> bytes:
        whose = f"{what} {chat_id}".encode()
        return hashlib.blake2b(whose, key=self._hash_key, digest_size=16).digest()

    def turn(self, chat_id: int) -> Lock:
        """Return the lock of a chat; it exists while an update holds it or waits for it."""
        lock = self._turns.get(chat_id)
        if lock is None:
            lock = self._turns[chat_id] = Lock()
        return lock
