"""Reports from the ledger for operators: a day's deliveries, the backlog, what is due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, text

from storage.db.dialect import by_index
from storage.ledger.delivery_counters import SLOWEST, quarter_of
from storage.ledger.merged_editions import EDITIONS
from storage.model import DeliveryKind, DeliveryState, State
from storage.model.edition_model import OPEN
from storage.tables.ledger_schema import (
    BY_STATE,
    deliveries,
    delivery_counts,
    delivery_delays,
    delivery_minutes,
    delivery_slowest,
)
from storage.tables.reader_schema import follows, subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database

_REACHED = DeliveryState.SENT.value

LATELY = 10_000
"""Latest editions over which the number of messages in an edition is averaged."""


@dataclass(frozen=True, slots=True)
class SlowDelivery:
    """A delivery that arrived late."""

    delivery_id: int
    chat_id: int
    kind: DeliveryKind
    due: datetime
    settled: datetime
    attempts: int
    """Earlier requests that ended without an answer."""


@dataclass(frozen=True, slots=True)
class Day:
    """The results of the deliveries due in a period."""

    states: dict[tuple[DeliveryKind, DeliveryState], int]
    """Number of deliveries by kind and state; zeros are left out."""
    errors: dict[tuple[str, DeliveryState], int]
    """Number of deliveries by error and resulting state, the most frequent first."""
    sent: int
    first: datetime | None
    last: datetime | None
    """When the last sent delivery was settled; `first` is the same for the first one.

    None if none was sent.
    """
    busiest: datetime | None
    """The minute in which most deliveries arrived; None if none was sent."""
    most: int
    """Number of deliveries that arrived in the minute `busiest`."""
    half: float | None
    """Median delay of sent deliveries after their due time, in seconds; None if none was sent."""
    nearly_all: float | None
    """99th percentile of the delay of sent deliveries, in seconds; None if none was sent."""
    slowest: tuple[SlowDelivery, ...]
    """The most delayed deliveries, the slowest first."""


@dataclass(frozen=True, slots=True)
class UpcomingDeliveries:
    """The deliveries that are due in a coming period."""

    due: dict[datetime, int]
    """Number of editions by due time. Overdue ones count as due now."""
    messages_each: float
    """Average number of messages in a recent edition; 1 where none was sent."""
    alerted: int
    """Number of subscribers with alerts: the most that one alert can reach."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The deliveries that are due and not yet sent."""

    oldest: datetime
    """Since when the oldest waiting delivery may be sent."""
    waiting: int
    sent: int
    """Number of deliveries due since `oldest` that were sent."""


class Ledger:
    """Read-only reports from the ledger."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def day(self, since: datetime, until: datetime, *, slowest: int = SLOWEST) -> Day:
        """Return the results of the deliveries with `since` <= due < `until`.

        Ended deliveries come from the counters, so both times are starts of quarters of an hour.
        Only open ones are read from the ledger. `slowest` slow deliveries are listed, at most those
        recorded.
        """
        return await self._db.read(lambda connection: _day(connection, since, until, slowest))

    def by_server(self, now: datetime) -> datetime:
        """Return a time of this machine's clock as PostgreSQL's shows it; of a file unchanged."""
        return now + self._db.server_ahead

    async def backlog(self, before: datetime) -> Backlog | None:
        """Return the deliveries that are due and wait, or None if none has waited since `before`.

        A delivery that was put off waits only from its new time on.
        """
        d, c = deliveries.c, delivery_counts.c
        planned = d.state == DeliveryState.PLANNED.value
        first = by_index(select(func.min(d.not_before)), deliveries, *BY_STATE).where(planned)

        def read(connection: Connection) -> Backlog | None:
            oldest: datetime | None = connection.execute(first).scalar()
            if oldest is None or oldest >= before:
                return None
            waiting = by_index(select(func.count()), deliveries, *BY_STATE).where(
                planned, d.not_before <= before
            )
            sent = select(func.coalesce(func.sum(c.number), 0)).where(
                c.quarter >= quarter_of(oldest), c.state == _REACHED
            )
            return Backlog(
                oldest,
                int(connection.execute(waiting).scalar_one()),
                int(connection.execute(sent).scalar_one()),
            )

        return await self._db.read(read)

    async def place_at(
        self, subscriber_id: int, at: datetime
    ) -> tuple[int, datetime | None] | None:
        """Return where in the archive a subscriber's editions had reached before a time.

        That is an article id, with the due time of the last edition that reached the reader; None
        if the ledger has no edition of this subscriber.
        """
        d = deliveries.c
        of_reader = and_(d.subscriber_id == subscriber_id, d.kind.in_(EDITIONS))
        lost = and_(
            d.state.in_([DeliveryState.FAILED.value, DeliveryState.SKIPPED.value]),
            d.error.is_not(None),
            d.part == 0,
        )
        before = (
            select(d.place_to, d.due)
            .where(of_reader, d.due < at, ~func.coalesce(lost, False))
            .order_by(d.due.desc(), d.id.desc())
            .limit(1)
        )
        after = (
            select(d.place_from, d.since)
            .where(of_reader, d.due >= at)
            .order_by(d.due, d.id)
            .limit(1)
        )

        def read(connection: Connection) -> tuple[int, datetime | None] | None:
            for query in (before, after):
                for place, moment in connection.execute(query):
                    return place, moment
            return None

        return await self._db.read(read)

    async def ahead(self, now: datetime, until: datetime) -> UpcomingDeliveries:
        """Return what is due before `until`: each subscriber's next edition, and waiting rows."""
        s, d, f = subscribers.c, deliveries.c, follows.c
        active = s.state == State.ACTIVE.value
        planned = (
            select(s.next_at, func.count())
            .where(
                active,
                s.next_at < until,
                or_(s.paused_until.is_(None), s.paused_until <= s.next_at),
            )
            .group_by(s.next_at)
        )
        waiting = (
            by_index(select(d.not_before, func.count()), deliveries, *BY_STATE)
            .where(
                d.state == DeliveryState.PLANNED.value,
                d.not_before < until,
                d.kind.in_(EDITIONS),
            )
            .group_by(d.not_before)
        )
        # An expression keeps the index on states unused: the latest rows are read, not all ever
        # sent.
        reached = and_(d.state.concat("") == _REACHED, d.kind.in_(EDITIONS), d.part > 0)
        lately = select(d.part).where(reached).order_by(d.id.desc()).limit(LATELY).subquery()
        wanting = (
            select(func.count(func.distinct(f.subscriber_id)))
            .join_from(follows, subscribers)
            .where(f.alerts, active)
        )

        def read(connection: Connection) -> UpcomingDeliveries:
            due: Counter[datetime] = Counter()
            for query in (planned, waiting):
                for moment, count in connection.execute(query):
                    due[max(moment, now)] += count
            parts = connection.execute(select(func.avg(lately.c.part))).scalar()
            alerted = connection.execute(wanting).scalar()
            return UpcomingDeliveries(
                dict(sorted(due.items())), float(parts or 1), int(alerted or 0)
            )

        return await self._db.read(read)


def _day(connection: Connection, since: datetime, until: datetime, slowest: int) -> Day:
    d, c = deliveries.c, delivery_counts.c
    ended = connection.execute(
        select(
            *(c.kind, c.state, c.error, func.sum(c.number).label("number")),
            func.min(c.first_settled).label("first"),
            func.max(c.last_settled).label("last"),
        )
        .where(c.quarter >= since, c.quarter < until)
        .group_by(c.kind, c.state, c.error)
    ).all()
    each = select(d.kind, d.state, func.coalesce(d.error, ""), func.count())
    going_on = connection.execute(
        by_index(each, deliveries, *BY_STATE)
        .where(d.state.in_(OPEN), d.due >= since, d.due < until)
        .group_by(d.kind, d.state, d.error)
    ).all()
    states: Counter[tuple[DeliveryKind, DeliveryState]] = Counter()
    errors: Counter[tuple[str, DeliveryState]] = Counter()
    for kind, state, error, number, *_ in (*ended, *going_on):
        states[DeliveryKind(kind), DeliveryState(state)] += int(number)
        if error:
            errors[error, DeliveryState(state)] += int(number)
    arrived = [row for row in ended if row.state == _REACHED]
    half, nearly_all = _within(connection, since, until, (0.5, 0.99))
    busiest = _busiest(connection, since, until)
    return Day(
        states=dict(states),
        errors=dict(sorted(errors.items(), key=lambda item: (-item[1], item[0]))),
        sent=sum(int(row.number) for row in arrived),
        first=min((row.first for row in arrived), default=None),
        last=max((row.last for row in arrived), default=None),
        busiest=None if busiest is None else busiest[0],
        most=0 if busiest is None else busiest[1],
        half=half,
        nearly_all=nearly_all,
        slowest=_slowest(connection, since, until, slowest),
    )


def _within(
    connection: Connection, since: datetime, until: datetime, shares: tuple[float, ...]
) -> list[float | None]:
    """Return the delay in seconds within which each of these shares arrived; None for none.

    Shares are from 0 to 1.
    """
    c = delivery_delays.c
    delays = connection.execute(
        select(c.delay, func.sum(c.number))
        .where(c.quarter >= since, c.quarter < until)
        .group_by(c.delay)
        .order_by(c.delay)
    ).all()
    number = sum(int(count) for _, count in delays)
    found: list[float | None] = []
    for share in shares:
        place = min(int(number * share), number - 1)
        passed = 0
        for delay, count in delays:
            passed += int(count)
            if passed > place:
                found.append(delay / 1000)
                break
        else:
            found.append(None)
    return found


def _busiest(
    connection: Connection, since: datetime, until: datetime
) -> tuple[datetime, int] | None:
    """Return the minute with most arrivals and their number, or None."""
    c = delivery_minutes.c
    row = connection.execute(
        select(c.minute, func.sum(c.number).label("number"))
        .where(c.quarter >= since, c.quarter < until)
        .group_by(c.minute)
        .order_by(text("number DESC"), c.minute)
        .limit(1)
    ).first()
    return None if row is None else (row.minute, int(row.number))


def _slowest(
    connection: Connection, since: datetime, until: datetime, most: int
) -> tuple[SlowDelivery, ...]:
    c = delivery_slowest.c
    rows = connection.execute(
        select(c.delivery_id, subscribers.c.chat_id, c.kind, c.due, c.settled, c.attempts)
        .join_from(delivery_slowest, subscribers)
        .where(c.quarter >= since, c.quarter < until)
        .order_by(c.delay.desc(), c.delivery_id)
        .limit(most)
    )
    return tuple(
        SlowDelivery(number, chat_id, DeliveryKind(kind), due, settled, attempts)
        for number, chat_id, kind, due, settled, attempts in rows
    )
