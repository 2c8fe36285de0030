"""The ticks: they only ask what is due. What is due, the archive decides."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from storage.db.outage import DatabaseUnavailableError, outage_among, patiently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

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
    from storage.readers.subscribers import Subscribers

ROUNDS = 32
"""Ticks that may ask sources at once: a host that hangs holds up its own tick only."""
LOOK = 5.0
"""Seconds between two looks at whether the clock was set, or the machine slept."""
LEAP = 2.0
"""Seconds by which the clock and the time that has passed may differ between two looks."""

log = logging.getLogger(__name__)


def tick(do: Callable[[Ticks], Awaitable[None]]) -> Callable[[Ticks], Coroutine[Any, Any, None]]:
    """What is done at its time, by a process that serves.

    A stop breaks it off without a word, wherever it is: APScheduler would write a traceback.
    """

    @wraps(do)
    async def done(ticks: Ticks) -> None:
        if ticks.serving():
            with suppress(asyncio.CancelledError):
                await do(ticks)

    return done


class Regular(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """Fires at regular times, the next of them being the first after now.

    APScheduler's own triggers go through every time since the last one: after a leap of the clock
    by years, as on a machine without a battery, that would take minutes.

    Args:
        every: How far apart the times are.
        at: How long after a multiple of that since 1970.
    """

    def __init__(self, every: timedelta, at: timedelta = timedelta()) -> None:
        self._every = every
        self._at = at

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first of the times that is after now."""
        del previous
        since = (now - EPOCH - self._at) // self._every
        return EPOCH + self._at + (since + 1) * self._every


EPOCH = datetime.fromtimestamp(0, UTC)


class Ticks:
    """The ticks: editions at every full minute, sources every `fetch_every` seconds.

    Every minute the alarms are looked at, and Telegram is asked about chats whose kind is in doubt.
    Every five minutes pictures are made for the front pages of the next hour. Every hour the health
    of the sources is looked at, and whether the night's work is done. Once a day the tastes that no
    reader has any more are deleted.

    A tick that comes late still comes, and one that is missed is made up for by the next: by its
    default, APScheduler drops a tick that is a second late without a word. It waits for a time of
    the clock: where that is set, or the machine slept, the ticks are arranged anew.

    Args:
        planner: Plans the editions that are due.
        sender: Told of what was planned.
        newsroom: Asks the sources that are due.
        subscribers: Whose unused tastes are swept out.
        operator_alerts: Tells operators how the sources are.
        clock: This moment.
        fetch_every: Seconds.
        alarms: Tells operators of what else goes wrong.
        offline: Knows whether sources can be reached from this machine at all.
        nightly: What is done once a night.
        pictures: Has the pictures of the next front pages made.
        kind_check: Asks of which kind chats are that may be channels.
        serving: Whether this process may do any of it just now.
        wall: The machine's clock, which APScheduler goes by.
        passed: Seconds that only ever grow.
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
        serving: Callable[[], bool] = lambda: True,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._alarms = alarms
        self._offline = offline
        self._planner = planner
        self._sender = sender
        self._newsroom = newsroom
        self._subscribers = subscribers
        self._operator_alerts = operator_alerts
        self._clock = clock
        self._nightly = nightly
        self._pictures = pictures
        self._kind_check = kind_check
        self._at_work = tuple(asyncio.Lock() for _ in range(6))
        self._rounds: set[asyncio.Future[None]] = set()
        self._is_cut_off = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self.serving = serving
        """Whether this process serves."""
        self._wall = wall
        self._passed = passed
        self._offset = self._ahead()
        self._watching: asyncio.Task[None] | None = None
        now = wall()
        often = timedelta(seconds=fetch_every)
        minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
        add = self._scheduler.add_job
        # What fell due while the process was down is not kept waiting for the first full minute.
        add(self.editions, Regular(minute), id="editions", next_run_time=now)
        add(
            self.sources,
            Regular(often, (now - EPOCH) % often),
            id="sources",
            next_run_time=now,
            max_instances=ROUNDS,
        )
        add(self.health, Regular(hour, 41 * minute), id="health")
        add(self.delete_unused_tastes, Regular(day, 3 * hour + 17 * minute), id="unused tastes")
        if alarms is not None:
            # Between two full minutes, at which there is enough to do.
            add(self.alarms, Regular(minute, minute / 2), id="alarms")
        if nightly is not None:
            add(self.night, Regular(hour, 47 * minute), id="night")
        if pictures is not None:
            # The last look before a full or a half hour leaves two minutes for what is new.
            add(self.pictures, Regular(5 * minute, 3 * minute), id="pictures", next_run_time=now)
        if kind_check is not None:
            add(self.kinds, Regular(minute, minute / 2), id="kinds", next_run_time=now)

    def start(self) -> None:
        """Begin to tick, at once."""
        self._scheduler.start()
        self._watching = asyncio.create_task(self._look_again_and_again(), name="clock")

    async def stop(self) -> None:
        """Tick no more, and break off what a tick has begun: it is due again after the start."""
        if self._watching is not None:
            self._watching.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for lock in self._at_work:
            async with lock:
                pass
        if self._rounds:
            await asyncio.wait(self._rounds)

    @tick
    async def editions(self) -> None:
        """Plan the editions that are due."""
        async with self._at_work[0]:
            planned = await patiently(lambda: self._planner.plan_due(self._clock()))
            if planned:
                log.info("%d editions are due", planned)
                self._sender.kick()

    @tick
    async def sources(self) -> None:
        """Ask the sources that are due, whether or not an earlier tick still asks some."""
        over = asyncio.get_running_loop().create_future()
        self._rounds.add(over)
        try:
            reports = await self._ask_sources()
            if self._offline is not None:
                await self._offline.heard(reports, self._clock())
        finally:
            self._rounds.discard(over)
            over.set_result(None)

    async def _ask_sources(self) -> tuple[RoundReport, ...]:
        """Ask the sources that are due; after an outage of the database once more.

        Meanwhile no other tick asks them: what they bring could not be stored.
        """
        while not self._is_cut_off:
            try:
                return await self._newsroom.refresh_due(self._clock())
            except DatabaseUnavailableError as error:
                outage = error
            except ExceptionGroup as errors:
                # Rounds that meet the same outage fail together.
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
    async def health(self) -> None:
        """Tell operators of the sources that turned bad, or good again."""
        async with self._at_work[1]:
            await patiently(lambda: self._operator_alerts.ring(self._clock()))

    @tick
    async def alarms(self) -> None:
        """Tell operators of what has begun to go wrong, or does not any more."""
        watch = self._alarms
        if watch is not None:
            async with self._at_work[4]:
                await patiently(lambda: watch.look(self._clock()))

    @tick
    async def night(self) -> None:
        """Make the night's backup, and let go of what is old, if that is not done yet."""
        async with self._at_work[2]:
            if self._nightly is not None:
                await self._nightly.look(self._clock())

    @tick
    async def pictures(self) -> None:
        """Have the pictures made that front pages may show which are due soon."""
        ahead = self._pictures
        if ahead is not None:
            async with self._at_work[3]:
                await patiently(lambda: ahead.look(self._clock()))

    @tick
    async def kinds(self) -> None:
        """Ask Telegram about chats that may be channels stored as groups."""
        check = self._kind_check
        if check is not None:
            async with self._at_work[5]:
                await patiently(lambda: check.look(self._clock()))

    @tick
    async def delete_unused_tastes(self) -> None:
        """Delete the tastes that no reader has any more."""
        swept = await patiently(self._subscribers.sweep)
        log.info("%d sets of preferences that no reader has any more were deleted", swept)

    def look(self) -> bool:
        """Arrange the ticks anew if the clock was set, or the machine slept, since the last look.

        Returns:
            Whether it was so.
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
        """How far the clock is ahead of the time that has passed."""
        return self._wall().timestamp() - self._passed()

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self.look()
