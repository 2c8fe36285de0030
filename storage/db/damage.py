"""An SQLite file that is damaged: named as such once it is sure, since waiting mends none."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from storage.db.outage import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

log = logging.getLogger(__name__)

STILL = 5.0
"""Seconds after that look in which the same failure, if it comes again, decides as well."""
SURE = 60.0
"""Seconds from the first failure to the look that decides: another file may just be put there."""
ADVICE = (
    "Move it away, with the -wal and -shm files beside it, and fill a new one with the newest "
    "backup: `onnews restore FILE`. Without a backup, `sqlite3 OLD .recover | sqlite3 NEW` saves "
    "what can still be read."
)


class DamagedFileError(DatabaseError):
    """The database's file is damaged; the message says what to do."""


class Damage:
    """Finds out whether a file is as damaged as SQLite says, and lets others wait for the answer.

    Args:
        path: The file.
        check: Reads all of it; what is wrong, a line each.
        pause: Waits for so many seconds.
    """

    def __init__(
        self,
        path: Path,
        check: Callable[[], Awaitable[tuple[str, ...]]],
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._path = path
        self._check = check
        self._pause = pause
        self._deciding: asyncio.Task[None] | None = None
        self._seen_again = False
        self._found = asyncio.Event()
        self._fault = ""

    def seen(self, reason: str) -> None:
        """Take note that SQLite called the file damaged."""
        self._seen_again = True
        if not self._found.is_set() and (self._deciding is None or self._deciding.done()):
            self._deciding = asyncio.create_task(self._decide(reason), name="damage")

    async def found(self) -> DamagedFileError:
        """Wait until the file is known to be damaged, for ever if it is not."""
        await self._found.wait()
        return DamagedFileError(
            f"The database file {self._path} is damaged ({self._fault}). {ADVICE}"
        )

    async def close(self) -> None:
        """Look no more."""
        if self._deciding is not None:
            self._deciding.cancel()
            with suppress(asyncio.CancelledError):
                await self._deciding

    async def _decide(self, reason: str) -> None:
        await self._pause(SURE)
        self._seen_again = False
        try:
            faults = await self._check()
        except DatabaseError as error:
            log.debug("the file cannot be checked just now: %s", error)
            faults = ()
        if not faults:
            await self._pause(STILL)
        if not faults and not self._seen_again:
            log.warning("%s is whole, though it was called damaged (%s)", self._path, reason)
            return
        self._fault = faults[0] if faults else reason
        self._found.set()
