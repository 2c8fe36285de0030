"""When each editor was last notified of articles that wait for approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from storage.tables.approval_schema import desk_notices

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database


class Notice(NamedTuple):
    """The last notice to an editor."""

    notified: datetime
    newest: int
    """The number of the newest waiting article at that time."""


class Notices:
    """The last notice to each editor."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> dict[int, Notice]:
        """Return person → the last notice to that person."""
        rows = await self._db.read(
            lambda connection: connection.execute(select(desk_notices)).all()
        )
        return {row.person_id: Notice(row.notified, row.newest) for row in rows}

    async def put(self, person_id: int, notice: Notice) -> None:
        """Record a notice in place of the person's last one."""

        def write(connection: Connection) -> None:
            connection.execute(delete(desk_notices).where(desk_notices.c.person_id == person_id))
            connection.execute(
                insert(desk_notices).values(
                    person_id=person_id, notified=notice.notified, newest=notice.newest
                )
            )

        await self._db.write(write)

    async def drop(self, people: Collection[int]) -> None:
        """Delete the records of people who are no editors any more."""
        gone = delete(desk_notices).where(desk_notices.c.person_id.in_(people))
        await self._db.write(lambda connection: connection.execute(gone))
