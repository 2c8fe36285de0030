"""A forecast of the next 24 hours' editions, and the cost of sending them by paid broadcast."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.planning.paid_broadcast import FREE_RATE, Run, forecast, paid, stars
from digest.planning.plan import KEPT
from digest.timing.schedule import zone_of
from storage.db.outage import patiently
from storage.ledger.delivery_stats import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.configuration.settings import Settings
    from storage.db.database import Database

log = logging.getLogger(__name__)

SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The runs of editions in the next 24 hours, sent at a given rate."""

    rate: int
    """Messages per second."""
    runs: tuple[Run, ...]
    messages_each: float
    """Average number of messages in an edition."""
    alerted: int
    """Chats that an alert is sent to at most."""
    unkept: tuple[Run, ...]
    """Runs that take longer than an hour at the configured rate."""

    @property
    def stars(self) -> float:
        """The cost of all runs in Telegram Stars, at most."""
        return stars(sum(run.paid for run in self.runs))

    @property
    def alert(self) -> tuple[float, float, float]:
        """Seconds that an alert takes at the free rate, seconds at `rate`, and its cost in Stars.

        All three are upper limits.
        """
        return (
            self.alerted / FREE_RATE,
            self.alerted / self.rate,
            stars(paid(self.alerted, self.rate)),
        )


async def look_ahead(database: Database, now: datetime, rate: int, pace: int) -> Forecast:
    """Forecast the next 24 hours, assuming that no edition is empty.

    Both rates are in messages a second; `pace` is the configured MESSAGES_PER_SECOND.
    """
    ahead = await Ledger(database).ahead(now, now + SPAN)
    runs = forecast(ahead.due, rate=rate, messages_each=ahead.messages_each)
    at_pace = forecast(ahead.due, rate=pace, messages_each=ahead.messages_each)
    unkept = tuple(run for run in at_pace if run.seconds > KEPT.total_seconds())
    return Forecast(rate, runs, ahead.messages_each, ahead.alerted, unkept)


def cannot_be_kept(run: Run, zone: ZoneInfo, pace: int) -> str:
    """Return a line that reports a run that takes longer than an hour.

    The zone is the one in which its time is written; `pace` is in messages a second.
    """
    return (
        f"the {run.editions} editions of {run.due.astimezone(zone):%a %H:%M} ({zone.key}) cannot "
        f"all be sent within an hour: at {pace} messages a second the last arrives after "
        f"{run.seconds / 60:.0f} min; EARLY_MINUTES starts sending earlier, PAID_BROADCAST "
        f"sends faster"
    )


def next_run(forecast: Forecast, zone: ZoneInfo) -> str:
    """Return a log line with the cost of the next run and of the next 24 hours."""
    if not forecast.runs:
        return "paid broadcast is on; no edition is due within 24 hours"
    run = forecast.runs[0]
    return (
        f"paid broadcast is on; the next run, at {run.due.astimezone(zone):%a %H:%M} ({zone.key}), "
        f"is {run.messages} messages in {run.seconds:.1f} s for {run.stars:.1f} Stars at most, and "
        f"all of the next 24 hours {forecast.stars:.1f} Stars at most"
    )


async def log_next_run(
    settings: Settings, database: Database, clock: Callable[[], datetime]
) -> None:
    """Log the runs that take too long and, with PAID_BROADCAST, the cost of the next run."""
    rate, zone = settings.messages_per_second, zone_of(settings.timezone)
    ahead = await patiently(lambda: look_ahead(database, clock(), rate, rate))
    for run in ahead.unkept:
        log.warning("%s", cannot_be_kept(run, zone, rate))
    if settings.pays:
        log.info("%s", next_run(ahead, zone))
    elif settings.paid_broadcast:
        log.warning("PAID_BROADCAST is on, but sending is free at MESSAGES_PER_SECOND=%d", rate)
