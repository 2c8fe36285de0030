"""The rows that say which replica holds each shard, of chats and of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import bindparam, text
from sqlalchemy.types import SmallInteger

from storage.db.dialect import NumberArray
from storage.replicas.spread import SHARDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

ShardTable = Literal["shards", "host_shards"]
TABLES: tuple[ShardTable, ...] = ("shards", "host_shards")

_THESE = bindparam("shards", type_=NumberArray(SmallInteger()))
_TAKE = {
    table: text(
        f"UPDATE {table} SET replica_id = :me WHERE shard = ANY(:shards) AND replica_id IS NULL"  # noqa: S608 - a fixed name
        " AND EXISTS (SELECT 1 FROM replicas WHERE id = :me) RETURNING shard"
    ).bindparams(_THESE)
    for table in TABLES
}
_GIVE = {
    table: text(
        f"UPDATE {table} SET replica_id = NULL WHERE shard = ANY(:shards) AND replica_id = :me"  # noqa: S608 - a fixed name
    ).bindparams(_THESE)
    for table in TABLES
}


_ADD = tuple(
    text(f"INSERT INTO {table} (shard) SELECT generate_series(0, :last) ON CONFLICT DO NOTHING")
    for table in TABLES
)


def add_all(connection: Connection) -> None:
    """Add the rows of all shards that are missing."""
    for statement in _ADD:
        connection.execute(statement, {"last": SHARDS - 1})


def take(
    connection: Connection, table: ShardTable, me: int, shards: Collection[int]
) -> frozenset[int]:
    """Take shards that no replica holds. Return those that were taken.

    Raises:
        IntegrityError: Others have removed this replica.
    """
    taken = connection.execute(_TAKE[table], {"me": me, "shards": list(shards)})
    return frozenset(taken.scalars())


def give(connection: Connection, table: ShardTable, me: int, shards: Collection[int]) -> None:
    """Give shards back, if this replica holds them."""
    connection.execute(_GIVE[table], {"me": me, "shards": list(shards)})
