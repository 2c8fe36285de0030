"""Statistics of the ledger for operators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from storage.ledger.deliveries import Deliveries
from storage.ledger.delivery_counters import delay_of
from storage.ledger.delivery_stats import Ledger
from storage.ledger.plans import Plans
from storage.model import DeliveryKind, DeliveryState, Settlement, State
from storage.readers.subscribers import Subscribers
from storage.tables.ledger_schema import deliveries
from tests.plugins.archive import FIRST, registered
from tests.storage.ledger_book import book

if TYPE_CHECKING:
    from typing import Unpack

    from storage.db.database import Database
    from storage.readers.subscribers import Changes

DAY = FIRST + timedelta(days=1)


async def test_a_day_without_deliveries_is_empty(db: Database) -> None:
    day = await Ledger(db).day(FIRST, DAY)
    assert (day.states, day.errors, day.sent, day.most, day.slowest) == ({}, {}, 0, 0, ())
    assert (day.first, day.last, day.busiest, day.half, day.nearly_all) == (None,) * 5


async def test_a_days_deliveries_are_counted_by_kind_state_and_error(db: Database) -> None:
    ledger = await book(db)
    await ledger.row()
    await ledger.row()
    await ledger.row(kind=DeliveryKind.ALERT)
    await ledger.row(state=DeliveryState.FAILED, error="blocked")
    await ledger.row(state=DeliveryState.FAILED, error="blocked")
    await ledger.row(state=DeliveryState.PLANNED, error="flood", after=None)
    await ledger.row(state=DeliveryState.FAILED, error="blocked", minutes=24 * 60)
    await ledger.row(minutes=-1)
    day = await Ledger(db).day(FIRST, DAY)
    assert day.states == {
        (DeliveryKind.EDITION, DeliveryState.SENT): 2,
        (DeliveryKind.ALERT, DeliveryState.SENT): 1,
        (DeliveryKind.EDITION, DeliveryState.FAILED): 2,
        (DeliveryKind.EDITION, DeliveryState.PLANNED): 1,
    }
    assert list(day.errors.items()) == [
        (("blocked", DeliveryState.FAILED), 2),
        (("flood", DeliveryState.PLANNED), 1),
    ]
    assert day.sent == 3


async def test_a_days_figures_have_the_pace_and_the_slowest(db: Database) -> None:
    ledger = await book(db)
    for seconds in range(100):
        await ledger.row(after=seconds / 2)
    await ledger.row(minutes=30, after=7200.5, attempts=1)
    await ledger.row(minutes=5, after=None, state=DeliveryState.SENDING)
    day = await Ledger(db).day(FIRST, DAY, slowest=2)
    assert (day.sent, day.most, day.busiest) == (101, 100, FIRST)
    assert (day.first, day.last) == (FIRST, FIRST + timedelta(minutes=30, seconds=7200.5))
    assert day.half is not None
    assert abs(day.half - 25) < 0.01
    assert day.nearly_all is not None
    assert abs(day.nearly_all - 49.5) < 0.01
    slowest, next_ = day.slowest
    assert (slowest.chat_id, slowest.attempts) == (4242, 1)
    assert slowest.settled - slowest.due == timedelta(seconds=7200.5)
    assert next_.settled - next_.due == timedelta(seconds=49.5)


async def test_the_place_of_a_reader_is_where_the_edition_before_ended(db: Database) -> None:
    ledger = await book(db)
    places = Ledger(db)
    assert await places.place_at(ledger.subscriber_id, DAY) is None
    await ledger.row(place_from=3, place_to=10)
    await ledger.row(minutes=10, place_from=10, place_to=20)
    await ledger.row(minutes=11, place_to=99, kind=DeliveryKind.ALERT)
    failed = DeliveryState.FAILED
    await ledger.row(minutes=20, place_from=20, place_to=30, state=failed, error="blocked")
    await ledger.row(minutes=21, place_from=20, place_to=31, state=DeliveryState.SKIPPED)
    at = {10: FIRST, 20: FIRST + timedelta(minutes=10), 31: FIRST + timedelta(minutes=21)}
    ends = {-5: 3, 0: 3, 1: 10, 10: 10, 15: 20, 21: 20, 22: 31, 999: 31}
    expected = {minutes: (place, at.get(place)) for minutes, place in ends.items()}
    found = {
        minutes: await places.place_at(ledger.subscriber_id, FIRST + timedelta(minutes=minutes))
        for minutes in expected
    }
    assert found == expected


async def test_deliveries_ahead_are_next_editions_and_waiting_rows(db: Database) -> None:
    ledger = await book(db)
    subscribers = Subscribers(db)
    hour = timedelta(hours=1)

    async def reader(chat_id: int, **changes: Unpack[Changes]) -> int:
        made = await registered(subscribers, chat_id, FIRST, zone="UTC", digest_minute=0)
        await subscribers.change(made.id, **changes)
        return made.id

    await reader(1, next_at=FIRST + hour)
    await reader(2, next_at=FIRST + hour)
    await reader(3, next_at=FIRST - hour)
    await reader(4, next_at=DAY)
    await reader(5, next_at=FIRST + hour, paused_until=FIRST + 2 * hour)
    await reader(6, next_at=FIRST + 2 * hour, paused_until=FIRST + hour)
    await reader(7, next_at=FIRST + hour, state=State.STOPPED)
    planned = DeliveryState.PLANNED
    await ledger.row(state=planned, after=None, not_before=FIRST - hour)
    await ledger.row(state=planned, after=None, not_before=FIRST + hour)
    await ledger.row(state=planned, after=None, not_before=FIRST, kind=DeliveryKind.ALERT)
    ahead = await Ledger(db).ahead(FIRST, DAY)
    assert ahead.due == {FIRST: 2, FIRST + hour: 3, FIRST + 2 * hour: 1}
    assert (ahead.messages_each, ahead.alerted) == (1.0, 0)


async def test_messages_an_edition_and_readers_an_alert_are_estimated(db: Database) -> None:
    ledger = await book(db)
    for part in (1, 1, 1, 3):
        await ledger.row(part=part)
    await ledger.row(part=9, kind=DeliveryKind.ALERT)
    await ledger.row(part=0, state=DeliveryState.SKIPPED)
    subscribers = Subscribers(db)
    for category in ("motor", "style"):
        await subscribers.follow(ledger.subscriber_id, category, alerts=True)
    ahead = await Ledger(db).ahead(FIRST, DAY)
    assert (ahead.messages_each, ahead.alerted) == (1.5, 1)


async def test_a_repeated_settlement_is_counted_once(db: Database) -> None:
    ledger = await book(db)
    await ledger.row(state=DeliveryState.PLANNED, after=None)
    settlement = Settlement(1, DeliveryState.SENT, part=1)
    for _ in range(3):
        await Deliveries(db).commit(settle=[settlement], now=FIRST, again=True)
    day = await Ledger(db).day(FIRST, DAY)
    assert (day.sent, day.most, len(day.slowest)) == (1, 1, 1)


async def test_a_rolled_back_settlement_is_not_counted(db: Database) -> None:
    ledger = await book(db)
    await ledger.row(state=DeliveryState.PLANNED, after=None)
    settlement = Settlement(1, DeliveryState.SENT, part=1)
    with pytest.MonkeyPatch.context() as patch:
        counters, broken = "storage.ledger.delivery_counters", "SELECT 1 FROM nowhere"
        patch.setattr(f"{counters}._STATEMENTS", (broken,) * 5)
        patch.setattr(f"{counters}._ON_POSTGRESQL", broken)
        with pytest.raises(DBAPIError):
            await Deliveries(db).commit(settle=[settlement], now=FIRST)
    day = await Ledger(db).day(FIRST, DAY)
    assert day.states == {(DeliveryKind.EDITION, DeliveryState.PLANNED): 1}
    await Deliveries(db).commit(settle=[settlement], now=FIRST)
    assert (await Ledger(db).day(FIRST, DAY)).sent == 1


async def test_a_waiting_delivery_is_counted_on_the_day_it_waits_for(db: Database) -> None:
    ledger = await book(db)
    await ledger.row(state=DeliveryState.SENDING, after=None)
    waits = Settlement(1, DeliveryState.PLANNED, error="flood", not_before=DAY)
    await Deliveries(db).commit(settle=[waits], now=FIRST)
    day = await Ledger(db).day(FIRST, DAY)
    assert day.states == {(DeliveryKind.EDITION, DeliveryState.PLANNED): 1}
    assert day.errors == {("flood", DeliveryState.PLANNED): 1}


async def test_a_days_figures_outlast_its_rows(db: Database) -> None:
    ledger = await book(db)
    for seconds in range(20):
        await ledger.row(after=seconds)
    await ledger.row(state=DeliveryState.FAILED, error="blocked")
    before = await Ledger(db).day(FIRST, DAY)
    async with db.writing() as connection:
        await connection.execute(delete(deliveries))
    assert await Ledger(db).day(FIRST, DAY) == before
    assert [slow.delivery_id for slow in before.slowest] == [20, 19, 18, 17, 16]


async def test_a_merged_edition_is_counted(db: Database) -> None:
    ledger = await book(db)
    plans = Plans(db)
    for minutes in (0, 1):
        moment = FIRST + timedelta(minutes=minutes)
        await plans.plan_now(ledger.subscriber_id, moment, hold=moment)
    day = await Ledger(db).day(FIRST, DAY)
    assert day.states == {
        (DeliveryKind.EDITION, DeliveryState.SKIPPED): 1,
        (DeliveryKind.EDITION, DeliveryState.PLANNED): 1,
    }
    assert day.errors == {("merged", DeliveryState.SKIPPED): 1}


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-3.0, 0), (0.04, 0), (0.05, 100), (12.34, 12_300), (119.99, 120_000), (130.9, 130_000),
     (7_199.9, 7_199_000), (7_299.0, 7_260_000)],
)  # fmt: skip
def test_a_delay_is_stored_as_exactly_as_it_is_shown(seconds: float, shown: int) -> None:
    assert delay_of(FIRST + timedelta(seconds=seconds), FIRST) == shown


async def test_a_day_begins_at_any_quarter_of_an_hour(db: Database) -> None:
    ledger = await book(db)
    for minutes in (14, 15, 29, 30):
        await ledger.row(minutes=minutes)
    kathmandu = FIRST + timedelta(minutes=15)
    day = await Ledger(db).day(kathmandu, kathmandu + timedelta(minutes=15))
    assert (day.sent, day.first) == (2, kathmandu + timedelta(seconds=1))
