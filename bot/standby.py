"""Which of several processes serves the archive, and what the others do meanwhile."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.stopping import within
from storage.lock import wait_for

if TYPE_CHECKING:
    import asyncio

    from storage.lock import ServingLock

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks at who serves the archive."""


class LockLostError(Exception):
    """Another process may serve the archive now: this one has to begin anew, as a standby."""


class Standby:
    """A process that serves the archive, or waits until it may.

    Args:
        lock: The right to serve it.
        stopping: Set once the process is to stop.
    """

    def __init__(self, lock: ServingLock, stopping: asyncio.Event) -> None:
        self._lock = lock
        self._stopping = stopping
        self.waiting = False
        """Whether another process serves, and this one waits for its end."""

    async def alone(self) -> bool:
        """Wait until no other process serves this archive; False if told to stop first.

        Raises:
            DatabaseError: It cannot be told whether one does.
        """
        if await self._lock.take():
            return True
        log.warning("another process serves this archive; this one waits as its standby")
        self.waiting = True
        try:
            if not await wait_for(self._lock, self._stopping, EVERY):
                return False
        finally:
            self.waiting = False
        log.warning("the other process is gone; this one serves from now on")
        return True

    async def watch(self) -> None:
        """See to it that the right stays with this process, until it is to stop.

        Raises:
            LockLostError: The connection that holds it was lost.
        """
        while not await within(self._stopping, EVERY):
            if not await self._lock.held():
                raise LockLostError(
                    "the connection that holds the right to serve the archive was lost"
                )

    async def release(self) -> None:
        """Let another process serve the archive."""
        await self._lock.release()
