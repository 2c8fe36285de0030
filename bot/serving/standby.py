"""Which of several processes serves the archive, and what the others do meanwhile."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.process.stopping import within
from storage.serving.lease import LeaseLostError
from storage.serving.lock import CannotServeError
from storage.tables import schema

if TYPE_CHECKING:
    from storage.db.database import Database
    from storage.serving.lease import Lease

log = logging.getLogger(__name__)

WAITING = "another process serves this archive; this one waits as its standby"
SOONER = 4
"""While the database does not answer, it is asked so many times as often."""


class Standby:
    """A process that serves the archive, or waits until it may.

    Args:
        database: The archive's, connected.
        lease: The right to serve it.
        stopping: Set once the process is to stop; set here where the right is lost.
    """

    def __init__(self, database: Database, lease: Lease, stopping: asyncio.Event) -> None:
        self._database = database
        self._lease = lease
        self._stopping = stopping
        self._renewing: asyncio.Task[None] | None = None
        self._last_line = ""
        self.serving = False
        """Whether this process has the right to serve; a standby waits for it."""

    async def alone(self) -> bool:
        """Wait until no other process serves this archive, and bring its tables up to date.

        Returns:
            False if told to stop first.

        Raises:
            CannotServeError: This program cannot use the database, however long it waits.
        """
        while not self._stopping.is_set():
            if await self._take():
                if self._last_line:
                    log.warning("this process serves the archive from now on")
                self.serving = True
                self._renewing = asyncio.create_task(self._renew(), name="lease")
                return True
            if await within(self._stopping, self._lease.look_in):
                break
        return False

    async def release(self) -> None:
        """Let another process serve the archive."""
        self.serving = False
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})
            self._renewing = None
        await self._lease.release()

    async def _take(self) -> bool:
        """Take the right to serve, if it can be had now; else say why it cannot."""
        lease = self._lease
        try:
            is_current = await self._database.revision() == schema.HEAD
            if not is_current:
                # Loading Alembic takes longer than a whole start of the bot should.
                from storage.migrations import migrate  # noqa: PLC0415 - see the line above

                await migrate.steps_for(self._database)
            # A frozen process may wake up, and would find tables that it does not know.
            if await lease.secure(from_frozen=is_current):
                if not is_current:
                    await migrate.bring_up(self._database)
                if await lease.begin():
                    return True
        except CannotServeError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, a standby goes on
            if lease.is_stuck and lease.rival is not None:
                self._say(
                    f"process {lease.rival.name} holds the database and does not move: let it go "
                    "on, or end it; this one waits as its standby"
                )
            else:
                why = str(error) or type(error).__name__
                self._say(f"it cannot be told who serves this archive ({why}); asking again")
        else:
            self._say(WAITING)
        return False

    def _say(self, line: str) -> None:
        """Say it once."""
        if line != self._last_line:
            log.warning("%s", line)
        self._last_line = line

    async def _renew(self) -> None:
        """Keep the right, for as long as nobody else has it."""
        pause = self._lease.every
        while True:
            await asyncio.sleep(pause)
            try:
                await self._lease.renew()
            except LeaseLostError:
                self.serving = False
                self._stopping.set()
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                pause = self._lease.every / SOONER
                if not self._lease.is_valid:
                    why = str(error) or type(error).__name__
                    self._say(f"nothing is sent until it can be told who serves ({why})")
            else:
                pause = self._lease.every
                self._last_line = ""
