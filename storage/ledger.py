"""What an operator asks of the ledger: how a day went, what is ahead, where editions ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Float, Interval, and_, cast, func, or_, select

from storage.model import DeliveryKind, DeliveryState, State
from storage.plans import EDITIONS
from storage.schema import deliveries, follows, subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

    from storage.database import Database

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


class Ledger:
    """The ledger, for looking only."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def day(self, since: datetime, until: datetime, *, slowest: int = 5) -> Day:
        """How the deliveries due in `since` <= due < `until` went."""
        d = deliveries.c
        of_day = and_(d.due >= since, d.due < until)
        sent = and_(of_day, d.state == _REACHED, d.settled.is_not(None))
        late = self._seconds(d.settled, d.due)
        minute = self._minute(d.settled)
        async with self._db.read() as connection:

            async def rows(query: Select[*tuple[Any, ...]]) -> list[Any]:
                return list((await connection.execute(query)).all())

            counted = await rows(
                select(d.kind, d.state, func.count()).where(of_day).group_by(d.kind, d.state)
            )
            errors = await rows(
                select(d.error, d.state, func.count())
                .where(of_day, d.error.is_not(None))
                .group_by(d.error, d.state)
                .order_by(func.count().desc(), d.error, d.state)
            )
            ((number, first, last),) = await rows(
                select(func.count(), func.min(d.settled), func.max(d.settled)).where(sent)
            )
            busiest = await rows(
                select(func.min(d.settled), func.count())
                .where(sent)
                .group_by(minute)
                .order_by(func.count().desc(), minute)
                .limit(1)
            )

            async def within(share: float) -> float | None:
                if not number:
                    return None
                place = min(int(number * share), number - 1)
                ((seconds,),) = await rows(
                    select(late).where(sent).order_by(late, d.id).limit(1).offset(place)
                )
                # A julian day is good for a tenth of a millisecond.
                return round(max(float(seconds), 0.0), 3)

            half, nearly_all = await within(0.5), await within(0.99)
            slow = await rows(
                select(d.id, subscribers.c.chat_id, d.kind, d.due, d.settled, d.attempts)
                .join_from(deliveries, subscribers)
                .where(sent)
                .order_by(late.desc(), d.id)
                .limit(slowest)
            )
        return Day(
            states={(DeliveryKind(kind), DeliveryState(state)): n for kind, state, n in counted},
            errors={(error, DeliveryState(state)): n for error, state, n in errors},
            sent=number,
            first=first,
            last=last,
            busiest=busiest[0][0].replace(second=0, microsecond=0) if busiest else None,
            most=busiest[0][1] if busiest else 0,
            half=half,
            nearly_all=nearly_all,
            slowest=tuple(
                Slow(id_, chat_id, DeliveryKind(kind), due, settled, attempts)
                for id_, chat_id, kind, due, settled, attempts in slow
            ),
        )

    async def place_at(self, subscriber_id: int, at: datetime) -> int | None:
        """Where a subscriber's editions had come to before a time.

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
            select(d.place_to)
            .where(of_reader, d.due < at, ~func.coalesce(lost, False))
            .order_by(d.due.desc(), d.id.desc())
            .limit(1)
        )
        after = select(d.place_from).where(of_reader, d.due >= at).order_by(d.due, d.id).limit(1)
        async with self._db.read() as connection:
            for query in (before, after):
                place: int | None = (await connection.execute(query)).scalar()
                if place is not None:
                    return place
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
            select(d.not_before, func.count())
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

    def _seconds(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> Any:  # noqa: ANN401 — an expression
        if self._db.dialect == "sqlite":
            days = func.julianday(later, type_=Float) - func.julianday(earlier, type_=Float)
            return days * 86_400.0
        return cast(func.extract("epoch", cast(later - earlier, Interval)), Float)

    def _minute(self, moment: ColumnElement[Any]) -> Any:  # noqa: ANN401 — an expression
        if self._db.dialect == "sqlite":
            return func.substr(moment, 1, len("2026-06-01T08:00"))
        return func.date_trunc("minute", moment)
