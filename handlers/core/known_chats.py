"""Whom the bot knows, so that strangers hold up nobody: asked for every update, without a query."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.pacing.standing import Standing

if TYPE_CHECKING:
    from datetime import datetime

    from storage.readers.subscribers import Subscribers

NEW_FOR = timedelta(days=1)
"""How long somebody is new: who makes a thousand accounts is not known with them a minute later."""
PAGE = 50_000
"""Ids read at a time: others may read in between."""


class KnownChats:
    """The ids of the chats that are subscribers, eight bytes each."""

    def __init__(self) -> None:
        self._long = array("q")
        """In order, those that were there before the start."""
        self._since: dict[int, datetime] = {}
        """Since when others are."""

    async def load(self, subscribers: Subscribers, now: datetime) -> None:
        """Read all that are there.

        Raises:
            DatabaseUnavailableError: They cannot be read just now.
        """
        long = array("q")
        after: int | None = None
        while page := await subscribers.chat_ids(after=after, limit=PAGE):
            long.extend(page)
            after = page[-1]
        self._since = await subscribers.since(now - NEW_FOR)
        self._long = long

    def meet(self, chat_id: int, since: datetime) -> None:
        """A chat is a subscriber, since that moment."""
        if not self._is_long(chat_id):
            self._since.setdefault(chat_id, since)

    def forget(self, chat_id: int) -> None:
        """A chat is none any more."""
        self._since.pop(chat_id, None)
        if self._is_long(chat_id):
            del self._long[bisect_left(self._long, chat_id)]

    def standing(self, chat_id: int, now: datetime) -> Standing:
        """Of a chat, or of a person by their own."""
        since = self._since.get(chat_id)
        if since is not None:
            return Standing.NEW if now - since < NEW_FOR else Standing.KNOWN
        return Standing.KNOWN if self._is_long(chat_id) else Standing.STRANGER

    def _is_long(self, chat_id: int) -> bool:
        at = bisect_left(self._long, chat_id)
        return at < len(self._long) and self._long[at] == chat_id
