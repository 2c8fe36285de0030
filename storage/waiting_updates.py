"""Updates of Telegram's that were fetched and wait for their turn, over restarts.

Telegram hands an update out once. Those that wait are written down before more are fetched, and
at a stop; each is struck off before its answer is begun, so that none is answered twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.dialect import insert_new
from storage.schema import waiting_updates

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from storage.database import Database


@dataclass(frozen=True, slots=True)
class WaitingUpdate:
    """An update as Telegram wrote it.

    Attributes:
        update_id: Telegram's number of it.
        body: The update in JSON.
        fetched: When it came.
    """

    update_id: int
    body: str
    fetched: datetime


class WaitingUpdates:
    """The table of updates that wait."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def keep(self, updates: Sequence[WaitingUpdate]) -> None:
        """Write updates down; those that are there already stay as they are."""
        if not updates:
            return
        rows = [
            {"update_id": each.update_id, "body": each.body, "fetched": each.fetched}
            for each in updates
        ]
        async with self._db.write() as connection:
            await connection.execute(insert_new(waiting_updates, self._db.dialect), rows)

    async def strike_off(self, update_ids: Collection[int]) -> None:
        """Forget updates: they are answered from here on, or will not be."""
        if not update_ids:
            return
        async with self._db.write() as connection:
            await connection.execute(
                delete(waiting_updates).where(waiting_updates.c.update_id.in_(update_ids))
            )

    async def all(self) -> list[WaitingUpdate]:
        """All that wait, in the order in which they came."""
        query = select(
            waiting_updates.c.update_id, waiting_updates.c.body, waiting_updates.c.fetched
        ).order_by(waiting_updates.c.fetched, waiting_updates.c.update_id)
        async with self._db.read() as connection:
            return [WaitingUpdate(*row) for row in await connection.execute(query)]
