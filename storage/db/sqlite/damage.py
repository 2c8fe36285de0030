"""An SQLite file that is damaged or lost: waiting cannot help, so the process has to end."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from storage.db.outage import DatabaseError
from storage.db.sqlite import engines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from storage.db.outage import DatabaseFailure

log = logging.getLogger(__name__)

MOST_FAULTS = 5
STEPS = 100
"""Instructions of SQLite's virtual machine between two looks at the clock."""
STILL = 5.0
"""Seconds after the check in which the same failure, seen again, also confirms damage."""
SURE = 60.0
"""Seconds from the first failure to the check, since a file may be being replaced meanwhile."""
ADVICE = (
    "Move it away, with the -wal and -shm files beside it, and fill a new one with the newest "
    "backup: `onnews restore FILE`. Without a backup, `sqlite3 OLD .recover | sqlite3 NEW` saves "
    "what can still be read."
)


class DamagedFileError(DatabaseError):
    """The database's file is damaged. The message says what to do."""


class LostFileError(DatabaseError):
    """The database's file was deleted or replaced; the message says what to do."""


class Damage:
    """Checks a file that SQLite calls damaged, and lets callers wait for confirmation.

    Args:
        check: Reads the whole file, and returns what is damaged, a line each.
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
        self._error: DatabaseError | None = None

    def seen(self, reason: str) -> None:
        """Record that SQLite called the file damaged, and start the check."""
        self._seen_again = True
        if not self._found.is_set() and (self._deciding is None or self._deciding.done()):
            self._deciding = asyncio.create_task(self._decide(reason), name="damage")

    def lost(self, failure: DatabaseFailure) -> None:
        """Take note that the file was deleted or replaced."""
        self._end(
            LostFileError(f"{failure.reason[:1].upper()}{failure.reason[1:]}. {failure.advice}")
        )

    async def found(self) -> DatabaseError:
        """Wait until the file is known to be damaged or lost, forever if it is neither."""
        await self._found.wait()
        assert self._error is not None  # noqa: S101 - set before the event is
        return self._error

    async def close(self) -> None:
        """Stop checking."""
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
            log.debug("the file cannot be checked now: %s", error)
            faults = ()
        if not faults:
            await self._pause(STILL)
        if not faults and not self._seen_again:
            log.warning("%s is intact, although SQLite called it damaged (%s)", self._path, reason)
            return
        fault = faults[0] if faults else reason
        self._end(
            DamagedFileError(f"The database file {self._path} is damaged ({fault}). {ADVICE}")
        )

    def _end(self, error: DatabaseError) -> None:
        if self._error is None:
            self._error = error
            self._found.set()


async def damage_of(path: Path, seconds: float) -> tuple[str, ...]:
    """Check an SQLite file for a number of seconds. Return what is damaged, a line each."""

    def look() -> tuple[str, ...]:
        with closing(engines.read_only(path)) as driver:
            return faults_in(driver, seconds)[0]

    try:
        return await asyncio.to_thread(look)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(str(error)) from None


def faults_in(driver: sqlite3.Connection, seconds: float | None) -> tuple[tuple[str, ...], bool]:
    """Return the damage that SQLite finds, a line each, and whether the check finished in time.

    `seconds` limits a quick check; None makes a full one.
    """
    check = "quick_check" if seconds is not None else "integrity_check"
    timer: threading.Timer | None = None
    if seconds is not None:
        until = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > until, STEPS)
        # Before 3.41 SQLite calls no progress handler while it checks a table.
        timer = threading.Timer(seconds, driver.interrupt)
        timer.daemon = True
        timer.start()
    try:
        rows = driver.execute(f"PRAGMA {check}({MOST_FAULTS})").fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return (), False
        return (str(error),), True
    finally:
        if timer is not None:
            timer.cancel()
            timer.join()
    lines = [line for (each,) in rows for line in str(each).splitlines()]
    faults = tuple(
        line for line in lines if line not in {"ok", "*** in database main ***", "interrupted"}
    )
    return faults[:MOST_FAULTS], "interrupted" not in lines
