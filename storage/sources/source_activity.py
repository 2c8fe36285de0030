"""How often sources have news, and which sources each category's articles come from."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from storage.tables.schema import articles

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db.database import Database

PART = 400
"""Rows read before other tasks get a turn of the event loop."""


class SourceActivity:
    """When sources had news, and how much."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def times(self, since: datetime) -> dict[int, tuple[datetime, ...]]:
        """Return when each source had news since then, in order, by source id.

        Only the first and last time of each UTC day are listed: they show every silence longer than
        a day. An article dated in the future counts at the time it was first seen.
        """
        a = articles.c
        spoke = case((a.published < a.first_seen, a.published), else_=a.first_seen)
        # An expression, so that no index on sources is used: it has no times.
        source = a.source_id + 0
        query = (
            select(source, func.min(spoke), func.max(spoke))
            .where(a.published >= since)
            .group_by(source, self._day(spoke))
            .order_by(source, func.min(spoke))
        )
        found: defaultdict[int, dict[datetime, None]] = defaultdict(dict)
        async with self._db.reading() as connection:
            rows = await connection.execute(query)
            for part in rows.partitions(PART):
                for source_id, first, last in part:
                    found[source_id] |= {first: None, last: None}
                # Half a year of many sources is tens of thousands of rows.
                await asyncio.sleep(0)
        return {source_id: tuple(times) for source_id, times in found.items()}

    async def shares(self, since: datetime) -> dict[str, dict[int, int]]:
        """Return the number of articles published since then, by category and source id."""
        # An article's row lists its categories, so that one table suffices.
        query = (
            select(articles.c.categories, articles.c.source_id, func.count())
            .where(articles.c.published >= since)
            .group_by(articles.c.categories, articles.c.source_id)
        )
        found: defaultdict[str, Counter[int]] = defaultdict(Counter)
        async with self._db.reading() as connection:
            rows = await connection.execute(query)
            for part in rows.partitions(PART):
                for categories, source_id, count in part:
                    for category in categories.split():
                        found[category][source_id] += count
                await asyncio.sleep(0)
        return {category: dict(counts) for category, counts in found.items()}

    def _day(self, moment: Any) -> Any:  # noqa: ANN401 — an expression
        if self._db.dialect == "sqlite":
            return func.substr(moment, 1, len("2026-06-01"))
        return func.date_trunc("day", moment, "UTC")
