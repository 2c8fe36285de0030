"""Outages of the database: their reason, their end, and one log line for each.

A failure begins an outage. During an outage callers are refused at once instead of waiting, and
probes find out when the database can be used again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from storage.db.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between the starts of two probes. Earlier probes without an answer continue."""
FIRST = 0.02
"""Seconds until the first probe. They are few, because often only a connection was lost."""
AT_ONCE = 16
"""Most probes that wait for an answer at the same time."""
STEADY = 3.0
"""Seconds without a failure after which the database counts as recovered."""


class DatabaseError(Exception):
    """The database cannot be used. The message says why and what to do, without the password."""


class OutageScope(StrEnum):
    """The operations that an outage blocks."""

    ALL = "all"
    WRITES = "writes"
    """Reading still works: the disk is full, say, or another program holds the lock."""


@dataclass(frozen=True, slots=True)
class DatabaseFailure:
    """A failure of the database, explained.

    Attributes:
        reason: What is wrong, in a few words, without the password.
        advice: What an operator should do.
        passes: Whether the failure may end on its own, so that waiting at the start makes sense.
        scope: The operations that fail.
        lost: Whether the connection is broken and must be discarded.
        damaged: Whether SQLite calls the file damaged.
        ends: Whether waiting cannot help, so the process ends.
    """

    reason: str
    advice: str
    passes: bool = True
    scope: OutageScope = field(default=OutageScope.ALL, kw_only=True)
    lost: bool = field(default=True, kw_only=True)
    damaged: bool = field(default=False, kw_only=True)
    ends: bool = field(default=False, kw_only=True)


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be used now, so the operation was not done.

    The one exception is a COMMIT without an answer: it may have been done. So repeating an
    operation must do no harm.
    """

    def __init__(self, failure: DatabaseFailure, outage: Outage | None = None) -> None:
        super().__init__(f"{failure.reason}. {failure.advice}")
        self.reason = failure.reason
        self.advice = failure.advice
        self.passes = failure.passes
        self._outage = outage

    async def over(self) -> None:
        """Wait until the database can be used again."""
        if self._outage is not None:
            await self._outage.over()


class Outage:
    """Whether the database can be used, according to its failures and the probes.

    Args:
        probe: Tries to use the database; returns what is wrong, or None if it works.
        every: Seconds between two probes.
        steady: Seconds without a failure before the log reports recovery. A failure within them
            continues the same outage and is not logged again.
    """

    def __init__(
        self,
        probe: Callable[[DatabaseFailure], Awaitable[DatabaseFailure | None]],
        *,
        every: float = EVERY,
        steady: float = STEADY,
    ) -> None:
        self._probe = probe
        self._every = every
        self._backoff = Backoff(FIRST, 2 * every)
        self._steady = steady
        self._failure: DatabaseFailure | None = None
        self._latest: DatabaseFailure | None = None
        self._over = asyncio.Event()
        self._relapsed = asyncio.Event()
        self._began = 0.0
        self._relapses = 0
        self._watching: asyncio.Task[None] | None = None

    @property
    def failure(self) -> DatabaseFailure | None:
        """The current failure; None if none is known."""
        return self._failure

    @property
    def relapse(self) -> DatabaseFailure | None:
        """The failure that came back soon after it was over, until it has stayed over; else None.

        A nearly full disk takes small writes, and refuses the larger ones again and again.
        """
        lasts = self._watching is not None and not self._watching.done()
        return self._latest if lasts and self._relapses else None

    def refuse(self, *, write: bool) -> None:
        """Raise at once if the current outage affects this use."""
        failure = self._failure
        if failure is not None and (write or failure.scope is OutageScope.ALL):
            raise DatabaseUnavailableError(failure, self)

    def begin(self, failure: DatabaseFailure) -> DatabaseUnavailableError:
        """Record a failure, start probing if needed, and return the exception to raise."""
        self._latest = failure
        if self._failure is None:
            self._failure = failure
            self._over.clear()
            if self._watching is None or self._watching.done():
                self._relapses = 0
                self._began = time.monotonic()
                log.error("the database is unavailable: %s. %s", failure.reason, failure.advice)
                self._watching = asyncio.create_task(self._probe_until_over(), name="outage")
            else:
                self._relapses += 1
                self._relapsed.set()
        elif failure.scope is OutageScope.ALL and self._failure.scope is OutageScope.WRITES:
            self._failure = failure
        return DatabaseUnavailableError(failure, self)

    async def over(self) -> None:
        """Wait until the database can be used again; return at once if it can."""
        if self._failure is not None:
            await self._over.wait()

    async def close(self) -> None:
        """Stop probing, and release every caller that waits."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
            self._watching = None
        self._failure = None
        self._over.set()

    async def _probe_until_over(self) -> None:
        """Probe until the outage is over and stays over for `steady` seconds."""
        ended = self._began
        try:
            while self._failure is not None:
                # Each relapse makes the next probe wait longer.
                await asyncio.sleep(self._backoff.pause(self._relapses))
                await self._well_again()
                ended = time.monotonic()
                self._failure = None
                self._relapsed.clear()
                self._over.set()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._relapsed.wait(), self._steady)
        finally:
            if self._failure is None:
                log.warning("the database is available again after %s", lasted(ended - self._began))

    async def _well_again(self) -> None:
        """Probe until a probe succeeds."""
        probes: set[asyncio.Task[DatabaseFailure | None]] = set()
        try:
            while True:
                failure = self._failure
                if failure is None:
                    return
                if len(probes) < AT_ONCE:
                    probes.add(asyncio.ensure_future(self._probe(failure)))
                until = time.monotonic() + self._every
                while probes and (left := until - time.monotonic()) > 0:
                    done, probes = await asyncio.wait(
                        probes, timeout=left, return_when=asyncio.FIRST_COMPLETED
                    )
                    for one in done:
                        try:
                            found = one.result()
                        except Exception:
                            # Whatever the bug, callers still wait for the outage to end.
                            log.exception("a probe of the database failed with a bug")
                            continue
                        if found is None:
                            return
                        self._failure = found
                await asyncio.sleep(max(until - time.monotonic(), 0))
        finally:
            for one in probes:
                one.cancel()


def first_of(errors: ExceptionGroup[E]) -> E:
    """Return the first error of a group, at any depth."""
    first: E | ExceptionGroup[E] = errors
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


def outage_among(errors: ExceptionGroup[Exception]) -> DatabaseUnavailableError | None:
    """Return the outage if all errors of a group come from outages; else None."""
    ours, others = errors.split(DatabaseUnavailableError)
    return None if ours is None or others is not None else first_of(ours)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Run work, and run it again after each outage that interrupts it. Return its result."""
    while True:
        try:
            return await work()
        except DatabaseUnavailableError as error:
            await error.over()


def lasted(seconds: float) -> str:
    """Return a duration as text for operators, such as `12 s` or `3 minutes`."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 1 else "a moment"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.0f} hours"
