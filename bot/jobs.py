"""The ticks: they only ask what is due. What is due, the archive decides."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.alarm import Alarm
    from digest.deliver import Sender
    from digest.plan import Planner
    from news.newsroom import Newsroom
    from storage.subscribers import Subscribers

ROUNDS = 32
"""Ticks that may ask sources at once: a host that hangs holds up its own tick only."""

log = logging.getLogger(__name__)


class Ticks:
    """The ticks: editions at every full minute, sources every `fetch_every` seconds.

    Every hour somebody looks at how the sources are, and once a day there is a broom.

    A tick that comes late still comes, and one that is missed is made up for by the next: by its
    default, APScheduler drops a tick that is a second late without a word.
    """

    def __init__(
        self,
        *,
        planner: Planner,
        sender: Sender,
        newsroom: Newsroom,
        subscribers: Subscribers,
        alarm: Alarm,
        clock: Callable[[], datetime],
        fetch_every: int,
    ) -> None:
        self._planner = planner
        self._sender = sender
        self._newsroom = newsroom
        self._subscribers = subscribers
        self._alarm = alarm
        self._clock = clock
        self._at_work = asyncio.Lock(), asyncio.Lock()
        self._rounds: set[asyncio.Task[Any]] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        # What fell due while the process was down is not kept waiting for the first full minute.
        now = datetime.now(UTC)
        add = self._scheduler.add_job
        add(self.editions, "cron", second=0, id="editions", next_run_time=now)
        add(
            self.sources,
            "interval",
            seconds=fetch_every,
            id="sources",
            next_run_time=now,
            max_instances=ROUNDS,
        )
        add(self.health, "cron", minute=41, id="health")
        add(self.broom, "cron", hour=3, minute=17, id="broom")

    def start(self) -> None:
        """Begin to tick, at once."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more, and break off what a tick has begun: it is due again after the start."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for lock in self._at_work:
            async with lock:
                pass
        if self._rounds:
            await asyncio.wait(self._rounds)

    async def editions(self) -> None:
        """Plan the editions that are due."""
        async with self._at_work[0]:
            try:
                planned = await self._planner.plan_due(self._clock())
            except asyncio.CancelledError:
                # APScheduler would write a traceback for what only a stop can bring about.
                return
            if planned:
                log.info("%d editions are due", planned)
                self._sender.kick()

    async def sources(self) -> None:
        """Ask the sources that are due, whether or not an earlier tick still asks some."""
        task = asyncio.current_task()
        if task is not None:
            self._rounds.add(task)
            task.add_done_callback(self._rounds.discard)
        try:
            reports = await self._newsroom.refresh_due(self._clock())
        except asyncio.CancelledError:
            return
        new = sum(len(report.new) for report in reports)
        if reports:
            log.info("%d sources were asked and brought %d articles", len(reports), new)

    async def health(self) -> None:
        """Tell operators of the sources that turned bad, or good again."""
        async with self._at_work[1]:
            try:
                await self._alarm.ring(self._clock())
            except asyncio.CancelledError:
                return

    async def broom(self) -> None:
        """Sweep out the tastes that no reader has any more."""
        swept = await self._subscribers.sweep()
        log.info("%d tastes that nobody has were swept out", swept)
