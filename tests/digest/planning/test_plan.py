from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from digest.planning.plan import Planner, decide
from storage.ledger.plans import DueDecision, DueGroup
from storage.model import DeliveryKind, State
from tests.digest.conftest import MONDAY

if TYPE_CHECKING:
    from tests.digest.conftest import Paper

DAY = timedelta(days=1)


def group(**changes: object) -> DueGroup:
    values = {
        "zone": "Europe/Rome",
        "digest_minute": 480,
        "days": 127,
        "paused_until": None,
        "next_at": MONDAY,
    }
    return DueGroup(**{**values, **changes})  # type: ignore[arg-type] # by name


def test_on_time_it_is_the_edition_of_its_hour() -> None:
    decision = decide(group(), MONDAY + timedelta(seconds=40))
    assert (decision.due, decision.next_at, decision.catch_up) == (MONDAY, MONDAY + DAY, False)


def test_late_on_the_same_day_it_still_is() -> None:
    decision = decide(group(), MONDAY + timedelta(hours=12))
    assert (decision.due, decision.catch_up) == (MONDAY, False)


def test_when_several_were_missed_one_catch_up_is_of_now() -> None:
    now = MONDAY + 3 * DAY + timedelta(hours=3)
    decision = decide(group(), now)
    assert (decision.due, decision.catch_up) == (now, True)
    assert decision.next_at == MONDAY + 4 * DAY


def test_what_was_missed_overnight_comes_with_the_mornings_edition() -> None:
    night = MONDAY + DAY - timedelta(hours=3)
    for next_at in (MONDAY, MONDAY - DAY):
        decision = decide(group(next_at=next_at), night)
        assert (decision.due, decision.next_at) == (None, MONDAY + DAY)


def test_of_two_a_day_each_is_due_at_its_hour() -> None:
    twice = group(evening_minute=1080)
    evening = MONDAY + timedelta(hours=10)
    decision = decide(twice, MONDAY)
    assert (decision.due, decision.next_at) == (MONDAY, evening)
    decision = decide(group(evening_minute=1080, next_at=evening), evening)
    assert (decision.due, decision.next_at, decision.catch_up) == (evening, MONDAY + DAY, False)


def test_of_two_a_day_one_that_was_missed_does_not_come_beside_the_other() -> None:
    twice = group(evening_minute=1080)
    assert decide(twice, MONDAY + timedelta(hours=3)).due == MONDAY
    after_both = MONDAY + timedelta(hours=11)
    decision = decide(twice, after_both)
    assert (decision.due, decision.catch_up) == (after_both, True)
    night = MONDAY + timedelta(hours=20)
    assert decide(twice, night) == DueDecision(MONDAY + DAY, None)


def test_a_weekly_one_whose_day_has_passed_is_a_catch_up() -> None:
    decision = decide(group(days=1), MONDAY + DAY)
    assert decision.catch_up
    assert decision.next_at == MONDAY + 7 * DAY


def test_a_pause_plans_nothing_and_keeps_the_hour() -> None:
    until = datetime(2026, 6, 5, 12, tzinfo=UTC)
    decision = decide(group(paused_until=until), MONDAY)
    assert (decision.due, decision.next_at) == (None, datetime(2026, 6, 6, 6, tzinfo=UTC))


async def test_everybody_who_is_due_is_planned_once_whatever_the_chunk(paper: Paper) -> None:
    for chat_id in range(1, 24):
        await paper.reader(chat_id, zone=("Europe/Rome", "Africa/Tripoli")[chat_id % 2])
    await paper.reader(99, minute=9 * 60)
    planner = Planner(paper.deliveries, chunk=5)
    assert await planner.plan_due(paper.time.now) == 23
    assert await planner.plan_due(paper.time.now) == 0
    rows = await paper.ledger()
    assert len({row.subscriber_id for row in rows}) == len(rows) == 23


async def test_a_plan_moves_next_time_and_place_with_it(paper: Paper) -> None:
    newest = await paper.article("News")
    reader = await paper.reader(7)
    await paper.planner.plan_due(paper.time.now)
    after = await paper.subscribers.get(reader.id)
    assert after is not None
    assert (after.next_at, after.place) == (MONDAY + DAY, newest)
    [row] = await paper.ledger()
    assert (row.place_from, row.place_to, row.due) == (0, newest, MONDAY)


async def test_who_paused_keeps_the_place(paper: Paper) -> None:
    await paper.article("News")
    reader = await paper.reader(7, paused_until=MONDAY + 2 * DAY)
    await paper.planner.plan_due(paper.time.now)
    after = await paper.subscribers.get(reader.id)
    assert after is not None
    assert (after.place, after.next_at) == (0, MONDAY + 2 * DAY)
    assert await paper.ledger() == []


async def test_after_a_pause_there_is_one_edition_of_the_last_three_days(paper: Paper) -> None:
    await paper.article("Before")
    await paper.reader(7, paused_until=MONDAY + 10 * DAY)
    for _ in range(10):
        await paper.morning()
        paper.time.pass_(days=1)
    await paper.article("After")
    await paper.morning()
    assert [text.splitlines()[1:] for text in paper.outbox.to(7)] == [["After"]]


async def test_who_stopped_is_not_planned(paper: Paper) -> None:
    await paper.reader(7, state=State.STOPPED)
    assert await paper.planner.plan_due(paper.time.now) == 0


async def test_each_has_the_rest_of_the_day_in_the_own_zone(paper: Paper) -> None:
    await paper.article("World news")
    await paper.reader(1, zone="Asia/Tokyo", next_at=MONDAY)  # 15:00 there
    await paper.reader(2, zone="America/Los_Angeles", next_at=MONDAY)  # 23:00 there
    paper.time.pass_(hours=3)
    await paper.morning()
    assert {row.chat_id: row.kind for row in await paper.ledger()} == {
        1: DeliveryKind.EDITION,
        2: DeliveryKind.CATCH_UP,
    }


async def test_an_edition_asked_for_takes_in_one_that_waits(paper: Paper) -> None:
    await paper.article("Waiting")
    reader = await paper.reader(7)
    await paper.planner.plan_due(paper.time.now)
    await paper.article("Since")
    paper.time.pass_(minutes=1)
    await paper.sender.deliver_now(reader, paper.time.now)
    await paper.sender.drain()
    assert len(paper.outbox.sent) == 1
    assert sorted(paper.outbox.to(7)[0].splitlines()[1:]) == ["Since", "Waiting"]


async def test_a_clock_that_is_set_forward_and_back_misses_nobody_and_plans_nothing_twice(
    paper: Paper,
) -> None:
    for chat_id in range(1, 13):
        await paper.reader(chat_id, minute=8 * 60 + 10 * chat_id)
    planner = Planner(paper.deliveries)
    hour = timedelta(hours=1)
    for leap in (-hour, hour, hour, -hour):
        paper.time.now += leap
        await planner.plan_due(paper.time.now)
    for _ in range(13):
        await planner.plan_due(paper.time.now)
        paper.time.pass_(minutes=10)
    rows = await paper.ledger()
    assert len({row.subscriber_id for row in rows}) == len(rows) == 12
