"""A disk that fills: that of the SQLite file, or that of the backups."""

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
"""Bytes left on a disk that is soon full: what some weeks of news take."""
MEGABYTE = 1024 * 1024

Place = tuple["Path", int]
"""A folder, and the bytes that a copy of what is kept there takes."""


def free_bytes(folder: Path) -> int:
    """How much may still be written to a folder, or to the nearest one above that is there.

    Raises:
        OSError: The disk does not say.
    """
    there = next(each for each in (folder, *folder.parents) if each.exists())
    disk = os.statvfs(there)
    return disk.f_bavail * disk.f_frsize


def places(database: Path | None, backups: Backups | None) -> list[Place]:
    """Where the disk has to have room for a copy of the SQLite file, and for another backup.

    Raises:
        OSError: What is there cannot be measured.
    """
    found = []
    if database is not None:
        found.append((database.parent, database.stat().st_size if database.exists() else 0))
    if backups is not None:
        made = backups.paths()
        found.append((backups.folder, made[-1].stat().st_size if made else 0))
    return found


def disk(kept: Callable[[], Sequence[Place]], free: Callable[[Path], int] = free_bytes) -> Alarm:
    """The alarm.

    Args:
        kept: Where things are kept.
        free: Bytes that may still be written to a folder.
    """

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
        "the disk of %(place)s fills up: %(free)d MB left",
        over_after=timedelta(hours=1),
    )


def samples(_: Sample) -> list[Facts]:
    """Facts for the page of texts."""
    return [
        {"place": "/data", "free": 87, "needed": 0},
        {"place": "/data/backups", "free": 640, "needed": 910},
    ]
