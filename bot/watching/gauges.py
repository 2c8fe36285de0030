"""How the archive is just now, in numbers: its readers, its sources, its size."""

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
    from bot.watching.source_health import SourceMonitor
    from news.health import Condition
    from storage.articles.pictures import Pictures
    from storage.db.database import Database
    from storage.model import State
    from storage.readers.subscribers import Subscribers


@dataclass(frozen=True, slots=True)
class ArchiveFigures:
    """How the archive is."""

    readers: Mapping[State, int]
    sources: Mapping[Condition, int]
    database_bytes: int
    pictures: Mapping[bool, int]
    """How many are ready (True), and how many could not be had (False)."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """What the process knows of itself, without asking anybody."""

    rate: float
    """Messages a second that may leave just now."""
    waiting: int
    """Updates that have come and are not looked at yet."""
    unpolled: float | None
    """Seconds since Telegram last answered a request for updates; None before the first."""
    ports: tuple[HttpPort, ...] = ()
    """Those on which this process answers HTTP."""


async def archive_figures(
    database: Database,
    subscribers: Subscribers,
    source_monitor: SourceMonitor,
    pictures: Pictures,
    now: datetime,
) -> ArchiveFigures:
    """Count what is in the archive.

    Raises:
        DatabaseUnavailableError: It cannot be read just now.
        OSError: It cannot be reached.
    """
    readers = await subscribers.count()
    look = await source_monitor.look(now)
    made = await pictures.count()
    return ArchiveFigures(readers, health.summary(look.healths), await _size(database), made)


async def _size(database: Database) -> int:
    if database.path is not None:
        return await asyncio.to_thread(_size_of, database.path)
    async with database.read() as connection:
        found = await connection.scalar(text("SELECT pg_database_size(current_database())"))
    return int(found or 0)


def _size_of(path: Path) -> int:
    """Bytes of an SQLite file, with what is not written back into it yet."""
    log = path.with_name(f"{path.name}-wal")
    return sum(each.stat().st_size for each in (path, log) if each.exists())
