"""The planning of editions in the ledger: for due subscribers, and for `/digest`.

Each plan is one transaction that also moves the subscriber's place in the archive. So, whatever
happens next, an article is in exactly one plan for each subscriber. Only one such transaction runs
at a time, since each starts where the last one ended.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, literal, select, update

from storage.db.changes import ChangeTopic, note_change
from storage.db.dialect import AdvisoryLock, by_index, insert_new, take_turns
from storage.ledger.due_subscribers import due_later, due_now, last_row, planned_behind
from storage.ledger.merged_editions import EDITIONS, merge
from storage.model import DeliveryKind, DeliveryState
from storage.tables.ledger_schema import BY_STATE, deliveries
from storage.tables.reader_schema import subscribers
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Connection, Select

    from storage.db.database import Database

YEAR = timedelta(days=366)
CHUNK = 1_000
"""Subscribers planned in one transaction: few enough to let other writers in between."""

ON_ITS_WAY = (DeliveryState.PLANNED.value, DeliveryState.SENDING.value, DeliveryState.SENT.value)
"""The states of deliveries that a subscriber has received or will receive."""
ASKED_FOR = "now:"
"""Prefix of the key of an edition that a reader asked for."""
COLUMNS = (
    "subscriber_id",
    "key",
    "kind",
    "due",
    "state",
    "place_from",
    "place_to",
    "taste_key",
    "language",
    "layout",
    "not_before",
    "since",
)


@dataclass(frozen=True, slots=True)
class DueGroup:
    """The shared settings of subscribers for whom the same is decided."""

    zone: str
    digest_minute: int
    days: int
    paused_until: datetime | None
    next_at: datetime
    evening_minute: int | None = None


@dataclass(frozen=True, slots=True)
class DueDecision:
    """The decision about a group of due subscribers."""

    next_at: datetime
    """When the group's subscribers are due next."""
    due: datetime | None
    """The due time of the edition to plan now; None to plan none, as in a pause."""
    catch_up: bool = False


def key_of(moment: datetime) -> str:
    """Return the ledger key of an edition: its due time in UTC."""
    return moment.astimezone(UTC).isoformat()


class Plans:
    """The ledger's methods for planning editions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def plan(
        self,
        now: datetime,
        decide: Callable[[DueGroup], DueDecision],
        *,
        limit: int = CHUNK,
        waiting_since: datetime | None = None,
        turned: bool = False,
        early: datetime | None = None,
    ) -> tuple[int, int]:
        """Plan editions for up to `limit` due subscribers, the longest due first.

        An edition that still waits to be sent is merged into the new one. Return the number of due
        subscribers and of editions planned. Fewer due than `limit` means that no others are due.

        Args:
            decide: Called once for each group; must be pure.
            waiting_since: The result of the method `waiting_since` before the first call; None to
                merge nothing.
            turned: Whether to plan in reverse order, the latest due first.
            early: If given, plan instead those due exactly at this later time, to be sent from now
                on. Subscribers paused now are left for that time.
        """

        def write(connection: Connection) -> tuple[int, int]:
            one_at_a_time(connection)
            due = connection.execute(due_now(now, limit, turned, early)).all()
            if not due:
                return 0, 0
            groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
            places: dict[int, int] = {}
            for id_, *group, place in due:
                groups[tuple(group)].append(id_)
                places[id_] = place
            decisions: dict[DueDecision, list[int]] = defaultdict(list)
            for shared, ids in groups.items():
                decisions[decide(DueGroup(*shared))].extend(ids)
            newest = _newest(connection)
            planned = 0
            keys: dict[int, tuple[str, int]] = {}
            at = {row.id: number for number, row in enumerate(due)}
            # Ordered by their first subscriber, or by their last one in reverse order.
            first = max if turned else min
            for decision, ids in sorted(
                decisions.items(), key=lambda each: first(at[id_] for id_ in each[1])
            ):
                moved: dict[str, Any] = {"next_at": decision.next_at}
                if decision.due is not None:
                    kind = DeliveryKind.CATCH_UP if decision.catch_up else DeliveryKind.EDITION
                    last = last_row(connection)
                    rows = rows_for(
                        kind,
                        decision.due,
                        newest,
                        not_before=None if early is None else now,
                        turned=turned,
                    )
                    inserted = self.insert_rows(connection, rows.where(subscribers.c.id.in_(ids)))
                    planned += inserted
                    key = key_of(decision.due)
                    if inserted < len(ids):
                        # Subscribers who had this edition already get nothing new, and their next
                        # edition begins where it ended.
                        had = set(ids) - planned_behind(connection, last, key, ids)
                        connection.execute(
                            update(subscribers).where(subscribers.c.id.in_(had)).values(moved)
                        )
                        ids = [id_ for id_ in ids if id_ not in had]  # noqa: PLW2901
                    moved["place"] = _at_least(newest)
                    moved["edition_at"] = decision.due
                    keys.update((id_, (key, places[id_])) for id_ in ids)
                connection.execute(
                    update(subscribers).where(subscribers.c.id.in_(ids)).values(moved)
                )
            if waiting_since is not None:
                merge(connection, keys, now, since=waiting_since, catch_up=True)
            return len(due), planned

        return await self._db.write(write)

    async def due_later(self, after: datetime, until: datetime) -> dict[datetime, int]:
        """Return the number of editions by due time, for `after` < due <= `until`, in order."""
        return await due_later(self._db, after, until)

    async def waiting_since(self) -> datetime | None:
        """Return the oldest due time of an edition that waits to be sent, or None."""
        query = by_index(select(func.min(deliveries.c.due)), deliveries, *BY_STATE).where(
            deliveries.c.state == DeliveryState.PLANNED.value, deliveries.c.kind.in_(EDITIONS)
        )
        return await self._db.scalar(query)

    async def plan_now(
        self, subscriber_id: int, now: datetime, *, hold: datetime, read: int | None = None
    ) -> int:
        """Plan an edition that a reader asked for, merging one that still waits; return its id.

        Until `hold` only the caller sends the row, so that it can deliver at once. The edition
        leaves out `read`, an article just read. LookupError if no subscriber has this id.
        """
        key = f"{ASKED_FOR}{now.astimezone(UTC).isoformat(timespec='microseconds')}"

        def write(connection: Connection) -> int:
            one_at_a_time(connection)
            newest = _newest(connection)
            self.insert_rows(
                connection,
                rows_for(DeliveryKind.EDITION, now, newest, key=key, not_before=hold)
                .add_columns(literal(read, deliveries.c.article_id.type))
                .where(subscribers.c.id == subscriber_id),
                "article_id",
            )
            connection.execute(
                update(subscribers)
                .where(subscribers.c.id == subscriber_id)
                .values(place=_at_least(newest), edition_at=now)
            )
            self.wake_sender(connection)  # it sends the row if this process is held up
            found = connection.execute(
                select(deliveries.c.id, deliveries.c.place_from).where(
                    deliveries.c.subscriber_id == subscriber_id, deliveries.c.key == key
                )
            ).first()
            if found is None:
                raise LookupError(f"no subscriber has the id {subscriber_id}")
            keys = {subscriber_id: (key, found.place_from)}
            merge(connection, keys, now, since=now - YEAR, catch_up=False)
            return int(found.id)

        return await self._db.write(write)

    def wake_sender(self, connection: Connection) -> None:
        """Let the process that sends know of new rows, unless it is this one."""
        if self._db.fence is None:
            note_change(connection, ChangeTopic.LEDGER)

    async def plan_late(self, delivery_ids: Collection[int], now: datetime) -> None:
        """Turn unsent editions of a past day into catch-ups with all articles up to now."""
        ids = list(delivery_ids)
        place = (
            select(subscribers.c.place)
            .where(subscribers.c.id == deliveries.c.subscriber_id)
            .scalar_subquery()
        )

        def write(connection: Connection) -> None:
            one_at_a_time(connection)
            newest = _newest(connection)
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id.in_(ids),
                    # An expression keeps the index on states unused: only these rows are read.
                    deliveries.c.state.concat("") == DeliveryState.PLANNED.value,
                )
                .values(
                    kind=DeliveryKind.CATCH_UP.value,
                    due=now,
                    # Only a subscriber's latest plan may grow: the next one begins at its end.
                    place_to=case(
                        (place == deliveries.c.place_to, newest), else_=deliveries.c.place_to
                    ),
                )
            )
            connection.execute(
                update(subscribers)
                .where(
                    subscribers.c.place <= newest,
                    subscribers.c.id.in_(
                        select(deliveries.c.subscriber_id).where(
                            deliveries.c.id.in_(ids), deliveries.c.place_to == newest
                        )
                    ),
                )
                .values(place=newest, edition_at=now)
            )

        await self._db.write(write)

    def insert_rows(self, connection: Connection, chosen: Select[Any], *more: str) -> int:
        """Insert the rows of a query, skipping keys that a subscriber has; return how many.

        `chosen` selects the values of `COLUMNS` and of `more`, the names of further columns.
        """
        result = connection.execute(
            insert_new(deliveries, self._db.dialect).from_select([*COLUMNS, *more], chosen)
        )
        return result.rowcount


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other transaction plans, and keep others waiting until this one ends.

    On PostgreSQL a statement that waited for a row continues with the values it read before.
    """
    take_turns(connection, AdvisoryLock.PLANS)


def _at_least(newest: int) -> Any:  # noqa: ANN401  # an SQL expression
    """Return an SQL expression for a subscriber's place: `newest`, unless it is already greater."""
    return case((subscribers.c.place < newest, newest), else_=subscribers.c.place)


def rows_for(
    kind: DeliveryKind,
    due: datetime,
    newest: int,
    *,
    key: str | None = None,
    not_before: datetime | None = None,
    turned: bool = False,
) -> Select[Any]:
    """Return a query for new ledger rows with `COLUMNS`; the caller restricts the subscribers.

    The edition ends at `newest`. `key` and `not_before`, when the row may be sent, are by default
    the due time. `turned` orders by descending subscriber id.
    """
    utc = deliveries.c.due.type
    rows = select(
        subscribers.c.id,
        literal(key or key_of(due)),
        literal(kind.value),
        literal(due, utc),
        literal(DeliveryState.PLANNED.value),
        subscribers.c.place,
        _at_least(newest),
        subscribers.c.taste_key,
        subscribers.c.language,
        subscribers.c.layout,
        literal(not_before or due, utc),
        subscribers.c.edition_at,
    )
    return rows.order_by(subscribers.c.id.desc() if turned else subscribers.c.id)


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.max(articles.c.id))).scalar() or 0)
