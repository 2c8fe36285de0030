"""When the database cannot be used: what is known of it, said once, and when it is over.

A failure begins an outage. While it lasts nobody waits for the database in vain: whoever asks is
refused at once, and one probe after another finds out when it can be used again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two probes; an earlier one that still waits for its answer goes on."""
FIRST = 0.02
"""Seconds until the first: often only a connection was lost."""
AT_ONCE = 16
"""Probes that may wait for their answers."""
STEADY = 3.0
"""Seconds that the database has to be well before it is called so."""


class DatabaseError(Exception):
    """The database cannot be used. The message says why and what to do, without the password."""


class OutageScope(StrEnum):
    """What an outage takes away."""

    ALL = "all"
    WRITES = "writes"
    """Reading goes on: the disk is full, say, or another program holds the lock."""


@dataclass(frozen=True, slots=True)
class DatabaseFailure:
    """What a failure means.

    Attributes:
        reason: In a few words, without the password.
        advice: What an operator does about it.
        passes: Whether it may end by itself, and is worth waiting for at the start.
        scope: What it takes away.
        lost: Whether the connection is of no use any more.
        damaged: Whether SQLite calls the file damaged.
    """

    reason: str
    advice: str
    passes: bool = True
    scope: OutageScope = field(default=OutageScope.ALL, kw_only=True)
    lost: bool = field(default=True, kw_only=True)
    damaged: bool = field(default=False, kw_only=True)


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be used just now: what was asked for was not done, or perhaps was.

    Only where a COMMIT got no answer can it have been done, so that doing it again must be no harm.

    Attributes:
        reason: Why, in a few words.
        advice: What an operator does about it.
        passes: Whether it may end by itself.
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
    """Whether the database can be used, as its failures and the probes tell.

    Args:
        probe: Tries to use the database; gives what is wrong, or None where nothing is.
        every: Seconds between two probes.
        steady: Seconds that the database has to be well before the log says so. What fails again
            within them is the same outage, of which no more is said.
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
        self._steady = steady
        self._failure: DatabaseFailure | None = None
        self._over = asyncio.Event()
        self._relapsed = asyncio.Event()
        self._began = 0.0
        self._relapses = 0
        self._watching: asyncio.Task[None] | None = None

    @property
    def failure(self) -> DatabaseFailure | None:
        """What is wrong just now; None where nothing is known to be."""
        return self._failure

    def refuse(self, *, write: bool) -> None:
        """Let nobody wait for what cannot be had.

        Raises:
            DatabaseUnavailableError: The database cannot be used so.
        """
        failure = self._failure
        if failure is not None and (write or failure.scope is OutageScope.ALL):
            raise DatabaseUnavailableError(failure, self)

    def begin(self, failure: DatabaseFailure) -> DatabaseUnavailableError:
        """Take note of a failure; what is raised for it."""
        if self._failure is None:
            self._failure = failure
            self._over.clear()
            if self._watching is None or self._watching.done():
                self._relapses = 0
                self._began = time.monotonic()
                log.error("the database is away: %s. %s", failure.reason, failure.advice)
                self._watching = asyncio.create_task(self._probe_until_over(), name="outage")
            else:
                self._relapses += 1
                self._relapsed.set()
        elif failure.scope is OutageScope.ALL and self._failure.scope is OutageScope.WRITES:
            self._failure = failure
        return DatabaseUnavailableError(failure, self)

    async def over(self) -> None:
        """Wait until the database can be used again; at once where it can be."""
        if self._failure is not None:
            await self._over.wait()

    async def close(self) -> None:
        """Watch no more, and let go of those who wait."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
            self._watching = None
        self._failure = None
        self._over.set()

    async def _probe_until_over(self) -> None:
        """Wait for the end of the outage, and of those that follow at its heels."""
        ended = self._began
        try:
            while self._failure is not None:
                # What fails again at once is tried more and more slowly.
                await asyncio.sleep(min(FIRST * 2 ** min(self._relapses, 9), 2 * self._every))
                await self._well_again()
                ended = time.monotonic()
                self._failure = None
                self._relapsed.clear()
                self._over.set()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._relapsed.wait(), self._steady)
        finally:
            if self._failure is None:
                log.warning("the database is back; it was away for %s", lasted(ended - self._began))

    async def _well_again(self) -> None:
        """Probe until the database is well."""
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
                            # Whatever it is, there are people who wait for the end.
                            log.exception("a probe of the database ended in a defect")
                            continue
                        if found is None:
                            return
                        self._failure = found
                await asyncio.sleep(max(until - time.monotonic(), 0))
        finally:
            for one in probes:
                one.cancel()


def first_of(errors: ExceptionGroup[E]) -> E:
    """The first error of a group, however deep."""
    first: E | ExceptionGroup[E] = errors
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


def outage_among(errors: ExceptionGroup[Exception]) -> DatabaseUnavailableError | None:
    """The outage that all errors of a group come from; None where there are others among them."""
    ours, others = errors.split(DatabaseUnavailableError)
    return None if ours is None or others is not None else first_of(ours)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do something, and after each outage that comes between do it again."""
    while True:
        try:
            return await work()
        except DatabaseUnavailableError as error:
            await error.over()


def lasted(seconds: float) -> str:
    """How long something was, for people."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 1 else "a moment"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.0f} hours"
