"""What an operator asks of the ledger: how a day went, what is ahead, where editions ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, text

from storage.db.dialect import by_index
from storage.ledger.delivery_counters import SLOWEST, quarter_of
from storage.ledger.plans import EDITIONS
from storage.model import DeliveryKind, DeliveryState, State
from storage.model.edition_model import OPEN
from storage.tables.ledger_schema import BY_STATE
from storage.tables.schema import (
    deliveries,
    delivery_counts,
    delivery_delays,
    delivery_minutes,
    delivery_slowest,
    follows,
    subscribers,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database

_REACHED = DeliveryState.SENT.value

LATELY = 10_000
"""Editions that tell how many messages one takes."""


@dataclass(frozen=True, slots=True)
class Slow:
    """A delivery that arrived late."""

    delivery_id: int
    chat_id: int
    kind: DeliveryKind
    due: datetime
    settled: datetime
    attempts: int
    """Requests before the last that ended without an answer."""


@dataclass(frozen=True, slots=True)
class Day:
    """How the deliveries of some hours went."""

    states: dict[tuple[DeliveryKind, DeliveryState], int]
    """Kind and state → how many; what is none is left out."""
    errors: dict[tuple[str, DeliveryState], int]
    """Kind of error and the state that it left the delivery in → how many, the most first."""
    sent: int
    first: datetime | None
    last: datetime | None
    """When the first and the last of those sent were settled."""
    busiest: datetime | None
    """The minute in which most were settled."""
    most: int
    """How many that were."""
    half: float | None
    """Half of those sent arrived within so many seconds after their time."""
    nearly_all: float | None
    """99 of 100 did."""
    slowest: tuple[Slow, ...]
    """The latest after their time, the slowest first."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is going to be sent."""

    due: dict[datetime, int]
    """Due time → how many editions; what was due before now is due now."""
    messages_each: float
    """Messages that an edition took lately, on average; 1 where none was sent."""
    alerted: int
    """Subscribers who want alerts: an alert goes to no more of them."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due and not sent yet."""

    oldest: datetime
    """Since when the first of it is due."""
    waiting: int
    sent: int
    """How many were sent that were due since then."""


class Ledger:
    """The ledger, for looking only."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def day(self, since: datetime, until: datetime, *, slowest: int = SLOWEST) -> Day:
        """How the deliveries due in `since` <= due < `until` went.

        What has ended was counted when it ended; only what is still to be sent is looked up.

        Args:
            since: A whole quarter of an hour.
            until: The same.
            slowest: So many of the latest, no more than are kept.
        """
        return await self._db.look(lambda connection: _day(connection, since, until, slowest))

    async def backlog(self, before: datetime) -> Backlog | None:
        """What waits that was due before a moment; None where nothing that old does.

        What was put off waits only from the time until which it was.
        """
        d, c = deliveries.c, delivery_counts.c
        planned = d.state == DeliveryState.PLANNED.value
        first = by_index(select(func.min(d.not_before)), deliveries, *BY_STATE).where(planned)
        async with self._db.read() as connection:
            oldest: datetime | None = (await connection.execute(first)).scalar()
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
                int((await connection.execute(waiting)).scalar_one()),
                int((await connection.execute(sent)).scalar_one()),
            )

    async def place_at(
        self, subscriber_id: int, at: datetime
    ) -> tuple[int, datetime | None] | None:
        """Where a subscriber's editions had come to before a time, and when.

        An edition that never reached the reader moved no place. None when the ledger does not
        say: it has no edition of this subscriber.
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
        async with self._db.read() as connection:
            for query in (before, after):
                for place, moment in await connection.execute(query):
                    return place, moment
        return None

    async def ahead(self, now: datetime, until: datetime) -> Ahead:
        """What is due before a time: the next edition of each subscriber, and what waits."""
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
        # As an expression, so that the latest rows are read rather than all that were ever sent.
        reached = and_(d.state.concat("") == _REACHED, d.kind.in_(EDITIONS), d.part > 0)
        lately = select(d.part).where(reached).order_by(d.id.desc()).limit(LATELY).subquery()
        wanting = (
            select(func.count(func.distinct(f.subscriber_id)))
            .join_from(follows, subscribers)
            .where(f.alerts, active)
        )
        due: Counter[datetime] = Counter()
        async with self._db.read() as connection:
            for query in (planned, waiting):
                for moment, count in await connection.execute(query):
                    due[max(moment, now)] += count
            parts = (await connection.execute(select(func.avg(lately.c.part)))).scalar()
            alerted = (await connection.execute(wanting)).scalar()
        return Ahead(dict(sorted(due.items())), float(parts or 1), int(alerted or 0))


def _day(connection: Connection, since: datetime, until: datetime, slowest: int) -> Day:
    d, c = deliveries.c, delivery_counts.c
    ended = connection.execute(
        select(
            *(c.kind, c.state, c.error, func.sum(c.number)),
            func.min(c.first_settled),
            func.max(c.last_settled),
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
        sent=sum(int(row[3]) for row in arrived),
        first=min((row[4] for row in arrived), default=None),
        last=max((row[5] for row in arrived), default=None),
        busiest=None if busiest is None else busiest[0],
        most=0 if busiest is None else busiest[1],
        half=half,
        nearly_all=nearly_all,
        slowest=_slowest(connection, since, until, slowest),
    )


def _within(
    connection: Connection, since: datetime, until: datetime, shares: tuple[float, ...]
) -> list[float | None]:
    """The seconds within which these shares of what was sent arrived."""
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
    """The minute in which most arrived, and how many."""
    c = delivery_minutes.c
    row = connection.execute(
        select(c.minute, func.sum(c.number).label("number"))
        .where(c.quarter >= since, c.quarter < until)
        .group_by(c.minute)
        .order_by(text("number DESC"), c.minute)
        .limit(1)
    ).first()
    return None if row is None else (row[0], int(row[1]))


def _slowest(
    connection: Connection, since: datetime, until: datetime, most: int
) -> tuple[Slow, ...]:
    c = delivery_slowest.c
    rows = connection.execute(
        select(c.delivery_id, subscribers.c.chat_id, c.kind, c.due, c.settled, c.attempts)
        .join_from(delivery_slowest, subscribers)
        .where(c.quarter >= since, c.quarter < until)
        .order_by(c.delay.desc(), c.delivery_id)
        .limit(most)
    )
    return tuple(
        Slow(number, chat_id, DeliveryKind(kind), due, settled, attempts)
        for number, chat_id, kind, due, settled, attempts in rows
    )
