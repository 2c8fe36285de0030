"""The chats that the bot knows, in memory: consulted for every update without a query.

Known chats are answered before strangers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from digest.pacing.priorities import Standing

if TYPE_CHECKING:
    from storage.readers.subscribers import Subscribers

NEW_FOR = timedelta(days=1)
"""Time for which a chat counts as new, so that mass-made accounts do not count as known at once."""
PAGE = 50_000
"""Ids read in one query, so that other queries can run in between."""


class KnownChats:
    """The ids of the chats that are subscribers, eight bytes each."""

    def __init__(self) -> None:
        self._long = array("q")
        """Sorted ids of the chats that were subscribers before the start."""
        self._since: dict[int, datetime] = {}
        """Other chats, and the time since which each is a subscriber."""
        self._loaded = datetime.fromtimestamp(0, UTC)
        """When subscribers were read from the database last."""

    async def load(self, subscribers: Subscribers, now: datetime) -> None:
        """Read the ids of all subscribers.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        long = array("q")
        after: int | None = None
        while page := await subscribers.chat_ids(after=after, limit=PAGE):
            long.extend(page)
            after = page[-1]
        self._since = await subscribers.since(now - NEW_FOR)
        self._loaded = now
        self._long = long

    async def load_new(self, subscribers: Subscribers, now: datetime) -> None:
        """Read who has become a subscriber since the last time, in this or another process.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        for chat_id, since in (await subscribers.since(self._loaded - NEW_FOR)).items():
            self.meet(chat_id, since)
        self._loaded = now

    def meet(self, chat_id: int, since: datetime) -> None:
        """Note that a chat has been a subscriber since a time."""
        if not self._is_long(chat_id):
            self._since.setdefault(chat_id, since)

    def forget(self, chat_id: int) -> None:
        """Note that a chat is no longer a subscriber."""
        self._since.pop(chat_id, None)
        if self._is_long(chat_id):
            del self._long[bisect_left(self._long, chat_id)]

    def standing(self, chat_id: int, now: datetime) -> Standing:
        """Return the standing of a chat, or of a person by the id of the private chat.

        Known means a reader since yesterday or longer, new since today; anyone else is a stranger.
        """
        since = self._since.get(chat_id)
        if since is not None:
            return Standing.NEW if now - since < NEW_FOR else Standing.KNOWN
        return Standing.KNOWN if self._is_long(chat_id) else Standing.STRANGER

    def _is_long(self, chat_id: int) -> bool:
        at = bisect_left(self._long, chat_id)
        return at < len(self._long) and self._long[at] == chat_id
