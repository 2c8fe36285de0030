"""Whom the bot knows, so that strangers hold up nobody: asked for every update, without a query."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.pacing.standing import Standing
from handlers.core.origin import in_private

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Update

    from handlers.core.services import Services
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


def standing_of(update: Update, services: Services) -> Standing:
    """Of whoever wrote, tapped or typed a query, there where they did."""
    user, chat, now = update.effective_user, update.effective_chat, services.clock()
    admissions, known = services.admissions, services.known_chats
    person = Standing.STRANGER
    if user is not None:
        if user.id in services.admins:
            return Standing.OPERATOR
        if admissions.is_banned(user.id):
            return Standing.STRANGER
        person = known.standing(user.id, now)
        if admissions.names(user.id):
            person = Standing.KNOWN
    if chat is None or in_private(update):
        is_let_in = user is not None and admissions.permits(user.id)
        return person if is_let_in else Standing.STRANGER
    if not admissions.permits(chat.id):
        return Standing.STRANGER
    is_known = admissions.names(chat.id) or known.standing(chat.id, now) < Standing.STRANGER
    # Of a group's members most never wrote to the bot by themselves.
    return min(person, Standing.NEW if is_known else Standing.STRANGER)
