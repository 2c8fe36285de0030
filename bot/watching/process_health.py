"""The health check of the process: polling, writing to the database, and sending.

`/healthz` returns it. Every few seconds it is also stored in the database for `onnews health`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from bot.http_server.descriptors import count_descriptors
from storage.db.outage import DatabaseUnavailableError
from storage.serving.heartbeat import Beat, Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from storage.db.database import Database
    from storage.ledger.deliveries import Deliveries

log = logging.getLogger(__name__)

BEAT = 5.0
"""Seconds between two heartbeats stored in the database."""
PATIENCE = 3.0
"""Seconds that one check waits for the database, so that `/healthz` answers within five."""
FRESH = 1.0
"""Seconds for which the result of the last write to the database is reused."""
SILENT = 75.0
"""Seconds without an answer of Telegram's to a poll that count as a problem.

Telegram holds a poll for ten. With a webhook it is asked about the webhook every 30.
"""
STUCK = 120.0
"""Seconds that a delivery may be overdue without any answer of Telegram about a delivery."""
LEAST_FREE = 4 * 1024 * 1024
"""Free bytes needed on the disk of an SQLite file, for its write-ahead log."""
LAST_BEAT = 1.0
"""Seconds that a stop waits for the last heartbeat."""
UNHEARD = "the database does not answer: other replicas may have taken the chats of this one"


class Phase(StrEnum):
    """The phases of a process, in order."""

    OPENING = "opening"
    STANDBY = "standby"
    STARTING = "starting"
    SERVING = "serving"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The result of a health check."""

    phase: Phase
    problem: str | None = None
    """The problems in one line, or None."""
    is_own: bool = True
    """Whether the process itself has one of them; else all replicas may have them alike."""
    fleet: str = ""
    """What this replica holds, and the replicas as a whole; empty if the process is alone."""

    @property
    def is_fit(self) -> bool:
        """Whether requests may go to this process: as well as to any other replica."""
        return self.problem is None or not self.is_own

    @property
    def line(self) -> str:
        """The result in one line: the problems, or `standby` or `ok`; then the replicas."""
        result = self.problem or ("standby" if self.phase is Phase.STANDBY else "ok")
        return f"{result}; {self.fleet}" if self.fleet else result


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What the health check reads of the process. Times are seconds of `time.monotonic`."""

    phase: Phase
    ready_since: float
    """When the process began to serve."""
    polled: float | None
    """When Telegram last answered a poll, or anything with a webhook; None before."""
    last_answer: float
    """When Telegram last answered about a delivery."""
    sending: bool
    """Whether the sender is running."""
    leads: bool
    """Whether the process sends, polls and fetches, or only answers readers."""
    is_shared: bool
    """Whether other replicas answer too."""
    unheard: bool
    """Whether other replicas may have taken the chats of this one."""
    fleet: str
    """What this replica holds, and the replicas as a whole; empty if the process is alone."""


class ProcessHealth:
    """Checks the process, and stores heartbeats in the database."""

    def __init__(
        self,
        state: Callable[[], ProcessState],
        database: Database,
        deliveries: Deliveries,
        clock: Callable[[], datetime],
    ) -> None:
        self._state = state
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
        """Return the health of the process, within a few seconds even if something hangs."""
        state = self._state()
        phase = state.phase
        if phase is Phase.STANDBY:
            return HealthReport(phase, count_descriptors().shortage)
        if phase is Phase.STOPPING:
            return HealthReport(phase, "stopping")
        if phase is Phase.OPENING:
            return HealthReport(phase, "starting: the database cannot be used yet")
        if phase is Phase.STARTING and not state.leads:
            # As below: the heartbeat is not this one's.
            return _report(state, [], self._problems(state, None))
        if phase is Phase.SERVING and not state.leads:
            # The heartbeat is that of the process which leads.
            return _report(state, [UNHEARD if state.unheard else None], [])
        # First, because the write also reads when the next delivery is due.
        unwritten = await self._unwritten()
        state = replace(self._state(), phase=phase)
        silence = _silence(state)
        return _report(state, [unwritten, silence], self._problems(state, silence))

    def begin(self) -> None:
        """Start to store heartbeats, unless that was done: this process serves or is about to."""
        if self._beating is not None:
            return
        self._beating = asyncio.create_task(self._beat(), name="heartbeat")

    async def leave_sign(self) -> None:
        """Store a heartbeat now and wait for it, so that `onnews doctor` can read it."""
        if self._writing is not None and not self._writing.done():
            # A write that began before may store an older phase.
            await asyncio.wait({self._writing}, timeout=PATIENCE)
        await self._unwritten(fresh=0.0)

    async def end(self) -> None:
        """Store a last heartbeat, which reports a regular end."""
        if self._beating is None:
            return
        self._beating.cancel()
        if not self._state().leads:
            # Another process leads by now; the heartbeat is that one's.
            return
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.wait({self._writing}, timeout=LAST_BEAT)
        self._writing.cancel()

    async def _beat(self) -> None:
        while True:
            await self._unwritten(fresh=0.0)
            await asyncio.sleep(BEAT)

    def _problems(self, state: ProcessState, silence: str | None) -> list[str | None]:
        """Return the problems other than those of the database and of Telegram."""
        if state.phase is not Phase.SERVING:
            return ["starting: Telegram has not let the bot begin yet"]
        if not state.sending:
            return ["sending has stopped"]
        late = 0.0 if self._due is None else (self._clock() - self._due).total_seconds()
        unanswered = time.monotonic() - max(state.last_answer, state.ready_since)
        if silence is not None or min(late, unanswered) <= STUCK:
            return []
        return [f"deliveries are due, and none was sent for {min(late, unanswered):.0f} s"]

    async def _unwritten(self, fresh: float = FRESH) -> str | None:
        """Write to the database; return the problem, or None if the write succeeded.

        A write in progress is shared by all callers, for at most `PATIENCE` seconds each. It cannot
        be cancelled, and a second write would only wait behind it. The result of the last write is
        reused for `fresh` seconds.
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
        """Store a heartbeat and read when the next delivery is due; return the problem or None."""
        try:
            state = self._state()
            unwritten = await asyncio.to_thread(full_disk, self._database.path)
            if unwritten is None and (relapse := self._database.relapse) is not None:
                unwritten = relapse.reason
            problem, silence = None, _silence(state)
            if state.phase is not Phase.STOPPING:
                own = self._problems(state, silence)
                problem = _in_one_line(unwritten, silence, *own, count_descriptors().shortage)
            await self._heartbeat.beat(Beat(state.phase, problem, self._host, os.getpid()))
            self._due = await self._deliveries.next_time()
        except Exception as error:  # any error means a problem with the database
            log.debug("no heartbeat could be stored", exc_info=True)
            return f"the database cannot be used ({_in_few_words(error)})"
        else:
            return unwritten
        finally:
            self._ended = time.monotonic()


def _report(state: ProcessState, common: list[str | None], own: list[str | None]) -> HealthReport:
    """Return the result; the first problems are those that all replicas may have alike.

    A balancer that asks each replica would otherwise find none, and whoever restarts those that are
    ill would restart all.
    """
    own = [each for each in (*own, count_descriptors().shortage) if each]
    problem = _in_one_line(*common, *own)
    return HealthReport(state.phase, problem, bool(own) or not state.is_shared, state.fleet)


def _silence(state: ProcessState) -> str | None:
    """Return the problem if Telegram does not answer, else None.

    A replica that alone is not answered gives its work up, so this one is not alone.
    """
    silent = time.monotonic() - max(state.polled or 0.0, state.ready_since)
    if state.phase is not Phase.SERVING or silent <= SILENT:
        return None
    return f"no answer from Telegram for {silent:.0f} s"


def full_disk(path: Path | None) -> str | None:
    """Return the problem if the disk of an SQLite file is nearly full, else None.

    A small write may succeed even then.
    """
    if path is None:
        return None
    with suppress(OSError):
        disk = os.statvfs(path.parent)
        free = disk.f_bavail * disk.f_frsize
        if free < LEAST_FREE:
            return f"the disk of {path} is full ({free // 1024} kB left)"
    return None


def _in_one_line(*problems: str | None) -> str | None:
    return "; ".join(each for each in problems if each) or None


def _in_few_words(error: Exception) -> str:
    """Return an error's text in one short line, without the SQL statement."""
    if isinstance(error, DatabaseUnavailableError):
        return error.reason
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
    lines = str(cause).splitlines()
    return lines[0][:120] if lines and lines[0] else type(cause).__name__
