"""Updates while several replicas answer: written down by any of them, answered by one.

A replica claims the updates of its shards, marks each before it begins to answer, and ends it
afterwards. If the replica dies, its claims go with its row: updates that it had not begun are
claimed again, and of the others the next replica knows that they were begun.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Boolean, Double, SmallInteger, Text

from storage.db.dialect import NumberArray

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, TextClause

    from storage.db.database import Database

AT_ONCE = 200
"""Most updates that one statement claims."""


@dataclass(frozen=True, slots=True)
class NewUpdate:
    """An update to write down."""

    update_id: int
    shard: int
    body: str
    """The update as JSON; empty for one that is answered already."""
    age: float = 0.0
    """Seconds since it was fetched."""
    begun: bool = False
    """Whether this process had begun to answer it, and its reader is to be asked to repeat it."""
    rank: int = 0
    """How well its sender is known; smaller ones are claimed first."""


class ClaimedUpdate(NamedTuple):
    """An update that this replica has claimed."""

    update_id: int
    body: str
    age: float
    """Seconds since it was fetched, by the server's clock."""
    begun: bool
    """Whether a replica that is gone had begun to answer it."""


class AskedQuestion(NamedTuple):
    """The open questions of a person in a chat or topic."""

    chat_id: int
    user_id: int
    thread_id: int
    shard: int
    questions: str
    """JSON; empty if none is open."""
    age: float = 0.0
    """Seconds since they were noted, by the server's clock."""


@dataclass(slots=True)
class Batch:
    """What one transaction writes."""

    new: Sequence[NewUpdate] = ()
    ended: Collection[int] = ()
    begun: Collection[int] = ()
    released: Collection[int] = ()
    """Updates of which no reader has seen a part of the answer, for another replica."""
    left: Collection[int] = ()
    """Updates that were begun, whose readers another replica is to ask."""
    questions: Sequence[AskedQuestion] = ()
    claim: Collection[int] = ()
    """Shards of which updates are claimed."""


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a transaction returned."""

    claimed: list[ClaimedUpdate] = field(default_factory=list)
    """In the order of Telegram's numbers."""
    begun: frozenset[int] = frozenset()
    """Those of `Batch.begun` that this replica still holds, and may answer."""


_AGE = "extract(epoch FROM clock_timestamp() - fetched)::double precision"
_IDS = bindparam("ids", type_=NumberArray(BigInteger()))
# The server's clock alone gives ages, since the clocks of two machines may differ by minutes.
_NEW = text(
    "INSERT INTO shared_updates (update_id, shard, body, rank, fetched, begun, ended)"
    " SELECT i, s, b, r, clock_timestamp() - make_interval(secs => a), g,"
    " CASE WHEN b = '' THEN clock_timestamp() END"
    " FROM unnest(:ids, :shards, :bodies, :ranks, :ages, :begun) AS new (i, s, b, r, a, g)"
    " ON CONFLICT DO NOTHING"
).bindparams(
    _IDS,
    bindparam("shards", type_=NumberArray(SmallInteger())),
    bindparam("bodies", type_=ARRAY(Text)),
    bindparam("ages", type_=NumberArray(Double())),
    bindparam("begun", type_=ARRAY(Boolean)),
    bindparam("ranks", type_=NumberArray(SmallInteger())),
)
_ENDED = text(
    "UPDATE shared_updates SET ended = clock_timestamp(), replica_id = NULL, body = ''"
    " WHERE update_id = ANY(:ids) AND replica_id = :me"
).bindparams(_IDS)
_BEGUN = text(
    "UPDATE shared_updates SET begun = true"
    " WHERE update_id = ANY(:ids) AND replica_id = :me AND NOT begun RETURNING update_id"
).bindparams(_IDS)
_RELEASED = text(
    "UPDATE shared_updates SET begun = false, replica_id = NULL"
    " WHERE update_id = ANY(:ids) AND replica_id = :me"
).bindparams(_IDS)
_LEFT = text(
    "UPDATE shared_updates SET replica_id = NULL WHERE update_id = ANY(:ids) AND replica_id = :me"
).bindparams(_IDS)
_CLAIM = text(
    "UPDATE shared_updates SET replica_id = :me WHERE update_id IN ("  # noqa: S608 - fixed texts
    "SELECT u.update_id FROM shared_updates u JOIN shards s ON s.shard = u.shard"
    " WHERE s.replica_id = :me AND u.shard = ANY(:shards)"
    " AND u.replica_id IS NULL AND u.ended IS NULL ORDER BY u.rank, u.update_id LIMIT :most"
    f") RETURNING update_id, body, {_AGE}, begun"
).bindparams(bindparam("shards", type_=NumberArray(SmallInteger())))
_HELD = text(
    f"SELECT update_id, body, {_AGE}, begun FROM shared_updates"  # noqa: S608 - a fixed text
    " WHERE replica_id = :me AND ended IS NULL"
)
_ASK = text(
    "INSERT INTO open_questions (chat_id, user_id, thread_id, shard, questions, asked)"
    " VALUES (:chat_id, :user_id, :thread_id, :shard, :questions, clock_timestamp())"
    " ON CONFLICT (chat_id, user_id, thread_id)"
    " DO UPDATE SET questions = excluded.questions, asked = excluded.asked"
)
_CLOSE = text(
    "DELETE FROM open_questions"
    " WHERE chat_id = :chat_id AND user_id = :user_id AND thread_id = :thread_id"
)
_OPEN = text(
    "SELECT chat_id, user_id, thread_id, shard, questions,"
    " extract(epoch FROM clock_timestamp() - asked)::double precision FROM open_questions"
    " WHERE shard = ANY(:shards) ORDER BY asked"
).bindparams(bindparam("shards", type_=NumberArray(SmallInteger())))
_WAITING = text("SELECT count(*) FROM shared_updates WHERE replica_id IS NULL AND ended IS NULL")
_FORGET: tuple[TextClause, ...] = (
    text("DELETE FROM shared_updates WHERE ended < clock_timestamp() - interval '10 minutes'"),
    # The longest-lived question is one of the newcomer's journey: a day.
    text("DELETE FROM open_questions WHERE asked < clock_timestamp() - interval '1 day'"),
)


class SharedUpdatesTable:
    """The table of updates that several replicas share, and that of open questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def carry_out(self, me: int, batch: Batch) -> BatchOutcome:
        """Write a batch in one transaction; an update written down already stays unchanged."""

        def write(connection: Connection) -> BatchOutcome:
            return _write(connection, me, batch)

        return await self._database.write(write)

    async def claim(self, me: int, shards: Collection[int]) -> BatchOutcome:
        """Claim updates of some shards, in a single statement."""
        async with self._database.reading() as connection:
            found = await connection.execute(_CLAIM, _claim(me, shards))
            return BatchOutcome(_in_order(found.all()))

    async def held(self, me: int) -> list[ClaimedUpdate]:
        """Return the updates that a replica has claimed and not ended, in order."""
        async with self._database.reading() as connection:
            found = await connection.execute(_HELD, {"me": me})
            return _in_order(found.all())

    async def open_questions(self, shards: Collection[int]) -> list[AskedQuestion]:
        """Return the open questions in the chats of some shards, the oldest first."""
        async with self._database.reading() as connection:
            found = await connection.execute(_OPEN, {"shards": list(shards)})
            return [AskedQuestion(*row) for row in found]

    async def waiting(self) -> int:
        """Return the number of updates that no replica has claimed yet."""
        async with self._database.reading() as connection:
            return int(await connection.scalar(_WAITING) or 0)

    async def forget_old(self) -> None:
        """Delete answered updates and questions that are too old to matter."""
        async with self._database.writing() as connection:
            for statement in _FORGET:
                await connection.execute(statement)


def _write(connection: Connection, me: int, batch: Batch) -> BatchOutcome:
    if batch.new:
        # Always in the same order, so that two replicas cannot deadlock.
        new = sorted(batch.new, key=lambda each: each.update_id)
        connection.execute(
            _NEW,
            {
                "ids": [each.update_id for each in new],
                "shards": [each.shard for each in new],
                "bodies": [each.body for each in new],
                "ages": [each.age for each in new],
                "begun": [each.begun for each in new],
                "ranks": [each.rank for each in new],
            },
        )
    for statement, ids in (
        (_ENDED, batch.ended),
        (_RELEASED, batch.released),
        (_LEFT, batch.left),
    ):
        if ids:
            connection.execute(statement, {"ids": sorted(ids), "me": me})
    for question in batch.questions:
        connection.execute(_ASK if question.questions else _CLOSE, _values(question))
    begun: frozenset[int] = frozenset()
    if batch.begun:
        found = connection.execute(_BEGUN, {"ids": sorted(batch.begun), "me": me})
        begun = frozenset(found.scalars())
    claimed: list[ClaimedUpdate] = []
    if batch.claim:
        claimed = _in_order(connection.execute(_CLAIM, _claim(me, batch.claim)).all())
    return BatchOutcome(claimed, begun)


def _values(question: AskedQuestion) -> Mapping[str, object]:
    values = question._asdict()
    del values["age"]
    if not question.questions:
        del values["shard"], values["questions"]
    return values


def _claim(me: int, shards: Collection[int]) -> Mapping[str, object]:
    return {"me": me, "shards": list(shards), "most": AT_ONCE}


def _in_order(rows: Sequence[Sequence[object]]) -> list[ClaimedUpdate]:
    return sorted(ClaimedUpdate(*row) for row in rows)  # type: ignore[arg-type]  # as selected
