"""What the serving process does once a night: a backup, and then letting go of what is old."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.backup.write import UNFINISHED, BackupError, back_up
from storage.db.outage import DatabaseUnavailableError
from storage.readers.tombstones import Tombstones

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from storage.db.database import Database
    from storage.db.key_value import KeyValue
    from storage.retention import Retention

log = logging.getLogger(__name__)

HOUR = 3
"""Of the local night, from which on it is done."""
NEWEST = "onnews-%Y-%m-%dT%H-%M-%SZ.backup"
NAME = f"{{:{NEWEST}}}"
PRUNED = "pruned"
"""The key of the note that says of which night old things were let go of last."""
FAILED = "backup failed"
"""The key of the note that says why the last backup failed; empty once one is made."""
ABANDONED = timedelta(days=1)
"""How old a backup is that was begun and is not going to be finished."""


@dataclass(frozen=True, slots=True)
class Backups:
    """Where the nightly backups are.

    Args:
        folder: The folder; it is made where it is missing.
        keep: How many stay.
    """

    folder: Path
    keep: int

    def paths(self) -> list[Path]:
        """Those that are there, the oldest first."""
        return sorted(path for path in self.folder.glob("onnews-*.backup") if path.is_file())

    def newest(self) -> datetime | None:
        """When the last one was begun; None where there is none.

        Raises:
            OSError: The folder cannot be read.
        """
        paths = self.paths()
        try:
            return datetime.strptime(paths[-1].name, NEWEST).replace(tzinfo=UTC) if paths else None
        except ValueError:
            return None

    def made_since(self, moment: datetime) -> bool:
        """Whether there is one of that moment or later."""
        paths = self.paths()
        return bool(paths) and paths[-1].name >= NAME.format(moment)

    def make_room(self, now: datetime) -> None:
        """Delete the oldest beyond those that stay, and what was never finished.

        Raises:
            OSError: That is not allowed.
        """
        for path in self.paths()[: -self.keep]:
            path.unlink(missing_ok=True)
        for path in self.folder.glob(f"{UNFINISHED}onnews-*"):
            if path.stat().st_mtime < (now - ABANDONED).timestamp():
                path.unlink(missing_ok=True)


class Nightly:
    """Looks every hour whether the night's work is done, so that a night of downtime loses none.

    Args:
        database: The archive's.
        key_value: Keep what was done.
        retention: Lets go of what is old.
        backups: Where backups go; without it, there are none.
        zone: Whose night it is.
    """

    def __init__(
        self,
        database: Database,
        key_value: KeyValue,
        retention: Retention,
        *,
        backups: Backups | None,
        zone: ZoneInfo,
    ) -> None:
        self._database = database
        self._key_value = key_value
        self._retention = retention
        self._backups = backups
        self._zone = zone

    async def look(self, now: datetime) -> None:
        """Do what is left of the last night's work."""
        night = last_night(now, self._zone)
        try:
            if self._backups is not None:
                await self._back_up(self._backups, night, now)
            if await self._key_value.get(PRUNED) != night.isoformat():
                await self._drop_copies(now)
                pruned = await self._retention.prune(now)
                await self._key_value.put(PRUNED, night.isoformat())
                if pruned:
                    log.info(
                        "deleted %d old deliveries, %d links, %d articles, %d readers and "
                        "%d pictures",
                        pruned.deliveries,
                        pruned.shares,
                        pruned.articles,
                        pruned.readers,
                        pruned.pictures,
                    )
        except DatabaseUnavailableError as error:
            log.warning("the nightly work waits for the database: %s", error.reason)

    async def _drop_copies(self, now: datetime) -> None:
        """Delete what updates left beside an SQLite file a week ago."""
        try:
            gone = await asyncio.to_thread(self._retention.drop_copies, now)
        except OSError as error:
            log.warning("an old copy of the database cannot be deleted: %s", error)
        else:
            for path in gone:
                log.info("%s, which an update left, was deleted", path)

    async def _back_up(self, backups: Backups, night: datetime, now: datetime) -> None:
        if await asyncio.to_thread(backups.made_since, night):
            return
        path = backups.folder / NAME.format(now.astimezone(UTC))
        try:
            await asyncio.to_thread(backups.folder.mkdir, 0o700, parents=True, exist_ok=True)
            await asyncio.to_thread(Tombstones(backups.folder).keep)
        except OSError as error:
            await self._failed(f"{backups.folder} cannot be written ({error.strerror})")
            return
        try:
            header = await back_up(self._database, path, now)
        except (BackupError, DatabaseUnavailableError) as error:
            await self._failed(str(error))
            return
        log.info("%s was written: %d rows", path, sum(header.counts.values()))
        if await self._key_value.get(FAILED):
            await self._key_value.put(FAILED, "")
        try:
            await asyncio.to_thread(backups.make_room, now)
        except OSError as error:
            log.warning("old backups cannot be deleted: %s", error)

    async def _failed(self, why: str) -> None:
        # One line each hour in the log; `bot/alarms/backup.py` tells operators once.
        log.error("the nightly backup failed: %s", why)
        await self._key_value.put(FAILED, why)


def last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The last three o'clock of a zone, in UTC."""
    local = now.astimezone(zone)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night > local:
        night -= timedelta(days=1)
    return night.astimezone(UTC)
