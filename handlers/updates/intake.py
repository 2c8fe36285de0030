"""The queue between fetching updates and answering them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram import Update

from handlers.updates.update_kinds import identity

if TYPE_CHECKING:
    from handlers.updates.shared_updates import SharedUpdates
    from handlers.updates.update_journal import UpdateJournal
    from handlers.updates.update_queue import UpdateQueue

log = logging.getLogger(__name__)


class Intake(asyncio.Queue[object]):
    """python-telegram-bot's queue between fetching and answering, with a limited length.

    An update that was fetched before is dropped. That happens if Telegram was not notified in time
    that it had arrived. While there are several replicas, updates go to the table that they share.
    """

    def __init__(
        self, updates: UpdateQueue, journal: UpdateJournal, shared: SharedUpdates | None = None
    ) -> None:
        super().__init__()
        self._updates = updates
        self._journal = journal
        self._shared = shared

    def unshared(self, update: Update) -> None:
        """Add an update that this replica has claimed from the shared table."""
        super().put_nowait(update)

    async def put(self, item: object) -> None:
        """Add an update to the queue as soon as there is room."""
        await self._updates.until_there_is_room()
        if isinstance(item, Update):
            if self._shared is not None and self._shared.is_on:
                self._shared.add(item)
                return
            if not self._journal.is_new(identity(item)):
                log.info("update %d came twice; it is answered once", item.update_id)
                return
            if self._shared is not None:
                self._shared.answered_alone.note(item)
        await super().put(item)
