"""How a day's deliveries went: the one place that `onnews deliveries` and the metrics ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from storage.ledger.delivery_stats import Day, Ledger

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from storage.db.database import Database


def today(now: datetime, zone: ZoneInfo) -> date:
    """The day that a moment belongs to."""
    return now.astimezone(zone).date()


async def figures(database: Database, day: date, zone: ZoneInfo) -> Day:
    """How the deliveries went that were due on a day of a zone."""
    since, until = (
        datetime.combine(each, time(), zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return await Ledger(database).day(since, until)
