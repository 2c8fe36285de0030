"""Whether this process does its work: it hears from Telegram, can write, and what is due moves.

`/healthz` asks, and a note in the database says the same every few seconds to `onnews health`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError

from bot.http_server.descriptors import count_descriptors
from storage.db.outage import DatabaseUnavailableError
from storage.serving.heartbeat import Beat, Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.db.database import Database
    from storage.ledger.deliveries import Deliveries

log = logging.getLogger(__name__)

BEAT = 5.0
"""Seconds between two signs of life."""
PATIENCE = 3.0
"""Seconds that one question waits for the database; whoever asks is answered within five."""
FRESH = 1.0
"""Seconds for which what the database did last is still the answer."""
UNPOLLED = 60.0
"""Seconds without an answer to a request for updates: each is held for ten at most."""
STUCK = 120.0
"""Seconds that a delivery may be due without any word of Telegram about one."""
LEAST_FREE = 4 * 1024 * 1024
"""Bytes left on the disk of an SQLite file: what its log takes before it is written back."""
LAST_BEAT = 1.0
"""Seconds that a stop gives to the last sign of life."""


class Phase(StrEnum):
    """How far a process has come."""

    OPENING = "opening"
    STANDBY = "standby"
    STARTING = "starting"
    SERVING = "serving"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How the process is."""

    phase: Phase
    ill: str | None = None
    """What keeps it from its work, in one line; None while nothing does."""

    @property
    def line(self) -> str:
        """All of it in one line."""
        return self.ill or ("standby" if self.phase is Phase.STANDBY else "ok")


class Process(Protocol):
    """What is asked of the process itself; none of it takes time."""

    @property
    def phase(self) -> Phase:
        """How far it has come."""

    @property
    def ready_since(self) -> float:
        """When it began to serve, in seconds of `time.monotonic`."""

    @property
    def polled(self) -> float | None:
        """When Telegram last let updates come, likewise."""

    @property
    def heard(self) -> float:
        """When Telegram last said something about a delivery, likewise."""

    @property
    def sending(self) -> bool:
        """Whether the sender is at work."""


class ProcessHealth:
    """Looks at the process, and leaves its signs of life in the database.

    Args:
        process: The process.
        database: The archive's database.
        deliveries: Know what is due.
        clock: This moment, by which deliveries are due.
    """

    def __init__(
        self,
        process: Process,
        database: Database,
        deliveries: Deliveries,
        clock: Callable[[], datetime],
    ) -> None:
        self._process = process
        self._database = database
        self._deliveries = deliveries
        self._heartbeat = Heartbeat(database)
        self._clock = clock
        self._host = socket.gethostname()
        self._due: datetime | None = None
        self._writing: asyncio.Task[str | None] | None = None
        self._began = self._ended = 0.0
        self._beating: asyncio.Task[None] | None = None

    async def look(self) -> HealthReport:
        """How the process is, within a few seconds whatever hangs."""
        phase = self._process.phase
        if phase is Phase.STANDBY:
            return HealthReport(phase, count_descriptors().ill)
        if phase is Phase.STOPPING:
            return HealthReport(phase, "stopping")
        if phase is Phase.OPENING:
            return HealthReport(phase, "starting: the database cannot be used yet")
        # First, so that what is due is known.
        unwritten = await self._unwritten()
        found = (unwritten, *self._ills(phase), count_descriptors().ill)
        ills = [each for each in found if each]
        return HealthReport(phase, "; ".join(ills) or None)

    def begin(self) -> None:
        """Leave signs of life from now on: this process serves, or is about to."""
        self._beating = asyncio.create_task(self._beat(), name="heartbeat")

    async def leave_sign(self) -> None:
        """Leave one now, and wait until it is there or cannot be: `onnews doctor` reads it."""
        if self._writing is not None and not self._writing.done():
            # Begun before, it may not say what is so by now.
            await asyncio.wait({self._writing}, timeout=PATIENCE)
        await self._unwritten(fresh=0.0)

    async def end(self) -> None:
        """Leave a last one, which says that the process has ended in good order."""
        if self._beating is None:
            return
        self._beating.cancel()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.wait({self._writing}, timeout=LAST_BEAT)
        self._writing.cancel()

    async def _beat(self) -> None:
        while True:
            await self._unwritten(fresh=0.0)
            await asyncio.sleep(BEAT)

    def _ills(self, phase: Phase) -> list[str]:
        """What is ill beside the database."""
        if phase is not Phase.SERVING:
            return ["starting: Telegram has not let the bot begin yet"]
        process, now = self._process, time.monotonic()
        if not process.sending:
            return ["nothing is sent any more"]
        found = []
        unpolled = now - max(process.polled or 0.0, process.ready_since)
        if unpolled > UNPOLLED:
            found.append(f"Telegram has answered no request for updates for {unpolled:.0f} s")
        late = 0.0 if self._due is None else (self._clock() - self._due).total_seconds()
        unheard = min(late, now - max(process.heard, process.ready_since))
        if unheard > STUCK:
            found.append(f"deliveries are due, and none has moved for {unheard:.0f} s")
        return found

    async def _unwritten(self, fresh: float = FRESH) -> str | None:
        """Why the database takes no writes; None where it took one just now.

        A write that hangs is waited for by all who ask, and for no longer than `PATIENCE`: it
        cannot be broken off, and a second one would only wait behind it.
        """
        now = time.monotonic()
        if self._writing is None or (self._writing.done() and now - self._ended > fresh):
            self._began = now
            self._writing = asyncio.create_task(self._write(), name="sign of life")
        await asyncio.wait({self._writing}, timeout=PATIENCE)
        if not self._writing.done():
            waited = time.monotonic() - self._began
            return f"the database does not answer (a write has waited for {waited:.0f} s)"
        return self._writing.result()

    async def _write(self) -> str | None:
        """Write a sign of life, and look at what is due; why that cannot be, if so."""
        try:
            phase = self._process.phase
            full = await asyncio.to_thread(self._full)
            ills = [full, *self._ills(phase), count_descriptors().ill]
            if phase is Phase.STOPPING:
                ills = []
            ill = "; ".join(each for each in ills if each) or None
            await self._heartbeat.beat(Beat(phase, ill, self._host, os.getpid()))
            self._due = await self._deliveries.next_time()
        except Exception as error:  # whatever it is, the database is ill
            log.debug("no sign of life could be left", exc_info=True)
            return f"the database cannot be used ({_in_few_words(error)})"
        else:
            return full
        finally:
            self._ended = time.monotonic()

    def _full(self) -> str | None:
        """Whether the disk of an SQLite file is full: a small write may fit all the same."""
        path = self._database.path
        if path is None:
            return None
        with suppress(OSError):
            disk = os.statvfs(path.parent)
            free = disk.f_bavail * disk.f_frsize
            if free < LEAST_FREE:
                return f"the disk of {path} is full ({free // 1024} kB left)"
        return None


def _in_few_words(error: Exception) -> str:
    """An error in a few words, without the statement."""
    if isinstance(error, DatabaseUnavailableError):
        return error.reason
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
    lines = str(cause).splitlines()
    return lines[0][:120] if lines and lines[0] else type(cause).__name__
