"""Current figures of the archive and the process, for the metrics."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from news import health

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from bot.http_server.port import HttpPort
    from bot.watching.fleet import ReplicaFigures
    from bot.watching.source_health import SourceMonitor
    from news.health import Condition
    from storage.articles.pictures import Pictures
    from storage.db.database import Database
    from storage.model import State
    from storage.readers.subscribers import Subscribers


@dataclass(frozen=True, slots=True)
class ArchiveFigures:
    """Counts of readers, sources and pictures, and the size of the database."""

    readers: Mapping[State, int]
    sources: Mapping[Condition, int]
    database_bytes: int
    pictures: Mapping[bool, int]
    """True → the number of ready pictures; False → the number that failed."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """Figures that the process knows without a query."""

    rate: float
    """Messages per second that may be sent now."""
    waiting: int
    """Updates received and not yet handled."""
    unpolled: float | None
    """Seconds since Telegram last answered a poll, or with a webhook anything; None before."""
    ports: tuple[HttpPort, ...] = ()
    """The open HTTP ports of this process."""
    replicas: ReplicaFigures | None = None
    """The replicas as this one last saw them; None on SQLite, and before its first heartbeat."""
    dropped_known: int = 0
    """Updates of operators and readers dropped since the start, because too many waited."""
    dropped_unknown: int = 0
    """The same of new and unknown people."""


async def archive_figures(
    database: Database,
    subscribers: Subscribers,
    source_monitor: SourceMonitor,
    pictures: Pictures,
    now: datetime,
) -> ArchiveFigures:
    """Count readers, sources and pictures, and measure the database."""
    readers = await subscribers.count()
    look = await source_monitor.look(now)
    made = await pictures.count()
    return ArchiveFigures(readers, health.summary(look.healths), await _size(database), made)


async def _size(database: Database) -> int:
    if database.path is not None:
        return await asyncio.to_thread(_size_of, database.path)
    size = text("SELECT pg_database_size(current_database())")
    found = await database.read(lambda connection: connection.scalar(size))
    return int(found or 0)


def _size_of(path: Path) -> int:
    """Return the bytes of an SQLite file and its write-ahead log."""
    log = path.with_name(f"{path.name}-wal")
    return sum(each.stat().st_size for each in (path, log) if each.exists())
