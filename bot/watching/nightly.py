"""The nightly jobs of the serving process: a backup, then the deletion of old data."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.backup.decision_list import DecisionList
from storage.backup.write import UNFINISHED, BackupError, back_up
from storage.db.outage import DatabaseUnavailableError
from storage.readers.privacy.tombstones import Tombstones

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from storage.db.database import Database
    from storage.db.key_value import KeyValue
    from storage.retention import Retention

log = logging.getLogger(__name__)

HOUR = 3
"""The local hour at which the nightly jobs start."""
NEWEST = "onnews-%Y-%m-%dT%H-%M-%SZ.backup"
NAME = f"{{:{NEWEST}}}"
PRUNED = "pruned"
"""The key of the stored date of the last night in which old data was deleted."""
FAILED = "backup failed"
"""The key of the stored reason why the last backup failed; empty after a success."""
ABANDONED = timedelta(days=1)
"""The age at which an unfinished backup is deleted."""


@dataclass(frozen=True, slots=True)
class Backups:
    """The folder of nightly backups, created if missing, of which `keep` are kept."""

    folder: Path
    keep: int

    def paths(self) -> list[Path]:
        """Return the backup files, oldest first."""
        return sorted(path for path in self.folder.glob("onnews-*.backup") if path.is_file())

    def newest(self) -> datetime | None:
        """Return when the newest backup was started, or None if there is none."""
        paths = self.paths()
        try:
            return datetime.strptime(paths[-1].name, NEWEST).replace(tzinfo=UTC) if paths else None
        except ValueError:
            return None

    def made_since(self, moment: datetime) -> bool:
        """Return whether a backup was started at or after a moment."""
        paths = self.paths()
        return bool(paths) and paths[-1].name >= NAME.format(moment)

    def make_room(self, now: datetime) -> None:
        """Delete the oldest backups beyond `keep`, and unfinished backups older than a day."""
        for path in self.paths()[: -self.keep]:
            path.unlink(missing_ok=True)
        for path in self.folder.glob(f"{UNFINISHED}onnews-*"):
            if path.stat().st_mtime < (now - ABANDONED).timestamp():
                path.unlink(missing_ok=True)


class Nightly:
    """Does the nightly jobs when due; checked every hour, so that downtime at night skips none."""

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
        """Run the jobs of the last night that are not done yet."""
        night = last_night(now, self._zone)
        try:
            if self._backups is not None:
                await self._back_up(self._backups, night, now)
            if await self._key_value.get(PRUNED) != night.isoformat():
                await self._drop_copies(now)
                pruned = await self._retention.prune(now)
                await self._key_value.put(PRUNED, night.isoformat())
                if pruned:
                    rows = (f"{number} {table}" for table, number in pruned.items())
                    log.info("deleted old rows: %s", ", ".join(rows))
        except DatabaseUnavailableError as error:
            log.warning("the nightly work waits for the database: %s", error.reason)

    async def _drop_copies(self, now: datetime) -> None:
        """Delete copies of an SQLite file that an update made at least a week ago."""
        try:
            gone = await asyncio.to_thread(self._retention.drop_copies, now)
        except OSError as error:
            log.warning("cannot delete an old copy of the database: %s", error)
        else:
            for path in gone:
                log.info("deleted %s, a copy that an update made", path)

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
        await DecisionList(self._database, backups.folder).keep_up()
        if await self._key_value.get(FAILED):
            await self._key_value.put(FAILED, "")
        try:
            await asyncio.to_thread(backups.make_room, now)
        except OSError as error:
            log.warning("cannot delete old backups: %s", error)

    async def _failed(self, why: str) -> None:
        # Logged every hour; an alarm notifies operators once.
        log.error("the nightly backup failed: %s", why)
        await self._key_value.put(FAILED, why)


def last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the last 03:00 in a time zone, in UTC."""
    local = now.astimezone(zone)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night > local:
        night -= timedelta(days=1)
    return night.astimezone(UTC)
