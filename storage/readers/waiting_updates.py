"""Telegram updates that were fetched and wait for processing, kept over restarts.

Telegram delivers an update once. Waiting updates are stored before more are fetched, and at a stop.
Each is deleted before its answer begins, so that none is answered twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.db.dataclass_rows import columns_of
from storage.db.dialect import insert_new
from storage.tables.schema import waiting_updates

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database


@dataclass(frozen=True, slots=True)
class WaitingUpdate:
    """An update as Telegram sent it, as JSON, and when it was fetched."""

    update_id: int
    body: str
    fetched: datetime


class WaitingUpdates:
    """The table of waiting updates."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def change(
        self, keep: Sequence[WaitingUpdate] = (), strike_off: Collection[int] = ()
    ) -> None:
        """Store some updates and delete others, in one transaction.

        One that is stored already stays unchanged. Those to strike off are being answered now, or
        never will be.
        """
        rows = [
            {"update_id": each.update_id, "body": each.body, "fetched": each.fetched}
            for each in keep
        ]

        def write(connection: Connection) -> None:
            if rows:
                connection.execute(insert_new(waiting_updates, self._db.dialect), rows)
            if strike_off:
                connection.execute(
                    delete(waiting_updates).where(waiting_updates.c.update_id.in_(strike_off))
                )

        if rows or strike_off:
            await self._db.write(write)

    async def all(self) -> list[WaitingUpdate]:
        """Return all waiting updates in the order of fetching."""
        query = select(*columns_of(WaitingUpdate, waiting_updates)).order_by(
            waiting_updates.c.fetched, waiting_updates.c.update_id
        )
        rows = await self._db.rows(query)
        return [WaitingUpdate(*row) for row in rows]
