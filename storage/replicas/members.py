"""The replicas of one bot on PostgreSQL, and the shards that each holds.

Each replica renews a heartbeat in its row. A replica that falls silent is removed by the others,
which gives back all that it held: every row that it holds refers to its own. The id of a replica is
never used again, so it is the fence of its writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.types import BigInteger, SmallInteger

from storage.db.connections import end_session
from storage.db.dialect import NumberArray
from storage.db.silent_sessions import END_SILENT
from storage.replicas.roles import OUTSIDE
from storage.replicas.spread import SHARDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, TextClause
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database
    from storage.replicas.roles import Role

_JOIN = text(
    "INSERT INTO replicas"
    " (name, holder, version, address, roles, started, beat, seconds)"
    " VALUES (:name, :holder, :version, :address, :roles, clock_timestamp(), 0, :seconds)"
    " RETURNING id"
)
CUT_OFF = 10.0
"""Seconds without an answer of Telegram's after which others may take the work of a replica."""
REMEMBERED = 20
"""Heartbeats of a replica for which its messages stay in the table: about six seconds."""
_ROWS = """
    (SELECT json_agg(json_build_array(id, name, holder, version, address, roles, beat, seconds,
        sends, unanswered) ORDER BY id) FROM replicas),
    (SELECT json_agg(json_build_array(shard, replica_id)) FROM shards),
    (SELECT json_object_agg(topic, number) FROM changes)
"""
_VIEW = text(f"SELECT {_ROWS}")  # a fixed text
# At a thousand messages a second all of them would be thousands of rows for each heartbeat.
_UNHEARD = """
    (SELECT json_agg(json_build_array(replica_id, recent.beat, chat_id, messages))
        FROM recent_messages AS recent LEFT JOIN unnest(:heard, :beats) AS known (id, beat)
        ON known.id = replica_id WHERE replica_id <> :me AND recent.beat > coalesce(known.beat, 0))
"""
_ARRAYS = tuple(bindparam(name, type_=NumberArray(BigInteger())) for name in ("heard", "beats"))
# One statement, so that a heartbeat takes one round trip. It sees the rows from before it.
_RENEWED = (
    "UPDATE replicas SET beat = beat + 1, sends = :sends, unanswered = :unanswered"
    " WHERE id = :me RETURNING id, beat"
)
_LOOK = text(
    f"WITH renewed AS ({_RENEWED}) SELECT (SELECT count(*) FROM renewed), {_ROWS}, {_UNHEARD}"  # noqa: S608  # fixed texts
).bindparams(*_ARRAYS)
_LOOK_AND_NOTE = text(
    f"WITH renewed AS ({_RENEWED}), noted AS ("  # noqa: S608  # fixed texts
    " INSERT INTO recent_messages (replica_id, beat, chat_id, messages)"
    " SELECT id, beat, chat_id, messages FROM renewed,"
    " unnest(:chats, :messages) AS new (chat_id, messages)"
    "), forgotten AS ("
    " DELETE FROM recent_messages WHERE replica_id = :me"
    f" AND beat < (SELECT beat FROM renewed) - {REMEMBERED}"
    f") SELECT (SELECT count(*) FROM renewed), {_ROWS}, {_UNHEARD}"
).bindparams(
    *_ARRAYS,
    bindparam("chats", type_=NumberArray(BigInteger())),
    bindparam("messages", type_=NumberArray(SmallInteger())),
)
# Rows that the silent replica has locked in an open transaction are left for later.
_SILENT = text("SELECT id FROM replicas WHERE id = :id AND beat = :beat FOR UPDATE SKIP LOCKED")
_THESE = bindparam("shards", type_=NumberArray(SmallInteger()))
_ADD_SHARDS = text(
    "INSERT INTO shards (shard) SELECT generate_series(0, :last) ON CONFLICT DO NOTHING"
)
_TAKE = text(
    "UPDATE shards SET replica_id = :me WHERE shard = ANY(:shards) AND replica_id IS NULL"
    " AND EXISTS (SELECT 1 FROM replicas WHERE id = :me) RETURNING shard"
).bindparams(_THESE)
_GIVE = text(
    "UPDATE shards SET replica_id = NULL WHERE shard = ANY(:shards) AND replica_id = :me"
).bindparams(_THESE)
_REMOVE = text("DELETE FROM replicas WHERE id = :id")
_RETIRE = text("UPDATE replicas SET roles = '' WHERE id = :me")
_LEAVE_UNBEGUN = text(
    "UPDATE shared_updates SET replica_id = NULL"
    " WHERE replica_id = :me AND NOT begun AND shard = ANY(:shards)"
).bindparams(_THESE)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a process says about itself when it becomes a replica."""

    name: str
    holder: str
    """The process, as `storage.serving.liveness.Holder` writes it."""
    version: str
    address: str
    """Where its `/healthz` answers; empty if nowhere."""
    roles: str
    """Its roles, joined with commas."""
    seconds: float
    """Seconds of silence after which others take its work."""


@dataclass(frozen=True, slots=True)
class Member:
    """The row of a replica."""

    id: int
    name: str
    holder: str
    version: str
    address: str
    roles: str
    beat: int
    seconds: float
    sends: bool
    unanswered: float | None = None
    """Seconds since Telegram last answered it; None if unknown, as with earlier versions."""

    @property
    def is_cut_off(self) -> bool:
        """Whether Telegram does not answer it, as its last heartbeat says."""
        return self.roles == OUTSIDE or (self.unanswered or 0.0) >= CUT_OFF

    def has(self, role: Role) -> bool:
        """Return whether the replica has a role; none of those that leave has any."""
        return role in self.roles.split(",")


class RecentMessages(NamedTuple):
    """How many messages a replica sent to a chat between two of its heartbeats."""

    replica_id: int
    beat: int
    """The number of the later heartbeat."""
    chat_id: int
    messages: int


@dataclass(frozen=True, slots=True)
class ReplicaView:
    """The rows of all replicas at one moment."""

    members: tuple[Member, ...]
    holders: Mapping[int, int | None]
    """Shard → id of the replica that holds it."""
    changes: Mapping[str, int]
    """Topic → a number that grows with each change."""
    recent: tuple[RecentMessages, ...] = ()
    """What other replicas sent since the heartbeats of theirs that were heard."""


class Members:
    """The tables of replicas and shards.

    A heartbeat must come through while all else waits, so it has a connection of its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: AsyncConnection | None = None
        self._quiet = 0
        """Heartbeats until no message of this replica is in the table any more."""

    async def join(self, introduction: Introduction) -> int:
        """Add a replica, and return its id, which no other ever had."""
        values = {name: getattr(introduction, name) for name in Introduction.__slots__}

        def write(connection: Connection) -> int:
            connection.execute(_ADD_SHARDS, {"last": SHARDS - 1})
            return int(connection.execute(_JOIN, values).scalar_one())

        return await self._database.write(write)

    async def look(
        self,
        me: int,
        *,
        sends: bool,
        unanswered: float | None = None,
        sent: Mapping[int, int] | None = None,
        heard: Mapping[int, int] | None = None,
    ) -> ReplicaView | None:
        """Renew the heartbeat of a replica, and return the rows of all; None if it was removed.

        After any exception the caller should try again.

        Args:
            sent: Chat → messages that the replica has sent to it since the last heartbeat.
            heard: Id of another replica → its heartbeat up to which its messages are known.
        """
        try:
            if self._session is None:
                self._session = await self._database.session()
            statement, values = self._statement(sent or {})
            known = heard or {}
            values |= {"me": me, "sends": sends, "unanswered": unanswered}
            values |= {"heard": [*known], "beats": [*known.values()]}
            found = await self._session.execute(statement, values)
            renewed, *rows = found.one()
        except BaseException:
            await self.close()
            raise
        if not renewed:
            return None
        return _view(*rows)

    def _statement(self, sent: Mapping[int, int]) -> tuple[TextClause, dict[str, object]]:
        """Return the statement of a heartbeat, and the values of its messages."""
        if sent:
            self._quiet = REMEMBERED + 2
        if not self._quiet:
            return _LOOK, {}
        self._quiet -= 1
        return _LOOK_AND_NOTE, {"chats": [*sent], "messages": [*sent.values()]}

    async def view(self) -> ReplicaView:
        """Return the rows of all replicas, without a heartbeat."""
        async with self._database.reading() as connection:
            return _view(*(await connection.execute(_VIEW)).one())

    async def remove(self, member: Member) -> bool:
        """Remove a silent replica, which frees its shards and updates.

        Transactions that a frozen process left in the middle of a request are ended as well. A
        replica with a newer heartbeat than `member` is kept. Return whether this call removed it.
        """

        def write(connection: Connection) -> bool:
            connection.execute(END_SILENT, {"seconds": member.seconds / 2})
            values = {"id": member.id, "beat": member.beat}
            if connection.execute(_SILENT, values).first() is None:
                return False
            connection.execute(_REMOVE, {"id": member.id})
            return True

        return await self._database.write(write)

    async def take(self, me: int, shards: Collection[int]) -> frozenset[int]:
        """Take shards that nobody holds. Return those that were taken."""

        def write(connection: Connection) -> frozenset[int]:
            taken = connection.execute(_TAKE, {"me": me, "shards": list(shards)})
            return frozenset(taken.scalars())

        return await self._database.write(write)

    async def give(self, me: int, shards: Collection[int], *, retire: bool = False) -> None:
        """Give shards back, with their updates that this replica has not begun to answer.

        With `retire` the others count on this replica no more, since it stops.
        """

        def write(connection: Connection) -> None:
            if retire:
                connection.execute(_RETIRE, {"me": me})
            connection.execute(_LEAVE_UNBEGUN, {"me": me, "shards": list(shards)})
            connection.execute(_GIVE, {"me": me, "shards": list(shards)})

        await self._database.write(write)

    async def leave(self, me: int) -> None:
        """Remove this replica, which gives back all that it holds."""
        await self._database.execute(_REMOVE, {"id": me})

    async def close(self) -> None:
        """Close the heartbeat's connection; the next heartbeat opens another."""
        session, self._session = self._session, None
        if session is not None:
            await end_session(session)


def _view(
    members: Any,  # noqa: ANN401 - parsed JSON
    holders: Any,  # noqa: ANN401
    changes: Any,  # noqa: ANN401
    recent: Any = (),  # noqa: ANN401
) -> ReplicaView:
    return ReplicaView(
        tuple(Member(*each) for each in members or ()),
        dict(map(tuple, holders or ())),
        dict(changes or {}),
        tuple(RecentMessages(*each) for each in recent or ()),
    )
