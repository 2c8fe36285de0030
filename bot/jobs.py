"""The ticks: they only ask what is due. What is due, the archive decides."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.deliver import Sender
    from digest.plan import Planner
    from news.refresh import Newsroom

log = logging.getLogger(__name__)


def schedule(
    planner: Planner,
    sender: Sender,
    newsroom: Newsroom,
    clock: Callable[[], datetime],
    fetch_every: int,
) -> AsyncIOScheduler:
    """Start the two ticks: editions at every full minute, sources every `fetch_every` seconds.

    A tick that comes late still comes, and one that is missed is made up for by the next: by its
    default, APScheduler drops a tick that is a second late without a word.
    """
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    async def editions() -> None:
        planned = await planner.plan_due(clock())
        if planned:
            log.info("%d editions are due", planned)
            sender.kick()

    async def sources() -> None:
        for report in await newsroom.refresh_due(clock()):
            log.info("%s", report)

    # What fell due while the process was down is not kept waiting for the first full minute.
    now = datetime.now(UTC)
    scheduler.add_job(editions, "cron", second=0, id="editions", next_run_time=now)
    scheduler.add_job(sources, "interval", seconds=fetch_every, id="sources", next_run_time=now)
    scheduler.start()
    return scheduler
