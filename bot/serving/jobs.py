"""The scheduled jobs. Each asks the archive what is due and does it."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from storage.db.outage import DatabaseUnavailableError, outage_among, patiently
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.watching.offline import Offline
    from news.ingest.rounds import RoundReport
    from news.newsroom import Newsroom

ROUNDS = 32
"""Jobs that may fetch sources at the same time; a host that hangs holds up only its own job."""
LOOK = 5.0
"""Seconds between two checks whether the system clock was set or the machine slept."""
LEAP = 2.0
"""Largest difference between system clock and monotonic clock in one check, in seconds."""

log = logging.getLogger(__name__)

CANCEL_AGAIN = 0.5
"""Seconds after which a stop cancels a job again that still runs."""


class RegularTrigger(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """An APScheduler trigger that fires at regular times.

    The next time is always the first one after now. APScheduler's own triggers step through every
    time since the last run. After the clock leaps by years, as on a machine without a battery, that
    would take minutes.
    """

    def __init__(self, every: timedelta, at: timedelta = timedelta()) -> None:
        self._every = every
        self._at = at

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return the first time after `now`."""
        del previous
        since = (now - EPOCH - self._at) // self._every
        return EPOCH + self._at + (since + 1) * self._every


EPOCH = datetime.fromtimestamp(0, UTC)


class Job(NamedTuple):
    """Work that is done at regular times, and again after an outage of the database."""

    work: Callable[[datetime], Awaitable[object]]
    """Does what is due at a moment."""
    every: timedelta
    at: timedelta | None = timedelta()
    """When within `every` it is done; None to count from the start."""
    at_once: bool = False
    """Whether it is also done at the start and when the clock was set: something may be overdue."""
    most: int = 1
    """Runs at the same time."""


class Ticks:
    """Does scheduled jobs, each under its name.

    A late job still runs, and the next run makes up for a missed one; APScheduler's default would
    drop a job that is a second late. If the system clock is set or the machine slept, all jobs are
    rescheduled.

    Args:
        serving: Returns whether this process may act now.
        leapt: Called after the clock was set.
        wall: The system clock, which APScheduler uses.
        passed: A monotonic clock in seconds.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        clock: Callable[[], datetime],
        *,
        serving: Callable[[], bool] = lambda: True,
        leapt: Callable[[], None] = lambda: None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._clock = clock
        self._serving = serving
        self._leapt = leapt
        self.under_way: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}
        """A future for each run that has begun and not ended."""
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True}
        )
        self._wall = wall
        self._passed = passed
        self._offset = self._ahead()
        self._watching: asyncio.Task[None] | None = None
        now = wall()
        for name, job in jobs.items():
            at = (now - EPOCH) % job.every if job.at is None else job.at
            self._scheduler.add_job(
                self.run,
                RegularTrigger(job.every, at),
                (name,),
                id=name,
                max_instances=job.most,
                **({"next_run_time": now} if job.at_once else {}),
            )

    def start(self) -> None:
        """Start the jobs at once."""
        self._scheduler.start()
        self._watching = asyncio.create_task(self._look_again_and_again(), name="clock")

    async def stop(self) -> None:
        """Stop the jobs and cancel running ones; their work is due again after the next start."""
        if self._watching is not None:
            self._watching.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        while self.under_way:
            for task in self.under_way.values():
                if task is not None:
                    task.cancel()
            # A task group whose own tasks fail at that moment loses the cancellation.
            await asyncio.wait(self.under_way, timeout=CANCEL_AGAIN)

    async def run(self, name: str) -> None:
        """Do a job now, if this process serves.

        A stop cancels it silently; without this, APScheduler would log a traceback.
        """
        if not self._serving():
            return
        over = asyncio.get_running_loop().create_future()
        self.under_way[over] = asyncio.current_task()
        try:
            with suppress(asyncio.CancelledError):
                await patiently(lambda: self._jobs[name].work(self._clock()))
        finally:
            del self.under_way[over]
            over.set_result(None)

    def look(self) -> bool:
        """Reschedule all jobs if the clock was set or the machine slept since the last check.

        Return whether that was so.
        """
        offset = self._ahead()
        leap = offset - self._offset
        self._offset = offset
        if abs(leap) <= LEAP:
            return False
        log.warning("the clock went %s by %.0f s", "forward" if leap > 0 else "back", abs(leap))
        now = self._wall()
        for each in self._scheduler.get_jobs():
            at_once = self._jobs[each.id].at_once
            each.modify(
                next_run_time=now if at_once else each.trigger.get_next_fire_time(None, now)
            )
        self._leapt()
        return True

    def _ahead(self) -> float:
        """Return the seconds between the system clock and the monotonic clock."""
        return self._wall().timestamp() - self._passed()

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self.look()


class SourceRounds:
    """Fetches the sources that are due, even while an earlier round still fetches others.

    `permit` waits until no other process can store articles, or raises LeaseLostError.
    """

    def __init__(
        self,
        newsroom: Newsroom,
        offline: Offline,
        clock: Callable[[], datetime],
        permit: Callable[[], Awaitable[None]],
    ) -> None:
        self._newsroom = newsroom
        self._offline = offline
        self._clock = clock
        self._permit = permit
        self._is_cut_off = False

    async def look(self, _: datetime) -> None:
        """Fetch the sources that are due, and learn from that whether the machine is offline."""
        reports = await self._asked()
        await patiently(lambda: self._offline.update(reports, self._clock()))

    async def _asked(self) -> tuple[RoundReport, ...]:
        """Fetch the sources that are due, and once more after an outage of the database.

        During an outage no other job fetches sources, because articles could not be stored.

        Returns:
            A report for each source; empty during an outage that another job waits for, and if
            another process stores articles now.
        """
        while not self._is_cut_off:
            try:
                return await self._newsroom.refresh_due(self._clock(), permit=self._permit)
            except DatabaseUnavailableError as error:
                outage = error
            except ExceptionGroup as errors:
                if errors.split(LeaseLostError)[1] is None:
                    return ()
                common = outage_among(errors)
                if common is None:
                    raise
                outage = common
            self._is_cut_off = True
            try:
                await outage.over()
            finally:
                self._is_cut_off = False
        return ()
