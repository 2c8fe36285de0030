"""The heartbeats of the serving process, for processes that cannot reach it directly.

A single clock gives their age: PostgreSQL's own, or, where the archive is a file, the time since
this machine booted, which no user can set.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from storage.db.key_value import put_in
from storage.db.outage import DatabaseError
from storage.db.sqlite import engines
from storage.serving.liveness import uptime
from storage.tables.schema import meta

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database

KEY = "heartbeat"
"""The heartbeat's key in the table `meta`."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Beat:
    """The last report of the serving process about itself."""

    state: str
    problem: str | None
    """Why the process cannot work, in one line; None if it can."""
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class LastBeat:
    """The last heartbeat and its age."""

    beat: Beat
    age: float
    """Age in seconds."""


class Heartbeat:
    """Writes heartbeats to the archive, and reads the last one, from a closed database too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, beat: Beat) -> None:
        """Write a heartbeat in place of the previous one. It is a real write, of one small row."""

        def write(connection: Connection) -> timedelta:
            moment = _moment(connection)
            ahead = timedelta(seconds=moment["at"] - time.time())
            note = {
                "state": beat.state,
                "ill": beat.problem,
                "host": beat.host,
                "pid": beat.pid,
                **moment,
            }
            put_in(connection, KEY, json.dumps(note))
            return ahead

        ahead = await self._database.write(write)
        # Less may be the way there.
        self._database.server_ahead = ahead if abs(ahead) >= timedelta(seconds=1) else timedelta()

    async def last(self) -> LastBeat | None:
        """Return the last heartbeat, or None; DatabaseError if the database cannot be read."""
        if self._database.path is not None:
            return await asyncio.to_thread(_read_file, self._database.path)
        await self._database.open(create=False)
        try:
            return await self._database.read(_read)
        finally:
            await self._database.close()


def _read_file(path: Path) -> LastBeat | None:
    """Return the last heartbeat in an SQLite file, or None. The file is not changed."""
    if not path.exists():
        raise DatabaseError(f"There is no database file {path} yet.")
    try:
        with engines.read_only_engine(path).connect() as there:
            return _read(there)
    except DBAPIError as error:
        raise DatabaseError(f"The database file {path} cannot be read ({error.orig}).") from None


def _read(connection: Connection) -> LastBeat | None:
    if not inspect(connection).has_table(meta.name):
        return None
    found = connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar()
    if found is None:
        return None
    note: dict[str, Any] = json.loads(found)
    beat = Beat(note["state"], note["ill"], note["host"], note["pid"])
    now = _moment(connection)
    clock = "up" if note.get("boot") and note.get("boot") == now.get("boot") else "at"
    # A clock that was set back in between would give a negative age.
    return LastBeat(beat, abs(now[clock] - note[clock]))


def _moment(connection: Connection) -> dict[str, Any]:
    """Return the current time of each clock that a reader of the heartbeat also has.

    `at` is seconds of the epoch. For a file, `up` is seconds since boot and `boot` identifies the
    boot.
    """
    if connection.dialect.name == "postgresql":
        now = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
        return {"at": float(now or 0)}
    boot = _BOOT.read_text().strip() if _BOOT.exists() else ""
    return {"at": time.time(), "up": uptime(), "boot": boot}
