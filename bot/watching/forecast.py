"""What the next hours bring, and what it costs to send it faster than Telegram does for nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.planning.paid_broadcast import FREE_RATE, Run, forecast, paid, stars
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


async def look_ahead(database: Database, now: datetime, rate: int) -> Forecast:
    """What the next 24 hours bring at a rate, if every edition has something to tell."""
    ahead = await Ledger(database).ahead(now, now + SPAN)
    runs = forecast(ahead.due, rate=rate, messages_each=ahead.messages_each)
    return Forecast(rate, runs, ahead.messages_each, ahead.alerted)


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
    """Where paid broadcast is on, say in the log what the next run costs, or that nothing does."""
    if not settings.paid_broadcast:
        return
    rate = settings.messages_per_second
    if not settings.pays:
        log.warning("PAID_BROADCAST is on, but nothing costs at MESSAGES_PER_SECOND=%d", rate)
        return
    ahead = await patiently(lambda: look_ahead(database, clock(), rate))
    log.info("%s", next_run(ahead, zone_of(settings.default_timezone)))
