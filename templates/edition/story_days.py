"""The days that an edition gives with a story: those over which it ran, or that of an old story."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from templates.language.dates import has_hour

if TYPE_CHECKING:
    from datetime import date, datetime

    from storage.model import Article, Coverage

OLD = timedelta(days=1)
"""The age from which a story is shown with its day."""
WEEK = timedelta(days=7)


def ran_for(coverage: Coverage | None, zone: str) -> tuple[date, date, int] | None:
    """Return a story's first and last day and its number of sources; None for a single day."""
    if coverage is None:
        return None
    place = ZoneInfo(zone)
    first, last = (each.astimezone(place).date() for each in (coverage.first, coverage.last))
    return None if first == last else (first, last, coverage.sources)


def day_of(article: Article, zone: str, now: datetime) -> tuple[date, bool] | None:
    """Return a story's day and whether its weekday names it; None if it is less than a day old."""
    at = article.published
    if now - at < OLD:
        return None
    # A date without an hour is stored as midnight UTC, which is another day in the west.
    day = at.astimezone(ZoneInfo(zone) if has_hour(at) else UTC).date()
    return day, now.astimezone(ZoneInfo(zone)).date() - day < WEEK
