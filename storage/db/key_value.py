"""Short texts that the program stores in the archive for its next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage.db.dialect import insert_or_update
from storage.tables.schema import meta

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database


class KeyValue:
    """A store of texts by key."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """Return the text with this key, or None."""
        return await self._db.scalar(_NOTE, {"note": key})

    async def put(self, key: str, value: str) -> None:
        """Store a text, replacing the one with the same key."""
        await self._db.write(lambda connection: put_in(connection, key, value))


def put_in(connection: Connection, key: str, value: str) -> None:
    """Store a text in a transaction, replacing the one with the same key."""
    connection.execute(_PUT[connection.dialect.name], {"key": key, "value": value})


# Built once, because every batch of news writes a note.
_NOTE = select(meta.c.value).where(meta.c.key == bindparam("note"))
# One statement, because two processes may store a new key at the same moment.
_PUT = {dialect: insert_or_update(meta, dialect, "value") for dialect in ("sqlite", "postgresql")}
