"""The queue between fetching updates and answering them, and the count of dropped updates."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram import Update

from handlers.updates.update_kinds import identity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.pacing.priorities import Standing
    from handlers.updates.shared_updates import SharedUpdates
    from handlers.updates.update_journal import UpdateJournal

log = logging.getLogger(__name__)

OVER = 0.5
"""Share of the updates that may wait at which the log says that no more are dropped."""


class Intake(asyncio.Queue[object]):
    """python-telegram-bot's queue between fetching and answering, with a limited length.

    An update that was fetched before is dropped. That happens if Telegram was not notified in time
    that it had arrived. While there are several replicas, updates go to the table that they share.
    `room` waits while too many updates wait for more to be fetched; `shared` is None on SQLite.
    """

    def __init__(
        self,
        room: Callable[[], Awaitable[None]],
        journal: UpdateJournal,
        shared: SharedUpdates | None = None,
    ) -> None:
        super().__init__()
        self._room = room
        self._journal = journal
        self._shared = shared

    def unshared(self, update: Update) -> None:
        """Add an update that this replica has claimed from the shared table."""
        super().put_nowait(update)

    async def put(self, item: object) -> None:
        """Add an update to the queue as soon as there is room."""
        await self._room()
        if isinstance(item, Update):
            if self._shared is not None and self._shared.is_on:
                self._shared.add(item)
                return
            if not self._journal.is_new(identity(item)):
                log.info("update %d came twice; it is answered once", item.update_id)
                return
        await super().put(item)


class DroppedUpdates:
    """Counts dropped updates, and logs when too many of strangers wait and when that is over.

    `unknown_share` returns the waiting ones of strangers, as a share of those that may wait.
    """

    def __init__(self, unknown_share: Callable[[], float]) -> None:
        self._unknown_share = unknown_share
        self.known = 0
        """Dropped updates of operators and readers since the start."""
        self.unknown = 0
        """Dropped updates of new and unknown people since the start."""
        self._before: int | None = None
        """The value of `unknown` when too many began to wait; None while there is room."""

    def count(self, standing: Standing) -> None:
        """Count a dropped update of a person with this standing."""
        if not standing.has_share:
            self.known += 1
            return
        if self._before is None and self._unknown_share() >= 1:
            self._before = self.unknown
            log.warning("too many updates of new or unknown people wait: further ones are dropped")
        self.unknown += 1

    def look(self) -> None:
        """Log how many were dropped, once few enough wait again."""
        if self._before is not None and self._unknown_share() <= OVER:
            log.info(
                "%d updates of new or unknown people were dropped; there is room again",
                self.unknown - self._before,
            )
            self._before = None
