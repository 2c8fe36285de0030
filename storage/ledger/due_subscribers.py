"""Queries for planning: which subscribers are due, and which have their edition already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from storage.model import State
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from storage.db.database import Database

_ACTIVE = subscribers.c.state == State.ACTIVE.value
_DUE = select(
    subscribers.c.id,
    subscribers.c.zone,
    subscribers.c.digest_minute,
    subscribers.c.days,
    subscribers.c.paused_until,
    subscribers.c.next_at,
    subscribers.c.evening_minute,
    subscribers.c.place,
).where(_ACTIVE)


def due_now(
    now: datetime,
    limit: int,
    turned: bool,  # noqa: FBT001  # it has a single caller
    early: datetime | None,
) -> Select[Any]:
    """Return a query for subscribers that are due, the longest due first, locking their rows.

    `turned` reads the index backwards: the latest due first. With `early`, those due exactly at
    this later time and not paused now are selected instead.
    """
    order = (subscribers.c.next_at, subscribers.c.id)
    chosen = (
        _DUE.where(subscribers.c.next_at <= now)
        if early is None
        else _DUE.where(subscribers.c.next_at == early, _unpaused(now))
    )
    ordered = chosen.order_by(*(each.desc() if turned else each for each in order))
    return ordered.limit(limit).with_for_update()


async def due_later(database: Database, after: datetime, until: datetime) -> dict[datetime, int]:
    """Return the number of editions by due time, for `after` < due <= `until`, in order."""
    query = (
        select(subscribers.c.next_at, func.count())
        .where(
            subscribers.c.next_at > after,
            subscribers.c.next_at <= until,
            _ACTIVE,
            _unpaused(after),
        )
        .group_by(subscribers.c.next_at)
        .order_by(subscribers.c.next_at)
    )
    rows = await database.rows(query)
    return {row[0]: int(row[1]) for row in rows}


def last_row(connection: Connection) -> int:
    """Return the greatest id in the ledger, or 0."""
    return int(connection.execute(select(func.max(deliveries.c.id))).scalar() or 0)


def planned_behind(
    connection: Connection, last: int, key: str, subscriber_ids: Collection[int]
) -> set[int]:
    """Return which of these subscribers have a row with this key and an id above `last`."""
    query = select(deliveries.c.subscriber_id).where(
        deliveries.c.subscriber_id.in_(subscriber_ids),
        deliveries.c.key == key,
        deliveries.c.id > last,
    )
    return set(connection.execute(query).scalars())


def _unpaused(now: datetime) -> ColumnElement[bool]:
    return or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= now)
