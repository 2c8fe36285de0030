"""The standby: a process that waits until it may serve the archive."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.process.logs import one_line
from bot.process.stopping import unless, within
from storage.db.outage import DatabaseUnavailableError
from storage.replicas.roles import Role
from storage.serving.lease import LeaseLostError
from storage.serving.lock import CannotServeError, TablesBusyError

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.serving.sharing import Sharing
    from storage.db.database import Database
    from storage.serving.lease import Lease

log = logging.getLogger(__name__)

WAITING = "another process serves this archive; this one waits as its standby"
BESIDE = "another process sends editions; this one answers readers beside it"
"""The log line of a replica that waits for the right to send."""
SENDS_NOT = "this process only answers, as ROLES says; it neither sends nor fetches sources"
"""The log line of a replica without the role of sending."""
OLDER = (
    "the replica {} works with the tables of an older version, which have to be changed: stop it; "
    "this one waits as its standby"
)
LOCKED = (
    "process {} is changing the tables or taking over; this one waits. If that process does not "
    "move, resume it, or end it"
)
TRY_AGAIN = 0.5
"""Seconds between two attempts to open a database that is unavailable at the start."""
SAY_AGAIN = 60.0
"""Seconds between two log lines about waiting."""
SOONER = 4
"""Factor by which the lease is renewed more often while the database does not answer."""


class Standby:
    """Waits for the database and for the right to serve the archive, then keeps it.

    Args:
        stopping: Ends the waiting. Also set here when the right is lost.
        roles: Without the role of sending it never takes the right, and only updates the tables.
        sharing: What this process shares with replicas that it answers beside; None on SQLite.
    """

    def __init__(
        self,
        database: Database,
        lease: Lease,
        stopping: asyncio.Event,
        *,
        roles: Collection[Role] = tuple(Role),
        sharing: Sharing | None = None,
    ) -> None:
        self._database = database
        self._lease = lease
        self._stopping = stopping
        self._takes = Role.SEND in roles
        self._sharing = sharing
        self._renewing: asyncio.Task[None] | None = None
        self._last_line = ""
        self._is_current = False
        """Whether the tables were of this program's revision at the last look."""
        self._was_locked_out = False
        """Whether another process had the lock at the last look."""
        self._waiting = WAITING
        if sharing is not None:
            self._waiting = BESIDE if self._takes else SENDS_NOT
        """The log line of a process that waits for the right to serve."""
        self.serving = False
        """Whether this process has the right to serve."""

    async def open_database(self) -> bool:
        """Open the database without migrating it; wait while it is unavailable.

        Return False if the process was stopped first. DatabaseError means that waiting would not
        help.
        """
        logged, waits = 0.0, False
        loop = asyncio.get_running_loop()
        while True:
            try:
                opened = await unless(self._stopping, self._database.open())
            except DatabaseUnavailableError as error:
                if not waits or loop.time() - logged >= SAY_AGAIN:
                    logged, waits = loop.time(), True
                    log.warning("waiting for the database: %s", error)
            else:
                if opened and waits:
                    log.warning("the database is available")
                return opened
            if await within(self._stopping, TRY_AGAIN):
                return False

    async def wait_until_alone(self, *, or_current: bool = False) -> bool:
        """Wait until no other process serves this archive, then update its tables.

        With `or_current` it returns as well once the tables are of this program's revision, though
        another process serves. False means that the process was stopped first; otherwise `serving`
        says whether it has the right to serve. CannotServeError means that this program can never
        use the database.
        """
        while not self._stopping.is_set():
            if await self._take():
                if self._last_line:
                    log.warning("this process serves the archive from now on")
                self.serving = True
                self._renewing = asyncio.create_task(self._renew(), name="lease")
                return True
            if or_current and self._is_current:
                return True
            if await self._stopped_within(self._lease.look_in):
                break
        return False

    async def release(self) -> None:
        """Give up the right to serve, so that another process can take it."""
        self.serving = False
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})
            self._renewing = None
        await self._lease.release()

    async def _stopped_within(self, seconds: float) -> bool:
        """Wait for some seconds, or until no replica sends; return whether the stop came."""
        events = [self._stopping]
        if self._sharing is not None:
            events.append(self._sharing.no_sender)
        waiting = [asyncio.create_task(each.wait()) for each in events]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        if self._sharing is not None:
            self._sharing.no_sender.clear()
        return self._stopping.is_set()

    @property
    def _may_take(self) -> bool:
        return self._sharing is None or self._sharing.may_send

    async def _take(self) -> bool:
        """Try to take the right to serve; return whether that worked, and log the reason if not."""
        lease = self._lease
        try:
            line = await self._line_if_not_current() or await self._line_if_not_taken()
        except CannotServeError:
            raise
        except TablesBusyError as error:
            held = error.holder
            self._log_once(f"{error}; retrying" if held is None else LOCKED.format(held))
        except Exception as error:  # noqa: BLE001 - a standby goes on after any error
            if lease.is_stuck and lease.rival is not None:
                self._log_once(
                    f"process {lease.rival.name} holds the database and does not move: resume "
                    "it, or end it; this one waits as its standby"
                )
            else:
                self._log_once(
                    "cannot find out which process serves this archive "
                    f"({one_line(error)}); retrying"
                )
        else:
            if line is not None:
                self._log_once(await self._line_if_locked_out() or line)
            return line is None
        return False

    async def _line_if_locked_out(self) -> str | None:
        """Return the line that names the process with the lock; None unless it is held for long."""
        was, self._was_locked_out = self._was_locked_out, self._lease.is_locked_out
        if not (was and self._was_locked_out):
            return None
        with suppress(Exception):
            holder = await self._lease.lock.holder()
            return None if holder is None else LOCKED.format(holder)
        return None

    async def _line_if_not_current(self) -> str | None:
        """Update the tables, and return None; or the line that says which process prevents it.

        They are changed beside older processes if these can work with the new ones.
        """
        if not await self._bring_up_beside():
            self._is_current = False
            # With older tables it cannot answer beside another process either, and a frozen one
            # that wakes up must not find tables that it does not know.
            if not await self._lease.secure(alone=True):
                others = self._lease.replicas
                return OLDER.format(others[0]) if others else WAITING
            try:
                # Imported here, because loading Alembic would slow down every start.
                from storage.migrations.migrate import bring_up  # noqa: PLC0415

                await bring_up(self._database)
            finally:
                await self._lease.lock.release()
        self._is_current = True
        return None

    async def _line_if_not_taken(self) -> str | None:
        """Take the right to serve if it is free. Return None, or the line that says why not."""
        if not self._may_take:
            return self._last_line
        if self._takes and await self._lease.secure() and await self._lease.begin():
            return None
        return self._waiting

    async def _bring_up_beside(self) -> bool:
        """Migrate the tables while older processes run on, if they can work with the new ones.

        Return whether this program works on the tables as they are now. It raises CannotServeError,
        or TablesBusyError if other transactions use the tables.
        """
        if (await self._database.version()).fits:
            return True
        # Imported here, because loading Alembic would slow down every start.
        from storage.migrations import migrate  # noqa: PLC0415

        await migrate.steps_for(self._database)
        if not await migrate.can_run_beside(self._database):
            return False
        for step in await migrate.bring_up_beside(self._database):
            log.info("the tables were changed beside older processes: %s", step.title)
        return (await self._database.version()).fits

    def _log_once(self, line: str) -> None:
        if line != self._last_line:
            log.warning("%s", line)
        self._last_line = line

    async def _renew(self) -> None:
        """Renew the right to serve until another process has it; then stop this one."""
        pause = self._lease.every
        while True:
            await asyncio.sleep(pause)
            try:
                await self._lease.renew()
            except LeaseLostError:
                self.serving = False
                self._stopping.set()
                return
            except Exception as error:  # noqa: BLE001 - it is tried again after any error
                pause = self._lease.every / SOONER
                if not self._lease.is_valid:
                    self._log_once(
                        "sending is paused: cannot find out which process serves "
                        f"({one_line(error)})"
                    )
            else:
                pause = self._lease.every
                self._last_line = ""
