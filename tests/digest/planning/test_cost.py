"""The cost of paid broadcast, compared with what the rate limiter lets through."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
