"""Short notes that the program leaves itself in the archive, over restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from storage.tables.schema import meta

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database


class KeyValue:
    """Texts by key."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """The note of this key; None when there is none."""
        return await self._db.look(lambda connection: connection.scalar(_NOTE, {"note": key}))

    async def put(self, key: str, value: str) -> None:
        """Leave a note in the place of the one before."""

        def write(connection: Connection) -> None:
            connection.execute(_REMOVE, {"note": key})
            connection.execute(_ADD, {"key": key, "value": value})

        await self._db.at_once(write)


# Made once: every round that brings something leaves a note.
_NOTE = select(meta.c.value).where(meta.c.key == bindparam("note"))
_REMOVE = delete(meta).where(meta.c.key == bindparam("note"))
_ADD = insert(meta)
