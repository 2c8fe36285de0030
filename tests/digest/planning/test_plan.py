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


def test_an_edition_planned_on_time_is_of_its_hour() -> None:
    decision = decide(group(), MONDAY + timedelta(seconds=40))
    assert (decision.due, decision.next_at, decision.catch_up) == (MONDAY, MONDAY + DAY, False)


def test_an_edition_planned_late_on_the_same_day_is_of_its_hour() -> None:
    decision = decide(group(), MONDAY + timedelta(hours=12))
    assert (decision.due, decision.catch_up) == (MONDAY, False)


def test_several_missed_editions_become_one_catch_up() -> None:
    now = MONDAY + 3 * DAY + timedelta(hours=3)
    decision = decide(group(), now)
    assert (decision.due, decision.catch_up) == (now, True)
    assert decision.next_at == MONDAY + 4 * DAY


def test_news_missed_overnight_is_in_the_mornings_edition() -> None:
    night = MONDAY + DAY - timedelta(hours=3)
    for next_at in (MONDAY, MONDAY - DAY):
        decision = decide(group(next_at=next_at), night)
        assert (decision.due, decision.next_at) == (None, MONDAY + DAY)


def test_two_editions_a_day_are_each_due_at_their_hour() -> None:
    twice = group(evening_minute=1080)
    evening = MONDAY + timedelta(hours=10)
    decision = decide(twice, MONDAY)
    assert (decision.due, decision.next_at) == (MONDAY, evening)
    decision = decide(group(evening_minute=1080, next_at=evening), evening)
    assert (decision.due, decision.next_at, decision.catch_up) == (evening, MONDAY + DAY, False)


def test_a_missed_edition_of_two_a_day_is_merged_into_the_other() -> None:
    twice = group(evening_minute=1080)
    assert decide(twice, MONDAY + timedelta(hours=3)).due == MONDAY
    after_both = MONDAY + timedelta(hours=11)
    decision = decide(twice, after_both)
    assert (decision.due, decision.catch_up) == (after_both, True)
    night = MONDAY + timedelta(hours=20)
    assert decide(twice, night) == DueDecision(MONDAY + DAY, None)


def test_a_missed_weekly_edition_becomes_a_catch_up() -> None:
    decision = decide(group(days=1), MONDAY + DAY)
    assert decision.catch_up
    assert decision.next_at == MONDAY + 7 * DAY


def test_a_pause_plans_nothing_and_keeps_the_hour() -> None:
    until = datetime(2026, 6, 5, 12, tzinfo=UTC)
    decision = decide(group(paused_until=until), MONDAY)
    assert (decision.due, decision.next_at) == (None, datetime(2026, 6, 6, 6, tzinfo=UTC))


async def test_every_due_subscriber_is_planned_once_for_any_chunk_size(paper: Paper) -> None:
    for chat_id in range(1, 24):
        await paper.reader(chat_id, zone=("Europe/Rome", "Africa/Tripoli")[chat_id % 2])
    await paper.reader(99, minute=9 * 60)
    planner = Planner(paper.plans, chunk=5)
    assert await planner.plan_due(paper.time.now) == 23
    assert await planner.plan_due(paper.time.now) == 0
    rows = await paper.ledger()
    assert len({row.subscriber_id for row in rows}) == len(rows) == 23


async def test_planning_moves_the_next_time_and_the_place(paper: Paper) -> None:
    newest = await paper.article("News")
    reader = await paper.reader(7)
    await paper.planner.plan_due(paper.time.now)
    after = await paper.subscriber(reader.id)
    assert (after.next_at, after.place) == (MONDAY + DAY, newest)
    [row] = await paper.ledger()
    assert (row.place_from, row.place_to, row.due) == (0, newest, MONDAY)


async def test_a_paused_subscriber_keeps_the_place(paper: Paper) -> None:
    await paper.article("News")
    reader = await paper.reader(7, paused_until=MONDAY + 2 * DAY)
    await paper.planner.plan_due(paper.time.now)
    after = await paper.subscriber(reader.id)
    assert (after.place, after.next_at) == (0, MONDAY + 2 * DAY)
    assert await paper.ledger() == []


async def test_after_a_pause_one_edition_covers_three_days(paper: Paper) -> None:
    await paper.article("Before")
    await paper.reader(7, paused_until=MONDAY + 10 * DAY)
    for _ in range(10):
        await paper.morning()
        paper.time.pass_(days=1)
    await paper.article("After")
    await paper.morning()
    assert [text.splitlines()[1:] for text in paper.outbox.to(7)] == [["After"]]


async def test_a_stopped_subscriber_is_not_planned(paper: Paper) -> None:
    await paper.reader(7, state=State.STOPPED)
    assert await paper.planner.plan_due(paper.time.now) == 0


async def test_a_missed_edition_is_due_until_the_end_of_the_readers_day(paper: Paper) -> None:
    await paper.article("World news")
    await paper.reader(1, zone="Asia/Tokyo", next_at=MONDAY)  # 15:00 there
    await paper.reader(2, zone="America/Los_Angeles", next_at=MONDAY)  # 23:00 there
    paper.time.pass_(hours=3)
    await paper.morning()
    assert {row.chat_id: row.kind for row in await paper.ledger()} == {
        1: DeliveryKind.EDITION,
        2: DeliveryKind.CATCH_UP,
    }


async def test_a_requested_edition_includes_a_waiting_one(paper: Paper) -> None:
    await paper.article("Waiting")
    reader = await paper.reader(7)
    await paper.planner.plan_due(paper.time.now)
    await paper.article("Since")
    paper.time.pass_(minutes=1)
    await paper.sender.deliver_now(reader, paper.time.now)
    await paper.sender.drain()
    assert len(paper.outbox.sent) == 1
    assert sorted(paper.outbox.to(7)[0].splitlines()[1:]) == ["Since", "Waiting"]


async def test_a_clock_set_forward_and_back_plans_everybody_once(paper: Paper) -> None:
    for chat_id in range(1, 13):
        await paper.reader(chat_id, minute=8 * 60 + 10 * chat_id)
    planner = Planner(paper.plans)
    hour = timedelta(hours=1)
    for leap in (-hour, hour, hour, -hour):
        paper.time.now += leap
        await planner.plan_due(paper.time.now)
    for _ in range(13):
        await planner.plan_due(paper.time.now)
        paper.time.pass_(minutes=10)
    rows = await paper.ledger()
    assert len({row.subscriber_id for row in rows}) == len(rows) == 12
