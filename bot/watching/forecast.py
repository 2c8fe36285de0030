"""What the next hours bring, and what it costs to send it faster than Telegram does for nothing."""

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
    """The runs of the next 24 hours at some rate."""

    rate: int
    """Messages a second."""
    runs: tuple[Run, ...]
    messages_each: float
    """Messages that an edition takes, on average."""
    alerted: int
    """How many an alert goes to, at most."""
    unkept: tuple[Run, ...]
    """At the pace that is set, those whose editions take longer than an hour."""

    @property
    def stars(self) -> float:
        """What all runs cost, at most."""
        return stars(sum(run.paid for run in self.runs))

    @property
    def alert(self) -> tuple[float, float, float]:
        """Seconds that an alert takes at the free rate and at this one, and Stars, at most."""
        return (
            self.alerted / FREE_RATE,
            self.alerted / self.rate,
            stars(paid(self.alerted, self.rate)),
        )


async def look_ahead(database: Database, now: datetime, rate: int, pace: int) -> Forecast:
    """What the next 24 hours bring, if every edition has something to tell.

    Args:
        database: The archive's.
        now: This moment.
        rate: Messages a second that are asked about.
        pace: MESSAGES_PER_SECOND.
    """
    ahead = await Ledger(database).ahead(now, now + SPAN)
    runs = forecast(ahead.due, rate=rate, messages_each=ahead.messages_each)
    at_pace = forecast(ahead.due, rate=pace, messages_each=ahead.messages_each)
    unkept = tuple(run for run in at_pace if run.seconds > KEPT.total_seconds())
    return Forecast(rate, runs, ahead.messages_each, ahead.alerted, unkept)


def cannot_be_kept(run: Run, zone: ZoneInfo, pace: int) -> str:
    """One line about an hour whose editions take longer than that."""
    return (
        f"the {run.editions} editions of {run.due.astimezone(zone):%a %H:%M} ({zone.key}) cannot "
        f"all come within their hour: at {pace} a second the last is there after "
        f"{run.seconds / 60:.0f} min; EARLY_MINUTES lets them begin before, and PAID_BROADCAST "
        f"sends faster"
    )


def next_run(forecast: Forecast, zone: ZoneInfo) -> str:
    """One line for the log: what the next run costs."""
    if not forecast.runs:
        return "paid broadcast is on; no edition is due within 24 hours"
    run = forecast.runs[0]
    return (
        f"paid broadcast is on; the next run, at {run.due.astimezone(zone):%a %H:%M} ({zone.key}), "
        f"is {run.messages} messages in {run.seconds:.1f} s for {run.stars:.1f} Stars at most, and "
        f"all of the next 24 hours {forecast.stars:.1f} Stars at most"
    )


async def say_next_run(
    settings: Settings, database: Database, clock: Callable[[], datetime]
) -> None:
    """Say in the log which hours cannot be kept, and what the next run costs where it is paid."""
    rate, zone = settings.messages_per_second, zone_of(settings.timezone)
    ahead = await patiently(lambda: look_ahead(database, clock(), rate, rate))
    for run in ahead.unkept:
        log.warning("%s", cannot_be_kept(run, zone, rate))
    if settings.pays:
        log.info("%s", next_run(ahead, zone))
    elif settings.paid_broadcast:
        log.warning("PAID_BROADCAST is on, but nothing costs at MESSAGES_PER_SECOND=%d", rate)
