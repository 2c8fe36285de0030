"""Editions that were not sent before the next one was planned, and go into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from storage.ledger import delivery_counters
from storage.model import DeliveryKind, DeliveryState
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

EDITIONS = (DeliveryKind.EDITION.value, DeliveryKind.CATCH_UP.value)
MERGED = "merged"
"""The error of a row whose articles moved to a later edition of the same subscriber."""


def merge(
    connection: Connection,
    keys: Mapping[int, tuple[str, int]],
    now: datetime,
    *,
    since: datetime,
    catch_up: bool,
) -> None:
    """Merge waiting editions into new ones, which then begin where the old ones began.

    Only an edition that reaches up to the new one is merged. If another edition was sent in
    between, both stay separate; otherwise its articles would be sent again.

    Args:
        keys: Each subscriber's new edition: its key and the place where it begins so far.
        since: The oldest due time of a waiting edition.
        catch_up: Whether an edition that absorbs another becomes a catch-up.
    """
    if not keys:
        return
    rows = connection.execute(
        select(
            deliveries.c.subscriber_id,
            deliveries.c.id,
            deliveries.c.key,
            deliveries.c.place_from,
            deliveries.c.place_to,
            deliveries.c.since,
        )
        .where(
            deliveries.c.subscriber_id.in_(list(keys)),
            deliveries.c.due >= since,
            # An expression keeps the index on states unused: only the subscriber's few rows are
            # read.
            deliveries.c.state.concat("") == DeliveryState.PLANNED.value,
            deliveries.c.kind.in_(EDITIONS),
            deliveries.c.part == 0,
        )
        .order_by(deliveries.c.place_to.desc(), deliveries.c.place_from.desc())
    )
    begins: dict[int, tuple[int, datetime | None]] = {}
    swallowed: list[int] = []
    for row in rows:
        key, start = keys[row.subscriber_id]
        if row.key != key and row.place_to == begins.get(row.subscriber_id, (start,))[0]:
            begins[row.subscriber_id] = (row.place_from, row.since)
            swallowed.append(row.id)
    if not swallowed:
        return
    kind = {"kind": DeliveryKind.CATCH_UP.value} if catch_up else {}
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.subscriber_id == bindparam("whose"),
            deliveries.c.key == bindparam("which"),
        )
        .values(place_from=bindparam("start"), since=bindparam("start_at"), **kind),
        [
            {"whose": id_, "which": keys[id_][0], "start": start, "start_at": since}
            for id_, (start, since) in begins.items()
        ],
    )
    ended = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(swallowed),
            deliveries.c.state.concat("") == DeliveryState.PLANNED.value,
        )
        .values(state=DeliveryState.SKIPPED.value, settled=now, error=MERGED)
        .returning(*(deliveries.c[name] for name in delivery_counters.COLUMNS))
    )
    delivery_counters.record(connection, ended.all())
