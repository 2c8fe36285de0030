"""The reaction to an SQLite file that is deleted or replaced while it is served.

The database saves the data of the lost file. This module notifies operators. If another file took
its place, the process starts over with that file.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from storage.db.lost_file import FileFate

if TYPE_CHECKING:
    from bot.alarms.operator_alerts import Operators
    from storage.db.database import Database
    from storage.db.lost_file import LostFile
    from storage.serving.lease import Lease

log = logging.getLogger(__name__)

TELLING = 5.0
"""Seconds allowed for notifying operators."""


class LostDatabase:
    """Notifies operators of a lost database file, and gives up the lease if it was replaced.

    Args:
        database: The archive's database.
        lease: The right to serve the archive.
        stopping: Set when the process has to start over.
    """

    def __init__(self, database: Database, lease: Lease, stopping: asyncio.Event) -> None:
        database.on_lost_file(self.hear)
        self._lease = lease
        self._stopping = stopping
        self.operators: Operators | None = None
        """Receive the notification; None before the bot is connected to Telegram."""

    async def hear(self, lost: LostFile) -> None:
        """Notify the operators; stop serving if another file took the archive's place."""
        try:
            async with asyncio.timeout(TELLING):
                if self.operators is not None:
                    await self.operators.say("lost_database", lost=lost)
        except TimeoutError:
            log.warning("no operator could be notified in time of the lost database file")
        if lost.fate is FileFate.REPLACED and lost.saved is not None:
            self._lease.give_up("another file is in the place of the archive")
            self._stopping.set()
