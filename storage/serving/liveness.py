"""Which processes are alive, as one process sees them. No wall clock is trusted.

A process of this machine that has ended is known to be gone by its number and start time. Of any
other the rows in the database are read again and again: it is gone once they have stood still.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from sqlalchemy import inspect, select

from storage.tables.replica_schema import replicas

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.db.database import Database

PROC = Path("/proc")

uptime = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
"""Returns monotonic seconds that also count while the machine sleeps."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, as written into the lease and into the row of a replica.

    Attributes:
        boot: The machine's boot id and the process's PID namespace; empty if unknown.
        born: When the process started, in the system's ticks since boot; 0 if unknown.
        nonce: A random text that distinguishes two holders made by one process.
    """

    pid: int
    host: str
    boot: str = ""
    born: int = 0
    nonce: str = ""

    @classmethod
    def here(cls) -> Self:
        """Return the identity of this process."""
        pid = os.getpid()
        return cls(pid, socket.gethostname(), _boot(), _born(pid), secrets.token_hex(4))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse a text written by `str`. Return None if it is malformed."""
        try:
            pid, host, boot, born, nonce = text.split(" ")
            return cls(int(pid), host, boot, int(born), nonce)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.pid} {self.host} {self.boot} {self.born} {self.nonce}"

    @property
    def name(self) -> str:
        """The process id, with the machine's name if it is another machine."""
        return f"{self.pid}" if self.host == socket.gethostname() else f"{self.pid} on {self.host}"

    def is_gone(self) -> bool:
        """Return whether the process has certainly ended; always False for another machine."""
        if not self.boot or self.boot != _boot() or not self.born:
            return False
        return _born(self.pid) != self.born


def _boot() -> str:
    try:
        started = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{started}/{(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _born(pid: int) -> int:
    """Return when a process started, in ticks since boot; 0 if it does not run or is a zombie."""
    try:
        # The process's name comes first, in brackets, and may contain anything.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return 0 if fields[0] in {"Z", "X"} else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0


class LookClock:
    """A clock for the silence of others, whose rows in the database are read again and again.

    The time between two looks does not count if one failed in between: while the database is away
    nobody can renew a row.
    """

    def __init__(self, passed: Callable[[], float] = uptime) -> None:
        self._passed = passed
        self._looked = passed()
        """When the rows were read last."""
        self._uncounted = 0.0
        """Seconds that do not count, in all."""
        self._has_failed = False
        """Whether the rows could not be read since `_looked`."""

    @property
    def now(self) -> float:
        """The seconds that count, from a start that means nothing by itself."""
        return self._passed() - self._uncounted

    def looked(self) -> None:
        """Note that the rows were read, before their silence is judged by `now`."""
        now = self._passed()
        if self._has_failed:
            self._uncounted += now - self._looked
        self._looked, self._has_failed = now, False

    def failed(self) -> None:
        """Note that the rows could not be read."""
        self._has_failed = True


class Beating(Protocol):
    """What tells whether a replica is alive."""

    @property
    def id(self) -> int:
        """Its number, which no other replica ever has."""

    @property
    def holder(self) -> str:
        """The process, as `Holder` writes it."""

    @property
    def beat(self) -> int:
        """A number that grows with each heartbeat."""

    @property
    def seconds(self) -> float:
        """Seconds of silence after which it counts as gone."""


class _BeatRow(NamedTuple):
    """A replica's row; these columns exist at every revision that has the table."""

    id: int
    name: str
    holder: str
    beat: int
    seconds: float


_ROWS = select(*(replicas.c[name] for name in _BeatRow._fields)).order_by(replicas.c.id)


class Silence:
    """How long each replica has been silent, in monotonic seconds."""

    def __init__(self, passed: Callable[[], float] = uptime) -> None:
        self.looks = LookClock(passed)
        """The looks at the rows; `is_gone` is asked after each."""
        self._seen: dict[int, tuple[int, float]] = {}
        """Id of a replica → its heartbeat, and when it was seen first, by `looks`."""

    def is_gone(self, member: Beating) -> bool:
        """Return whether a replica has died on this machine, or been silent for too long."""
        holder = Holder.read(member.holder)
        if holder is not None and holder.is_gone():
            return True
        beat, since = self._seen.get(member.id, (-1, 0.0))
        now = self.looks.now
        if beat != member.beat:
            self._seen[member.id] = (member.beat, now)
            return False
        return now - since >= member.seconds

    def age(self, member: Beating) -> float:
        """Return the seconds since the last heartbeat of a replica was seen first."""
        return self.looks.now - self._seen[member.id][1] if member.id in self._seen else 0.0


class LiveReplicas:
    """The replicas that a process without a row of its own has to wait for."""

    def __init__(self, database: Database, passed: Callable[[], float] = uptime) -> None:
        self._database = database
        self._silence = Silence(passed)
        self.found: list[str] = []
        """The names of the live replicas at the last look."""
        self.patience = 0.0
        """Seconds after which those that have died elsewhere would count as gone."""

    async def names(self) -> list[str]:
        """Return the names of the replicas that are not known to be gone; none on SQLite.

        A replica of another machine counts for some seconds after its last heartbeat.
        """
        if self._database.dialect == "sqlite":
            return []
        rows = await self._database.read(_rows)
        self._silence.looks.looked()
        alive = [each for each in rows if not self._silence.is_gone(each)]
        self.found = [each.name for each in alive]
        self.patience = max((each.seconds for each in alive), default=0.0)
        return self.found


def _rows(connection: Connection) -> list[_BeatRow]:
    if not inspect(connection).has_table(replicas.name):
        return []
    return [_BeatRow(*row) for row in connection.execute(_ROWS)]
