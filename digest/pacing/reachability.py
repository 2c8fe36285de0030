"""Whether Telegram can be reached, told by how the last requests ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from digest.pacing.telegram_errors import pause
from templates.edition.lru_cache import LruCache

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Delivery

OUTAGE = 3
"""So many chats in a row that cannot be reached mean that nobody can."""
REMEMBERED = 4096
"""Rows whose failures to reach Telegram are counted."""


class Line:
    """Whether Telegram can be reached, as far as the last requests tell."""

    def __init__(self) -> None:
        self.closed_until: datetime | None = None
        """Nothing is sent before; None while all is well."""
        self.heard = time.monotonic()
        """When Telegram last said something about a delivery, by the clock that is never set."""
        self._closed_at: datetime | None = None
        self._episodes = 0
        self._failing: set[int] = set()
        self._tries: LruCache[int, int] = LruCache(REMEMBERED)

    @property
    def doubtful(self) -> bool:
        """Whether the last that was heard of Telegram was nothing."""
        return self._episodes > 0

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing is sent just now. A clock that was set back does not keep it closed."""
        if self.closed_until is None or self._closed_at is None:
            return False
        return self._closed_at <= now < self.closed_until

    def tries(self, delivery_id: int) -> int:
        """How often Telegram could not be reached for a row."""
        return self._tries.get(delivery_id) or 0

    def answered(self) -> None:
        """Telegram said something, be it no."""
        self.heard = time.monotonic()
        self._episodes = 0
        self._failing.clear()
        self.closed_until = None

    def failed(self, row: Delivery, now: datetime) -> bool:
        """Telegram could not be reached for a row.

        Returns:
            Whether the line is closed for a while because of it.
        """
        self._tries.put(row.id, self.tries(row.id) + 1)
        self._failing.add(row.chat_id)
        # What was on its way together fails together: that is one outage, not many.
        if self.is_closed(now):
            return False
        if not self.doubtful and len(self._failing) < OUTAGE:
            return False
        self._closed_at = now
        self.closed_until = now + pause(self._episodes)
        self._episodes += 1
        return True
