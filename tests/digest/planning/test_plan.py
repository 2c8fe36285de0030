"""Planning: who is due, early editions, and what goes above Telegram's free rate for a fee."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import BadRequest

from digest.making.request_body import prepare
from digest.pacing.priorities import Priority
from digest.pacing.rate_limiter import WHOLE_BURST, RateLimiter
from digest.planning.paid_broadcast import (
    BURST,
    FREE_RATE,
    PAID_RATE,
    dearest,
    forecast,
    paid,
    stars,
)
from digest.planning.plan import Planner, decide, is_turned, lead
from digest.timing.schedule import next_due
from handlers.core.services.readers import Defaults, KnownChats, Readers
from storage.ledger.plans import DueDecision, DueGroup
from storage.model import DeliveryKind, DeliveryState, Layout, State
from tests.digest.conftest import MONDAY, Paper

if TYPE_CHECKING:
    from storage.db.database import Database
    from storage.model import Delivery

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
    await paper.morning(hours=3)
    assert {row.chat_id: row.kind for row in await paper.ledger()} == {
        1: DeliveryKind.EDITION,
        2: DeliveryKind.CATCH_UP,
    }


async def test_a_requested_edition_includes_a_waiting_one(paper: Paper) -> None:
    reader = await paper.reader_of("Waiting")
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


REFUSED = BadRequest("Paid broadcast is not allowed")


def flags(paper: Paper) -> list[str | None]:
    return [sent.fields.get("allow_paid_broadcast") for sent in paper.outbox.sent]


@pytest.mark.parametrize("paid", [True, False])
async def test_only_a_sender_that_may_pay_asks_telegram_for_it(paper: Paper, *, paid: bool) -> None:
    paper.sender = paper.new_sender(paid=paid)
    paper.renderer.per_part = 1
    for number in range(2):
        await paper.article(f"Story {number}", story=number)
    await paper.reader(1)
    await paper.morning()
    assert flags(paper) == ["true" if paid else None] * 2


async def test_requested_editions_are_never_paid_for(paper: Paper) -> None:
    paper.sender = paper.new_sender(paid=True)
    await paper.article("The story of the day")
    reader = await paper.reader(1)
    await paper.reader(2)
    assert await paper.sender.deliver_now(reader, paper.time.now) is DeliveryState.SENT
    assert flags(paper) == [None]
    paper.time.pass_(days=1)
    await paper.article("The story of the next day")
    await paper.morning()
    assert flags(paper) == [None, "true", "true"]


async def test_a_bot_that_may_not_pay_goes_on_at_the_free_rate(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    paper.sender = paper.new_sender(paid=True, in_flight=1)
    await paper.article("The story of the day")
    for chat in range(1, 5):
        await paper.reader(chat)
    paper.outbox.fail(REFUSED)
    await paper.morning()
    assert await paper.states() == [DeliveryState.SENT] * 4
    assert flags(paper) == [None] * 4
    assert all(sent.fields["parse_mode"] == "HTML" for sent in paper.outbox.sent)
    assert paper.rate_limiter.rate == FREE_RATE
    assert [entry.message for entry in caplog.records if "@BotFather" in entry.message] != []


async def test_a_message_that_is_refused_for_its_words_leaves_the_others_paid(paper: Paper) -> None:
    paper.sender = paper.new_sender(paid=True, in_flight=1)
    await paper.article("The story of the day")
    for chat in (1, 2):
        await paper.reader(chat)
    words = BadRequest("Can't parse entities: unsupported start tag")
    paper.outbox.fail(words, words, chat_id=1)
    await paper.morning()
    assert await paper.states() == [DeliveryState.SENT] * 2
    plain, whole = paper.outbox.sent
    assert "parse_mode" not in plain.fields
    assert "allow_paid_broadcast" not in plain.fields
    assert whole.fields["allow_paid_broadcast"] == "true"
    assert paper.rate_limiter.rate == 1000


def test_the_fee_is_one_field_appended_to_the_shared_body() -> None:
    shared = prepare("<b>An edition</b>", keyboard=("[]",))
    paid = shared.paid()
    assert "allow_paid_broadcast" not in parse_qs(shared.body.decode())
    assert parse_qs(paid.body.decode()) == {
        **parse_qs(shared.body.decode()),
        "allow_paid_broadcast": ["true"],
    }
    assert paid.text == shared.text


MINUTE = timedelta(minutes=1)

HALF_AN_HOUR = 30 * MINUTE
SLOW = 0.0001
"""A rate, in messages a second, at which editions begin as early as allowed."""


def early_planner(paper: Paper, early: timedelta = HALF_AN_HOUR) -> Planner:
    return Planner(paper.plans, chunk=3, per_second=SLOW, early=early)


async def order_of(paper: Paper, due: datetime) -> list[int]:
    """Return the chats in the order in which their editions of a time are sent."""
    rows = [row for row in await paper.ledger() if row.due == due]
    return [row.chat_id for row in sorted(rows, key=lambda row: row.id)]


async def test_the_last_subscriber_of_an_hour_is_first_on_the_next_day(paper: Paper) -> None:
    zones = ("Europe/Rome", "Africa/Tripoli", "Europe/Rome")
    for chat_id in range(1, 24):
        await paper.reader(chat_id, zone=zones[chat_id % 3])
    planner = Planner(paper.plans)
    orders = []
    for _ in range(3):
        await planner.plan_due(paper.time.now)
        orders.append(await order_of(paper, paper.time.now))
        paper.time.pass_(days=1)
    assert len(orders[0]) == 23
    assert orders[1] == orders[0][::-1]
    assert orders[2] == orders[0]


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_second_day_is_planned_in_reverse(moment: datetime) -> None:
    if moment < datetime(9998, 1, 1, tzinfo=UTC):
        assert is_turned(moment) is not is_turned(moment + DAY)


@given(st.integers(0, 10**6), st.integers(1, 1000), st.integers(0, 60))
def test_early_planning_delivers_half_by_the_hour_within_its_limit(
    count: int, per_second: int, minutes: int
) -> None:
    most = minutes * MINUTE
    early = lead(count, per_second, most)
    assert timedelta() <= early <= most
    sent = early.total_seconds() * per_second
    assert early == most or abs(sent - count / 2) <= per_second


async def test_an_early_edition_is_of_its_hour_and_is_sent_once(paper: Paper) -> None:
    first = await paper.article("Night")
    await paper.reader(7)
    await paper.reader(8, minute=9 * 60)
    planner = early_planner(paper)
    paper.time.now = MONDAY - 31 * MINUTE
    assert await planner.plan_due(paper.time.now) == 0
    paper.time.pass_(minutes=1)
    assert await planner.plan_due(paper.time.now) == 1
    await paper.sender.drain()
    assert [sent.chat_id for sent in paper.outbox.sent] == [7]
    [row] = await paper.ledger()
    assert (row.due, row.kind, row.place_to) == (MONDAY, DeliveryKind.EDITION, first)
    second = await paper.article("Dawn")
    for _ in range(40):
        paper.time.pass_(minutes=1)
        await planner.plan_due(paper.time.now)
    paper.time.now = MONDAY + DAY - 30 * MINUTE
    await planner.plan_due(paper.time.now)
    rows = [row for row in await paper.ledger() if row.chat_id == 7]
    assert [(each.due, each.place_from, each.place_to) for each in rows] == [
        (MONDAY, 0, first),
        (MONDAY + DAY, first, second),
    ]


async def test_few_editions_and_the_default_do_not_begin_early(paper: Paper) -> None:
    await paper.reader(7)
    paper.time.now = MONDAY - MINUTE
    assert await Planner(paper.plans).plan_due(paper.time.now) == 0
    fast = Planner(paper.plans, per_second=25, early=HALF_AN_HOUR)
    assert await fast.plan_due(paper.time.now) == 0
    assert await fast.plan_due(MONDAY) == 1


async def test_a_reader_paused_until_the_hour_gets_no_early_edition(paper: Paper) -> None:
    await paper.reader(7, paused_until=MONDAY - 10 * MINUTE, next_at=MONDAY)
    planner = early_planner(paper)
    for minutes, planned in ((30, 0), (11, 0), (10, 1), (0, 0)):
        assert await planner.plan_due(MONDAY - minutes * MINUTE) == planned


async def test_an_hour_that_takes_too_long_is_logged(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "digest.plan")
    for chat_id in range(1, 6):
        await paper.reader(chat_id)
    await Planner(paper.plans, per_second=1).plan_due(MONDAY)
    assert caplog.messages == []
    paper.time.now = MONDAY + DAY
    await Planner(paper.plans, per_second=1 / 900).plan_due(MONDAY + DAY)
    assert "5 editions are due together and take 75 min" in caplog.text


CLOCK_CHANGES = ("2027-03-27", "2026-10-24")


@pytest.mark.parametrize("change", CLOCK_CHANGES)
async def test_changes_around_early_editions_lose_and_repeat_nothing(
    paper: Paper, change: str
) -> None:
    await change_around_early_editions(paper, 0, change)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("change", CLOCK_CHANGES)
async def test_other_changes_around_early_editions_lose_and_repeat_nothing(
    lite: Database, seed: int, change: str
) -> None:
    # The courses differ in what readers do, which no database decides.
    await change_around_early_editions(Paper(lite), seed, change)


async def change_around_early_editions(paper: Paper, seed: int, change: str) -> None:
    """Let readers change their settings for some days, and check what each of them got."""
    chance = random.Random(f"{seed} {change}")  # noqa: S311  # the same course in every run
    paper.time.now = datetime.fromisoformat(change).replace(hour=4, tzinfo=UTC)
    zones = ("Europe/Rome", "America/New_York", "Asia/Kolkata")
    readers = Readers(
        paper.subscribers,
        Defaults("en", "UTC", 480, Layout.SUMMARIES, 0),
        lambda: paper.time.now,
        KnownChats(),
    )
    ids = []
    for chat_id in range(1, 7):
        zone = chance.choice(zones)
        local = paper.time.now.astimezone(ZoneInfo(zone))
        minute = (local.hour * 60 + chance.randrange(20, 180)) % 1440
        reader = await paper.reader(chat_id, zone=zone, minute=minute)
        await paper.subscribers.change(reader.id, next_at=next_due(reader, paper.time.now))
        ids.append(reader.id)
    planner = early_planner(paper, chance.choice((5, 20, 60)) * MINUTE)
    changed: set[int] = set()
    for _ in range(150):
        paper.time.pass_(minutes=chance.choice((10, 20, 30)))
        if chance.random() < 0.3:
            await paper.article(f"News {chance.random()}")
        if chance.random() < 0.2:
            reader_ = await paper.subscriber(chance.choice(ids[:3]))
            changed.add(reader_.id)
            minute = (reader_.digest_minute + chance.choice((-20, -5, 0, 5, 20))) % 1440
            what = chance.choice(("hour", "days", "zone"))
            if what == "hour":
                await readers.change(reader_, digest_minute=minute)
            elif what == "days":
                await readers.change(reader_, days=127)
            else:
                await readers.change(reader_, zone=chance.choice(zones))
        await planner.plan_due(paper.time.now)
        await paper.sender.drain()
    of: defaultdict[int, list[Delivery]] = defaultdict(list)
    for row in sorted(await paper.ledger(), key=lambda row: row.id):
        of[row.subscriber_id].append(row)
    for number in ids:
        rows = of[number]
        assert len({row.due for row in rows}) == len(rows)
        # Each begins where the one before ended: no article is in two, and none between two.
        assert [row.place_from for row in rows] == [0, *(row.place_to for row in rows[:-1])]
        after = await paper.subscriber(number)
        assert after.place == rows[-1].place_to
        if number not in changed:
            dates = [row.due.astimezone(ZoneInfo(row.zone)).date() for row in rows]
            assert len(set(dates)) == len(dates)
            assert (dates[-1] - dates[0]).days == len(dates) - 1


EIGHT = datetime(2026, 6, 1, 8, tzinfo=UTC)
RATES = st.integers(FREE_RATE + 1, PAID_RATE)


def above(sent: Counter[int]) -> int:
    """Return what Telegram bills: the messages above the free rate in each second."""
    return sum(max(count - FREE_RATE, 0) for count in sent.values())


def test_a_run_at_the_free_rate_costs_nothing() -> None:
    assert [paid(100_000, rate) for rate in (1, 25, FREE_RATE)] == [0, 0, 0]
    assert paid(FREE_RATE, PAID_RATE) == 0


def test_twenty_thousand_editions_cost_what_was_computed() -> None:
    # 1,050 in the first second, then 18 full ones, and 950 in the last: 30 of each are free.
    assert paid(20_000, PAID_RATE) == 20_000 - 20 * FREE_RATE
    assert stars(paid(20_000, PAID_RATE)) == 1940.0


class Ticking:
    """A clock in seconds that moves only when somebody sleeps."""

    def __init__(self, at: float) -> None:
        self.now = at

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(
    messages=st.integers(0, 700),
    rate=st.integers(FREE_RATE + 1, 300),
    begins=st.floats(0, 1),
)
@settings(max_examples=60)
def test_a_run_never_costs_more_than_estimated(messages: int, rate: int, begins: float) -> None:
    clock = Ticking(100 + begins)
    rate_limiter = RateLimiter(rate, clock=clock, sleep=clock.sleep)
    sent: Counter[int] = Counter()

    async def send() -> None:
        for chat in range(1, messages + 1):
            await rate_limiter.acquire(chat, Priority.EDITION)
            sent[int(clock.now)] += 1
        await rate_limiter.shutdown()

    asyncio.run(send())
    assert sum(sent.values()) == messages
    assert above(sent) <= paid(messages, rate)
    # It is no idle bound either: a second that is begun late, and the rest of the last.
    assert paid(messages, rate) - above(sent) <= 2 * FREE_RATE + rate * BURST + 1


@given(messages=st.integers(0, 100_000), more=st.integers(0, 1000), rate=RATES)
def test_more_messages_or_a_higher_rate_never_cost_less(
    messages: int, more: int, rate: int
) -> None:
    assert 0 <= paid(messages, rate) <= max(messages - FREE_RATE, 0)
    assert paid(messages, rate) <= paid(messages + more, rate) <= paid(messages, rate) + more
    assert paid(messages, rate) <= paid(messages, PAID_RATE)


@given(
    due=st.dictionaries(
        st.integers(0, 1440).map(lambda minute: EIGHT + timedelta(minutes=minute)),
        st.integers(1, 50_000),
        max_size=12,
    ),
    rate=RATES,
    each=st.floats(1, 3),
)
def test_a_days_cost_is_the_sum_of_its_runs(
    due: dict[datetime, int], rate: int, each: float
) -> None:
    runs = forecast(due, rate=rate, messages_each=each)
    assert [run.due for run in runs] == sorted(due)
    assert sum(run.editions for run in runs) == sum(due.values())
    for run in runs:
        assert run.editions <= run.messages <= run.editions * each + 1
        assert run.seconds <= run.seconds_free
        assert run.seconds >= run.messages / rate - 1e-6
        assert 0 <= run.paid <= run.messages
    # Runs that run into each other have no fewer free messages together than one long run.
    assert sum(run.paid for run in runs) >= paid(sum(run.messages for run in runs), rate) - (
        FREE_RATE * len(runs)
    )
    assert [run.stars for run in forecast(due, rate=FREE_RATE)] == [0.0] * len(due)


def test_a_run_waits_for_the_one_before() -> None:
    late = EIGHT + timedelta(minutes=1)
    first, second = forecast({late: 60, EIGHT: 3600}, rate=100)
    assert (first.seconds_free, second.seconds_free) == (120.0, 62.0)
    assert (first.seconds, second.seconds) == (36.0, 0.6)
    joined = forecast({late: 60, EIGHT: 9000}, rate=100)
    assert [round(run.seconds, 6) for run in joined] == [90.0, 30.6]
    assert sum(run.paid for run in joined) == paid(9060, 100)


def test_the_biggest_runs_stay_in_the_order_of_their_time() -> None:
    due = {EIGHT + timedelta(hours=hour): 10 * (hour % 3) + 1 for hour in range(6)}
    assert [run.due.hour for run in dearest(forecast(due, rate=100), 3)] == [9, 10, 13]


def test_the_estimate_uses_the_burst_of_the_rate_limiter() -> None:
    assert BURST == WHOLE_BURST


@pytest.mark.parametrize("messages", [0, 1, 31, 1049, 1050, 1051, 2051])
def test_each_message_counts_once(messages: int) -> None:
    assert paid(messages + 1, PAID_RATE) - paid(messages, PAID_RATE) in {0, 1}
