"""The scheduled jobs. Each asks the archive what is due and does it."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from news.newsroom import at_once
from storage.db.outage import DatabaseUnavailableError, outage_among, patiently
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from bot.alarms.operator_alerts import OperatorAlerts
    from bot.alarms.watch import AlarmWatch
    from bot.watching.nightly import Nightly
    from bot.watching.offline import Offline
    from digest.making.pictures_ahead import PicturesAhead
    from digest.planning.plan import Planner
    from digest.sending.sender import Sender
    from handlers.chats.chat_look import KindCheck
    from news.ingest.rounds import RoundReport
    from news.newsroom import Newsroom
    from news.publishing import Publisher
    from storage.readers.subscribers import Subscribers

ROUNDS = 32
"""Jobs that may fetch sources at the same time; a host that hangs holds up only its own job."""
LOOK = 5.0
"""Seconds between two checks whether the system clock was set or the machine slept."""
LEAP = 2.0
"""Largest difference between system clock and monotonic clock in one check, in seconds."""

log = logging.getLogger(__name__)

CANCEL_AGAIN = 0.5
"""Seconds after which a stop cancels a job again that still runs."""


def tick(do: Callable[[Ticks], Awaitable[None]]) -> Callable[[Ticks], Coroutine[Any, Any, None]]:
    """Make a method a scheduled job, which runs only while this process serves.

    A stop cancels the job silently; without this, APScheduler would log a traceback.
    """

    @wraps(do)
    async def done(ticks: Ticks) -> None:
        if ticks.serving():
            over = asyncio.get_running_loop().create_future()
            ticks.under_way[over] = asyncio.current_task()
            try:
                with suppress(asyncio.CancelledError):
                    await do(ticks)
            finally:
                del ticks.under_way[over]
                over.set_result(None)

    return done


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


class Ticks:
    """The scheduled jobs: editions every full minute, sources every `fetch_every` seconds.

    Every minute: publish the drafts whose time has come, check the alarms, and ask Telegram about
    chats of a doubtful kind. Every five minutes: make pictures for the front pages of the next
    hour. Every hour: check the health of the sources, and whether the night's work is done. Once a
    day: delete preference sets that no reader uses.

    A late job still runs, and the next run makes up for a missed one; APScheduler's default would
    drop a job that is a second late. If the system clock is set or the machine slept, all jobs are
    rescheduled.

    Args:
        serving: Returns whether this process may act now.
        permit: Waits until no other process can store articles, or raises LeaseLostError.
        wall: The system clock, which APScheduler uses.
        passed: A monotonic clock in seconds.
    """

    def __init__(
        self,
        *,
        planner: Planner,
        sender: Sender,
        newsroom: Newsroom,
        subscribers: Subscribers,
        operator_alerts: OperatorAlerts,
        clock: Callable[[], datetime],
        fetch_every: int,
        alarms: AlarmWatch | None = None,
        offline: Offline | None = None,
        nightly: Nightly | None = None,
        pictures: PicturesAhead | None = None,
        kind_check: KindCheck | None = None,
        publisher: Publisher | None = None,
        desk_jobs: Sequence[Callable[[datetime], Awaitable[None]]] = (),
        serving: Callable[[], bool] = lambda: True,
        permit: Callable[[], Awaitable[None]] = at_once,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._alarms = alarms
        self._offline = offline
        self._planner = planner
        self._sender = sender
        self._newsroom = newsroom
        self._permit = permit
        self._is_cut_off = False
        self._subscribers = subscribers
        self._operator_alerts = operator_alerts
        self._clock = clock
        self._nightly = nightly
        self._pictures = pictures
        self._kind_check = kind_check
        self._publisher = publisher
        self._desk_jobs = desk_jobs
        self.under_way: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}
        """A future for each tick that has begun and not ended."""
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self.serving = serving
        """Returns whether this process may act now."""
        self._wall = wall
        self._passed = passed
        self._offset = self._ahead()
        self._watching: asyncio.Task[None] | None = None
        now = wall()
        often = timedelta(seconds=fetch_every)
        minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
        add = self._scheduler.add_job
        # Runs at once, for editions that fell due while the process was down.
        add(self.editions, RegularTrigger(minute), id="editions", next_run_time=now)
        add(
            self.sources,
            RegularTrigger(often, (now - EPOCH) % often),
            id="sources",
            next_run_time=now,
            max_instances=ROUNDS,
        )
        add(self.health, RegularTrigger(hour, 41 * minute), id="health")
        add(
            self.delete_unused_tastes,
            RegularTrigger(day, 3 * hour + 17 * minute),
            id="unused tastes",
        )
        if alarms is not None:
            # At half minutes: at full minutes the editions are planned.
            add(self.alarms, RegularTrigger(minute, minute / 2), id="alarms")
        if nightly is not None:
            add(self.night, RegularTrigger(hour, 47 * minute), id="night")
        if pictures is not None:
            # The last run before a full or half hour leaves two minutes to make new pictures.
            add(
                self.pictures,
                RegularTrigger(5 * minute, 3 * minute),
                id="pictures",
                next_run_time=now,
            )
        if kind_check is not None:
            add(self.kinds, RegularTrigger(minute, minute / 2), id="kinds", next_run_time=now)
        if desk_jobs:
            add(self.desk, RegularTrigger(minute, minute / 4), id="desk")

        if publisher is not None:
            add(self.publications, RegularTrigger(minute), id="publications", next_run_time=now)

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

    @tick
    async def editions(self) -> None:
        """Plan the editions that are due."""
        planned = await patiently(lambda: self._planner.plan_due(self._clock()))
        if planned:
            log.info("%d editions are due", planned)
            self._sender.kick()

    @tick
    async def sources(self) -> None:
        """Fetch the sources that are due, even while an earlier job is still fetching others."""
        reports = await self._asked_sources()
        offline = self._offline
        if offline is not None:
            await patiently(lambda: offline.update(reports, self._clock()))

    async def _asked_sources(self) -> tuple[RoundReport, ...]:
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

    @tick
    async def publications(self) -> None:
        """Publish the drafts whose time has come, and those whose publication broke off."""
        publisher = self._publisher
        if publisher is not None and (published := await patiently(publisher.finish)):
            log.info("%d drafts were published at their time", published)

    @tick
    async def health(self) -> None:
        """Notify operators of sources that fail or recover."""
        await patiently(lambda: self._operator_alerts.notify_of_changes(self._clock()))

    @tick
    async def alarms(self) -> None:
        """Notify operators of other problems that begin or end."""
        watch = self._alarms
        if watch is not None:
            await patiently(lambda: watch.look(self._clock()))

    @tick
    async def night(self) -> None:
        """Make the night's backup and delete old data, unless that is done."""
        if self._nightly is not None:
            await self._nightly.look(self._clock())

    @tick
    async def pictures(self) -> None:
        """Make the pictures of front pages that are due soon."""
        ahead = self._pictures
        if ahead is not None:
            await patiently(lambda: ahead.look(self._clock()))

    @tick
    async def kinds(self) -> None:
        """Ask Telegram about chats stored as groups that may be channels."""
        check = self._kind_check
        if check is not None:
            await patiently(lambda: check.look(self._clock()))

    @tick
    async def desk(self) -> None:
        """Notify editors and readers of what happened at the desk, and delete what is over."""
        now = self._clock()
        for job in self._desk_jobs:
            await patiently(partial(job, now))

    @tick
    async def delete_unused_tastes(self) -> None:
        """Delete preference sets that no reader uses."""
        swept = await patiently(self._subscribers.sweep)
        log.info("deleted %d sets of preferences that no reader uses", swept)

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
        for job in self._scheduler.get_jobs():
            at_once = job.id in {"editions", "sources"}
            job.modify(next_run_time=now if at_once else job.trigger.get_next_fire_time(None, now))
        self._sender.kick()
        return True

    def _ahead(self) -> float:
        """Return the seconds between the system clock and the monotonic clock."""
        return self._wall().timestamp() - self._passed()

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self.look()
