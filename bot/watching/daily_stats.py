"""The figures of a day's deliveries, for `onnews deliveries` and the metrics."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from storage.ledger.delivery_stats import Day, Ledger

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from storage.db.database import Database


def today(now: datetime, zone: ZoneInfo) -> date:
    """Return the date of a moment in a time zone."""
    return now.astimezone(zone).date()


async def figures(database: Database, day: date, zone: ZoneInfo) -> Day:
    """Return the figures of the deliveries that were due on a date in a time zone."""
    since, until = (
        datetime.combine(each, time(), zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return await Ledger(database).day(since, until)
