"""How editions come into the ledger: from due subscribers, and from `/digest`.

Each way is one transaction that also moves the subscriber's place in the archive, so whatever
happens next, no article is in two plans for the same subscriber and none falls between two. Of
these transactions there is one at a time, since each begins where another ended.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal, select, text, update

from storage.db.dialect import AdvisoryLock, by_index, insert_new
from storage.ledger import delivery_counters
from storage.ledger.due_subscribers import due_later, due_now, last_row, planned_behind
from storage.model import DeliveryKind, DeliveryState
from storage.tables.ledger_schema import BY_STATE
from storage.tables.schema import articles, deliveries, subscribers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database

YEAR = timedelta(days=366)
CHUNK = 1_000
"""Subscribers planned in one transaction: small enough that other writers get in between."""

EDITIONS = (DeliveryKind.EDITION.value, DeliveryKind.CATCH_UP.value)
ON_ITS_WAY = (DeliveryState.PLANNED.value, DeliveryState.SENDING.value, DeliveryState.SENT.value)
"""The states of what a subscriber has had, or is going to have."""
ASKED_FOR = "now:"
"""How the key of an edition begins that a reader asked for."""
MERGED = "merged"
"""The error of a row whose articles went into a later edition of the same subscriber."""

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
    """Subscribers that are due alike."""

    zone: str
    digest_minute: int
    days: int
    paused_until: datetime | None
    next_at: datetime
    evening_minute: int | None = None


@dataclass(frozen=True, slots=True)
class DueDecision:
    """What becomes of subscribers that are due."""

    next_at: datetime
    """Their next time."""
    due: datetime | None
    """The due time of the edition to plan now; None for none, as in a pause."""
    catch_up: bool = False


def key_of(moment: datetime) -> str:
    """The key of an edition: its due time."""
    return moment.astimezone(UTC).isoformat()


class Plans:
    """The ledger, as those see it who plan."""

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
        """Plan editions for up to `limit` of those that are due, the longest due first.

        An edition that still waits to be sent becomes part of the new one.

        Args:
            now: This moment.
            decide: Is asked once for each group; must be pure.
            limit: How many at most.
            waiting_since: What `waiting_since` said before the first call.
            turned: Whether those come first who come last otherwise; where not all are asked for,
                the latest due are then first.
            early: Instead of those that are due, plan those that will be at this moment, to be sent
                from now on; who is paused now is left for then.

        Returns:
            How many subscribers were due, and how many editions were planned. Fewer due than
            `limit` means that nobody else is.
        """
        async with self._db.write() as connection:
            await connection.run_sync(one_at_a_time)
            due = (await connection.execute(due_now(now, limit, turned, early))).all()
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
            newest = await _newest(connection)
            planned = 0
            keys: dict[int, tuple[str, int]] = {}
            at = {row.id: number for number, row in enumerate(due)}
            # By their first subscriber; the other way round by the last, so that all is turned.
            first = max if turned else min
            for decision, ids in sorted(
                decisions.items(), key=lambda each: first(at[id_] for id_ in each[1])
            ):
                moved: dict[str, Any] = {"next_at": decision.next_at}
                if decision.due is not None:
                    kind = DeliveryKind.CATCH_UP if decision.catch_up else DeliveryKind.EDITION
                    last = await last_row(connection)
                    rows = rows_for(
                        kind,
                        decision.due,
                        newest,
                        not_before=None if early is None else now,
                        turned=turned,
                    )
                    inserted = await self.insert_rows(
                        connection, rows.where(subscribers.c.id.in_(ids))
                    )
                    planned += inserted
                    key = key_of(decision.due)
                    if inserted < len(ids):
                        # Who had this very edition already has nothing new planned, and their next
                        # one begins where that ended.
                        had = set(ids) - await planned_behind(connection, last, key, ids)
                        await connection.execute(
                            update(subscribers).where(subscribers.c.id.in_(had)).values(moved)
                        )
                        ids = [id_ for id_ in ids if id_ not in had]  # noqa: PLW2901
                    moved["place"] = _at_least(newest)
                    moved["edition_at"] = decision.due
                    keys.update((id_, (key, places[id_])) for id_ in ids)
                await connection.execute(
                    update(subscribers).where(subscribers.c.id.in_(ids)).values(moved)
                )
            if waiting_since is not None:
                await _merge(connection, keys, now, since=waiting_since, catch_up=True)
        return len(due), planned

    async def due_later(self, after: datetime, until: datetime) -> dict[datetime, int]:
        """When editions are due in `after` < due <= `until` → how many, the first first."""
        return await due_later(self._db, after, until)

    async def waiting_since(self) -> datetime | None:
        """The oldest due time of an edition that waits to be sent; None when none waits."""
        query = by_index(select(func.min(deliveries.c.due)), deliveries, *BY_STATE).where(
            deliveries.c.state == DeliveryState.PLANNED.value, deliveries.c.kind.in_(EDITIONS)
        )
        async with self._db.read() as connection:
            moment: datetime | None = (await connection.execute(query)).scalar()
            return moment

    async def plan_now(
        self, subscriber_id: int, now: datetime, *, hold: datetime, read: int | None = None
    ) -> int:
        """Plan an edition that a reader asked for; one that still waits becomes part of it.

        Nobody else takes the row before `hold`, so that whoever asked can deliver it at once.
        `read` is an article that they have just read, which it leaves out.

        Returns:
            The delivery's id.

        Raises:
            LookupError: There is no such subscriber.
        """
        key = f"{ASKED_FOR}{now.astimezone(UTC).isoformat(timespec='microseconds')}"
        async with self._db.write() as connection:
            await connection.run_sync(one_at_a_time)
            newest = await _newest(connection)
            await self.insert_rows(
                connection,
                rows_for(DeliveryKind.EDITION, now, newest, key=key, not_before=hold)
                .add_columns(literal(read, deliveries.c.article_id.type))
                .where(subscribers.c.id == subscriber_id),
                "article_id",
            )
            await connection.execute(
                update(subscribers)
                .where(subscribers.c.id == subscriber_id)
                .values(place=_at_least(newest), edition_at=now)
            )
            found = (
                await connection.execute(
                    select(deliveries.c.id, deliveries.c.place_from).where(
                        deliveries.c.subscriber_id == subscriber_id, deliveries.c.key == key
                    )
                )
            ).first()
            if found is None:
                raise LookupError(f"no subscriber has the id {subscriber_id}")
            keys = {subscriber_id: (key, found.place_from)}
            await _merge(connection, keys, now, since=now - YEAR, catch_up=False)
        return int(found.id)

    async def plan_late(self, delivery_ids: Collection[int], now: datetime) -> None:
        """Turn editions whose day has passed unsent into catch-ups of what there is by now."""
        ids = list(delivery_ids)
        place = (
            select(subscribers.c.place)
            .where(subscribers.c.id == deliveries.c.subscriber_id)
            .scalar_subquery()
        )
        async with self._db.write() as connection:
            await connection.run_sync(one_at_a_time)
            newest = await _newest(connection)
            await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id.in_(ids),
                    # As an expression, so that these rows are read rather than all planned.
                    deliveries.c.state.concat("") == DeliveryState.PLANNED.value,
                )
                .values(
                    kind=DeliveryKind.CATCH_UP.value,
                    due=now,
                    # Only the latest plan of a subscriber may grow: the next begins at its end.
                    place_to=case(
                        (place == deliveries.c.place_to, newest), else_=deliveries.c.place_to
                    ),
                )
            )
            await connection.execute(
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

    async def insert_rows(
        self, connection: AsyncConnection, chosen: Select[Any], *more: str
    ) -> int:
        """Insert what a query gives, leaving out keys that a subscriber has already."""
        result = await connection.execute(
            insert_new(deliveries, self._db.dialect).from_select([*COLUMNS, *more], chosen)
        )
        return result.rowcount


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other transaction plans, and let none do so before this one ends.

    On PostgreSQL a statement that waits for a row goes on with what it read before. SQLite has one
    writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_WAIT, {"lock": AdvisoryLock.PLANS})


_WAIT = text("SELECT pg_advisory_xact_lock(:lock)")


def _at_least(newest: int) -> Any:  # noqa: ANN401  # an SQL expression
    """A place never moves backwards."""
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
    """The rows of `COLUMNS` for subscribers, in their order or the other; the caller says which."""
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


async def _newest(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.max(articles.c.id)))).scalar() or 0)


async def _merge(
    connection: AsyncConnection,
    keys: Mapping[int, tuple[str, int]],
    now: datetime,
    *,
    since: datetime,
    catch_up: bool,
) -> None:
    """Let editions that wait unsent become part of new ones, which begin where they began.

    Only those that reach up to the new one do: where another edition was sent in between, the
    two stay apart, or its articles would be told again.

    Args:
        connection: A transaction.
        keys: For each subscriber the new edition's key and where it begins so far.
        now: This moment.
        since: The oldest due time of an edition that waits.
        catch_up: Whether a new edition that swallows another becomes a catch-up.
    """
    if not keys:
        return
    rows = await connection.execute(
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
            # As an expression, so that the subscriber's few rows are read rather than all planned.
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
    await connection.execute(
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
    ended = await connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(swallowed),
            deliveries.c.state.concat("") == DeliveryState.PLANNED.value,
        )
        .values(state=DeliveryState.SKIPPED.value, settled=now, error=MERGED)
        .returning(*(deliveries.c[name] for name in delivery_counters.COLUMNS))
    )
    merged = ended.all()
    await connection.run_sync(lambda sync: delivery_counters.record(sync, merged))
