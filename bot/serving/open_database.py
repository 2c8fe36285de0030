"""The first step of the start: open the database, waiting for it if necessary."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.process.stopping import unless, within
from storage.db.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from storage.db.database import Database

log = logging.getLogger(__name__)

TRY_AGAIN = 0.5
"""Seconds between two attempts to open a database that is unavailable at the start."""
SAY_AGAIN = 60.0
"""Seconds between two log lines about waiting."""


async def open_database(database: Database, stopping: asyncio.Event) -> bool:
    """Open the database without migrating it; wait while it is unavailable.

    Return False if the bot was stopped first. DatabaseError means that waiting would not help.
    """
    logged, waits = 0.0, False
    loop = asyncio.get_running_loop()
    while True:
        try:
            opened = await unless(stopping, database.open())
        except DatabaseUnavailableError as error:
            if not waits or loop.time() - logged >= SAY_AGAIN:
                logged, waits = loop.time(), True
                log.warning("waiting for the database: %s", error)
        else:
            if opened and waits:
                log.warning("the database is available")
            return opened
        if await within(stopping, TRY_AGAIN):
            return False
