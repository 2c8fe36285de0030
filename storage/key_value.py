"""Short notes that the program leaves itself in the archive, over restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from storage.schema import meta

if TYPE_CHECKING:
    from storage.database import Database


class KeyValue:
    """Texts by key."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """The note of this key; None when there is none."""
        async with self._db.read() as connection:
            found: str | None = await connection.scalar(
                select(meta.c.value).where(meta.c.key == key)
            )
        return found

    async def put(self, key: str, value: str) -> None:
        """Leave a note in the place of the one before."""
        async with self._db.write() as connection:
            await connection.execute(delete(meta).where(meta.c.key == key))
            await connection.execute(insert(meta).values(key=key, value=value))
