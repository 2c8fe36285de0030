"""What follows where an SQLite archive's file is deleted, or replaced, under the process it serves.

The database saves what was in it. Here the operators hear of it, and where another file is there
now, the process begins anew with that one.
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
"""Seconds that operators have to be reached before the process begins anew."""


class LostDatabase:
    """Hears of a file that is lost.

    Args:
        database: The archive's.
        lease: The right to serve the archive, which ends where its file was replaced.
        stopping: Set where this process has to begin anew.
    """

    def __init__(self, database: Database, lease: Lease, stopping: asyncio.Event) -> None:
        database.on_lost_file(self.hear)
        self._lease = lease
        self._stopping = stopping
        self.operators: Operators | None = None
        """Who are told; None until the bot is known to Telegram."""

    async def hear(self, lost: LostFile) -> None:
        """Tell the operators, and end the service of a file that is not there any more."""
        try:
            async with asyncio.timeout(TELLING):
                if self.operators is not None:
                    await self.operators.say("lost_database", lost=lost)
        except TimeoutError:
            log.warning("no operator could be told in time that the database file was lost")
        if lost.fate is FileFate.REPLACED and lost.saved is not None:
            self._lease.give_up("another file is in the place of the archive")
            self._stopping.set()
