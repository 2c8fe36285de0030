"""A ledger of one reader, written row by row."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from storage.ledger.deliveries import Deliveries
from storage.model import DeliveryKind, DeliveryState, Settlement
from storage.readers.subscribers import Subscribers
from storage.tables.ledger_schema import deliveries
from tests.plugins.archive import FIRST, registered

if TYPE_CHECKING:
    from storage.db.database import Database


class Book:
    """A ledger of one reader, whose rows a test writes directly."""

    def __init__(self, db: Database, subscriber_id: int, taste_key: str) -> None:
        self.db = db
        self.subscriber_id = subscriber_id
        self.taste_key = taste_key
        self.written = 0

    async def row(
        self,
        *,
        state: DeliveryState = DeliveryState.SENT,
        kind: DeliveryKind = DeliveryKind.EDITION,
        minutes: int = 0,
        after: float | None = 1,
        **values: Any,  # noqa: ANN401 - columns
    ) -> None:
        """Write a row due some minutes after `FIRST`, settled `after` seconds later."""
        self.written += 1
        due = FIRST + timedelta(minutes=minutes)
        open_ = state in {DeliveryState.PLANNED, DeliveryState.SENDING}
        row = {
            "subscriber_id": self.subscriber_id,
            "key": str(self.written),
            "kind": kind.value,
            "due": due,
            "state": (state if open_ else DeliveryState.SENDING).value,
            "place_from": 0,
            "place_to": 0,
            "taste_key": self.taste_key,
            "language": "en",
            "layout": "summaries",
            **values,
        }
        async with self.db.writing() as connection:
            result = await connection.execute(insert(deliveries).values(row))
        if not open_ and after is not None and result.inserted_primary_key is not None:
            settlement = Settlement(
                result.inserted_primary_key[0],
                state,
                part=values.get("part", 0),
                error=values.get("error"),
            )
            moment = due + timedelta(seconds=after)
            await Deliveries(self.db).commit(settle=[settlement], now=moment)


async def book(db: Database) -> Book:
    reader = await registered(Subscribers(db), 4242, FIRST)
    return Book(db, reader.id, "none")
