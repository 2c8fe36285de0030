"""The alarm about a full disk: that of the SQLite file, or that of the backups."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alarms.alarm import Alarm, UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from bot.alarms.alarm import Facts
    from bot.samples import Sample
    from bot.watching.nightly import Backups

NAME = "disk"
NEARLY_FULL = 100 * 1024 * 1024
"""Free bytes below which a disk counts as nearly full: some weeks of news."""
MEGABYTE = 1024 * 1024

Place = tuple["Path", int]
"""A folder, and the bytes that another copy of its files would take."""


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of a folder, or of its nearest existing parent."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    disk = os.statvfs(there)
    return disk.f_bavail * disk.f_frsize


def places(database: Path | None, backups: Backups | None) -> list[Place]:
    """Return the folders of the SQLite file and of the backups, each with the room it must have."""
    found = []
    if database is not None:
        found.append((database.parent, database.stat().st_size if database.exists() else 0))
    if backups is not None:
        made = backups.paths()
        found.append((backups.folder, made[-1].stat().st_size if made else 0))
    return found


def disk(kept: Callable[[], Sequence[Place]], free: Callable[[Path], int] = free_bytes) -> Alarm:
    """Return the alarm about a disk that is nearly full."""

    def fullest() -> Facts | None:
        found = [(free(folder), needed, folder) for folder, needed in kept()]
        short = [one for one in found if one[0] < max(NEARLY_FULL, one[1])]
        if not short:
            return None
        left, needed, folder = min(short)
        return {
            "place": str(folder),
            "free": left // MEGABYTE,
            "needed": needed // MEGABYTE if needed > NEARLY_FULL else 0,
        }

    async def look(_: datetime) -> Facts | None:
        try:
            return await asyncio.to_thread(fullest)
        except OSError as error:
            raise UnknownError(str(error)) from None

    return Alarm(
        NAME,
        look,
        "the disk of %(place)s is nearly full: %(free)d MB left",
        over_after=timedelta(hours=1),
    )


def samples(_: Sample) -> list[Facts]:
    """Return sample facts of this alarm for the review of all texts."""
    return [
        {"place": "/data", "free": 87, "needed": 0},
        {"place": "/data/backups", "free": 640, "needed": 910},
    ]
