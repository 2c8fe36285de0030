"""Updates of Telegram's that were fetched and wait for their turn, over restarts.

Telegram hands an update out once. Those that wait are written down before more are fetched, and
at a stop; each is struck off before its answer is begun, so that none is answered twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.db.dialect import insert_new
from storage.tables.schema import waiting_updates

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database


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

    async def change(
        self, keep: Sequence[WaitingUpdate] = (), strike_off: Collection[int] = ()
    ) -> None:
        """Write updates down and forget others, in one transaction.

        Args:
            keep: Those to write down; one that is there already stays as it is.
            strike_off: The numbers of those that are answered from here on, or will not be.

        Raises:
            DatabaseUnavailableError: The database cannot be written just now.
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
            await self._db.at_once(write)

    async def all(self) -> list[WaitingUpdate]:
        """All that wait, in the order in which they came."""
        query = select(
            waiting_updates.c.update_id, waiting_updates.c.body, waiting_updates.c.fetched
        ).order_by(waiting_updates.c.fetched, waiting_updates.c.update_id)
        async with self._db.read() as connection:
            return [WaitingUpdate(*row) for row in await connection.execute(query)]
