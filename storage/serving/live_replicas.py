"""Which replicas are alive, by their heartbeats as one process sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from sqlalchemy import inspect, select

from storage.serving.lease_holder import Holder, uptime
from storage.serving.look_clock import LookClock
from storage.tables.replica_schema import replicas

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.db.database import Database


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

    def __init__(self, database: Database) -> None:
        self._database = database
        self._silence = Silence()
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
