"""Whether Telegram can be reached, judged by the outcome of the last requests."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.pacing.telegram_errors import UNREACHED
from templates.edition.lru_cache import LruCache

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Delivery

OUTAGE = 3
"""Number of unreachable chats in a row that counts as an outage of Telegram."""
REMEMBERED = 4096
"""Maximum number of deliveries for which failures to reach Telegram are counted."""


class TelegramLine:
    """The connection to Telegram, judged by the outcome of the last requests."""

    def __init__(self) -> None:
        self.closed_until: datetime | None = None
        """The time before which nothing is sent; None while Telegram can be reached."""
        self.last_answer = time.monotonic()
        """When Telegram last answered about a delivery, in seconds of `time.monotonic`."""
        self._closed_at: datetime | None = None
        self._episodes = 0
        self._failing: set[int] = set()
        self._tries: LruCache[int, int] = LruCache(REMEMBERED)

    @property
    def doubtful(self) -> bool:
        """Whether the last attempt to reach Telegram failed."""
        return self._episodes > 0

    def is_closed(self, now: datetime) -> bool:
        """Return whether nothing may be sent; a clock set back does not keep the line closed."""
        if self.closed_until is None or self._closed_at is None:
            return False
        return self._closed_at <= now < self.closed_until

    def tries(self, delivery_id: int) -> int:
        """Return how often Telegram could not be reached for a delivery."""
        return self._tries.get(delivery_id) or 0

    def answered(self) -> None:
        """Note that Telegram answered, even with a refusal."""
        self.last_answer = time.monotonic()
        self._episodes = 0
        self._failing.clear()
        self.closed_until = None

    def failed(self, row: Delivery, now: datetime) -> bool:
        """Note that Telegram could not be reached; return whether this closes the line."""
        self._tries.put(row.id, self.tries(row.id) + 1)
        self._failing.add(row.chat_id)
        # Requests in progress together fail together: count them as one outage.
        if self.is_closed(now):
            return False
        if not self.doubtful and len(self._failing) < OUTAGE:
            return False
        self._closed_at = now
        self.closed_until = now + timedelta(seconds=UNREACHED.pause(self._episodes))
        self._episodes += 1
        return True
