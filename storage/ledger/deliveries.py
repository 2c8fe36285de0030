"""The ledger: one row for each edition or alert to each subscriber.

`Plans` and `AlertPlans` insert rows. A row is claimed just before its request and settled just
after, many in one short transaction. So a row that a crash leaves in `sending` was in flight.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from storage.db.dataclass_rows import columns_of, reader_of
from storage.db.dialect import by_index
from storage.ledger.alert_plans import AlertPlans
from storage.ledger.delivery_claims import enter
from storage.ledger.merged_editions import EDITIONS
from storage.ledger.outdated_copies import KnownCorrections
from storage.ledger.plans import ASKED_FOR
from storage.ledger.sent_deliveries import SentDeliveries
from storage.ledger.stored_issues import StoredIssues
from storage.model import (
    FIRST_OF_CHANNELS,
    ChatKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Form,
    Layout,
    Settlement,
    State,
    Taste,
)
from storage.readers.preferences import from_spec
from storage.serving.lease import check
from storage.tables.ledger_schema import BY_STATE, deliveries
from storage.tables.reader_schema import subscribers, tastes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from storage.db.database import Database
    from storage.model import SentIssue

UNWANTED = "stopped"
"""The error of a row whose subscriber stopped, paused or left before it was sent."""

CHANNEL = ChatKind.CHANNEL.value
_ELSEWHERE: Mapping[str, ColumnElement[Any]] = {
    "chat_id": subscribers.c.chat_id,
    "thread_id": subscribers.c.thread_id,
    "zone": subscribers.c.zone,
    "empty_note": subscribers.c.empty_note,
    "evening_minute": subscribers.c.evening_minute,
    "silent": case(
        (deliveries.c.kind == DeliveryKind.ALERT.value, subscribers.c.silent_alerts),
        else_=subscribers.c.silent,
    ),
    "public": or_(
        subscribers.c.kind == CHANNEL,
        and_(~subscribers.c.kind_confirmed, subscribers.c.chat_id < FIRST_OF_CHANNELS),
    ),
    "asked": deliveries.c.key.startswith(ASKED_FOR),
}
"""Field of `Delivery` → its column, unless it is the column of the same name of `deliveries`."""
# Faster than to call the enumerations.
_KINDS = {each.value: each for each in DeliveryKind}
_STATES = {each.value: each for each in DeliveryState}
_LAYOUTS = {each.value: each for each in Layout}
_FORMS: dict[str | None, Form | None] = {None: None, **{each.value: each for each in Form}}
_delivery = reader_of(
    Delivery,
    {
        "kind": _KINDS.__getitem__,
        "state": _STATES.__getitem__,
        "layout": _LAYOUTS.__getitem__,
        "form": _FORMS.__getitem__,
    },
)

delivery_of = _delivery
"""Makes a `Delivery` of a row of a query that begins with the columns of `READ`."""

READ = select(
    *columns_of(Delivery, deliveries, _ELSEWHERE),
    deliveries.c.not_before,
    subscribers.c.state.label("whose_state"),
    subscribers.c.paused_until,
).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)

Cursor = tuple["datetime", int]
"""A position in the queue of planned rows: its time and id."""


class WaitingRows(list[Delivery]):
    """Waiting rows to send, waiting rows to drop, and the position after them."""

    __slots__ = ("cursor", "unwanted")

    def __init__(self) -> None:
        super().__init__()
        self.unwanted: list[Delivery] = []
        """Rows to drop: their subscribers have stopped, paused or left since planning."""
        self.cursor: Cursor | None = None
        """The position at which the next reading begins; None if there are no more rows."""


class Deliveries(AlertPlans, SentDeliveries):
    """All methods of the ledger. Its base classes insert rows and report what was sent."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._stored_issues = StoredIssues()
        self._known_corrections = KnownCorrections()

    async def peek(
        self,
        now: datetime,
        *,
        limit: int,
        after: Cursor | None = None,
        kind: DeliveryKind | None = None,
        urgent: bool = False,
    ) -> WaitingRows:
        """Read planned rows that may be sent now, in the order of their times. Change nothing.

        `after` is the cursor of an earlier answer, to read on from. `urgent` gives only alerts, and
        rows that were put off after a first turn.
        """
        query = _queue(self._db.dialect, goes_on=after is not None, kind=kind, urgent=urgent)
        asked: dict[str, Any] = {"now": now, "most": limit}
        if after is not None:
            asked["at"], asked["behind"] = after
        rows = await self._db.rows(query, asked)
        found = WaitingRows()
        for row in rows:
            active = row.whose_state == State.ACTIVE.value and (
                row.paused_until is None or row.paused_until <= now
            )
            (found if active else found.unwanted).append(_delivery(row))
        if len(rows) == limit:
            found.cursor = (rows[-1].not_before, rows[-1].id)
        return found

    async def get(self, delivery_id: int) -> Delivery | None:
        """Return the delivery with this id, or None."""
        query = READ.where(deliveries.c.id == delivery_id)
        row = await self._db.first(query)
        return None if row is None else _delivery(row)

    async def commit(
        self,
        *,
        claim: Collection[int] = (),
        forms: Mapping[int, Form] | None = None,
        settle: Sequence[Settlement] = (),
        shown: Mapping[int, str] | None = None,
        issues: Mapping[int, SentIssue] | None = None,
        unclear: Collection[int] = (),
        now: datetime,
        again: bool = False,
    ) -> frozenset[int]:
        """Claim rows that are about to be sent and settle others, in one transaction.

        Return the ids of the rows claimed: those that were still planned.

        Args:
            forms: The form in which a claimed row is sent, by id, where it has several.
            settle: The results of claimed rows. The state `SENDING` records the number of parts
                sent so far.
            shown: The article ids that settled rows carried, as JSON, by id.
            issues: The stories that settled rows carried, by id.
            unclear: Ids of settled rows with a request that may or may not have been carried out.
            again: Whether an identical commit may already have succeeded, as when the connection
                broke. Then rows already in `sending` also count as claimed.
        """
        return await enter(
            self._db,
            claim=claim,
            forms=forms or {},
            settle=settle,
            shown=shown or {},
            issues=issues or {},
            stored_issues=self._stored_issues,
            known_corrections=self._known_corrections,
            unclear=set(unclear),
            now=now,
            again=again,
        )

    async def recover(self) -> int:
        """Plan again the rows that a dead process left in flight; return how many.

        Call it once, before sending. Each of these rows may have arrived or not, so it is sent once
        more. Parts that are known to have arrived are not sent again.
        """
        again = (
            update(deliveries)
            .where(deliveries.c.state == DeliveryState.SENDING.value)
            .values(state=DeliveryState.PLANNED.value, attempts=deliveries.c.attempts + 1)
        )

        def write(connection: Connection) -> int:
            check(connection, self._db.fence)
            return connection.execute(again).rowcount

        return await self._db.write(write)

    async def next_time(
        self, after: datetime | None = None, *, kind: DeliveryKind | None = None
    ) -> datetime | None:
        """Return when the next planned row may be sent, or None if none waits.

        Only rows that must wait longer than `after` count.
        """
        query = by_index(select(func.min(deliveries.c.not_before)), deliveries, *BY_STATE).where(
            deliveries.c.state == DeliveryState.PLANNED.value
        )
        if after is not None:
            query = query.where(deliveries.c.not_before > after)
        if kind is not None:
            query = query.where(deliveries.c.kind == kind.value)
        return await self._db.scalar(query)

    async def note_form(self, delivery_id: int, form: Form) -> None:
        """Record the form to which a reader changed a sent edition by a button."""
        changed = update(deliveries).where(deliveries.c.id == delivery_id).values(form=form.value)
        await self._db.execute(changed)

    async def sent_as(self, subscriber_id: int, message_id: int) -> Delivery | None:
        """Return the edition that this message is a part of, or None if no row records it."""
        query = (
            select(deliveries.c.id, deliveries.c.message_ids)
            .where(
                deliveries.c.subscriber_id == subscriber_id,
                deliveries.c.kind.in_(EDITIONS),
                deliveries.c.message_ids.like(f"%{message_id}%"),
            )
            .order_by(deliveries.c.due.desc())
        )
        rows = await self._db.rows(query)
        found = next((row.id for row in rows if message_id in json.loads(row.message_ids)), None)
        return None if found is None else await self.get(found)

    async def next_editions(self, delivery_ids: Collection[int]) -> dict[int, datetime]:
        """Return when each row's subscriber is due next, by row id; rows without are left out."""
        query = (
            select(deliveries.c.id, subscribers.c.next_at)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(deliveries.c.id.in_(list(delivery_ids)), subscribers.c.next_at.is_not(None))
        )
        rows = await self._db.rows(query)
        return {row.id: row.next_at for row in rows}

    async def tastes(self, keys: Collection[str]) -> dict[str, Taste]:
        """Return the tastes with these keys, by key; unknown keys are left out."""
        query = select(tastes.c.key, tastes.c.spec).where(tastes.c.key.in_(list(keys)))
        rows = await self._db.rows(query)
        return {key: from_spec(spec) for key, spec in rows}


@cache
def _queue(
    dialect: str,
    *,
    goes_on: bool,
    kind: DeliveryKind | None,
    urgent: bool,
) -> Select[Any]:
    """Return the query of `Deliveries.peek`; it is built once, as a fan-out runs it very often."""
    apart = dialect == "postgresql"
    # PostgreSQL cannot tell how many rows follow a cursor. Beside another table it might sort all.
    table = deliveries.alias("waiting") if apart else deliveries
    row, order = table.c, (table.c.not_before, table.c.id)
    query = select(row.id) if apart else by_index(READ, deliveries, *BY_STATE)
    query = query.where(
        # Written as in the index: PostgreSQL could not match a parameter with it.
        row.state == literal_column(f"'{DeliveryState.PLANNED.value}'"),
        row.not_before <= bindparam("now", type_=row.not_before.type),
    )
    if goes_on:
        at = bindparam("at", type_=row.not_before.type)
        behind = bindparam("behind", type_=row.id.type)
        # The index can seek to the time.
        query = query.where(row.not_before >= at, tuple_(*order) > tuple_(at, behind))
    if kind is not None:
        query = query.where(row.kind == kind.value)
    if urgent:
        query = query.where(or_(row.kind == DeliveryKind.ALERT.value, row.not_before > row.due))
    query = query.order_by(*order).limit(bindparam("most", type_=Integer))
    if not apart:
        return query
    return READ.where(deliveries.c.id.in_(query)).order_by(deliveries.c.not_before, deliveries.c.id)
