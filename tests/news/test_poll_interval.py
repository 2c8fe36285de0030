"""When a source is asked again."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from news.poll_interval import FAILED, LEAST, MOST, after_failure, after_news, after_nothing
from tests.news.conftest import NOW


def chance() -> random.Random:
    return random.Random(7)  # noqa: S311 — the same spread every time


def test_a_busy_source_is_asked_more_often() -> None:
    busy = [NOW - timedelta(minutes=20 * n) for n in range(20)]
    assert after_news(3600, busy, NOW, chance()).interval == 1800


def test_a_quiet_source_is_asked_less_often() -> None:
    quiet = [NOW - timedelta(days=2 * n) for n in range(10)]
    assert after_news(3600, quiet, NOW, chance()).interval == 7200
    assert after_nothing(3600, NOW, chance()).interval == 4320


def test_a_source_that_fell_silent_is_not_asked_as_if_it_were_busy() -> None:
    once = [NOW - timedelta(days=20, minutes=20 * n) for n in range(20)]
    assert after_news(3600, once, NOW, chance()).interval == 7200


def test_a_source_without_times_is_asked_by_what_its_rounds_bring() -> None:
    for undated in ([None] * 20, [NOW]):
        assert after_news(3600, undated, NOW, chance(), fresh=True).interval == 2400
        assert after_news(3600, undated, NOW, chance()).interval == 5400
    # Twenty articles a day with dates but no times.
    days = [NOW - timedelta(days=n // 20) for n in range(100)]
    assert after_news(3600, days, NOW, chance(), fresh=True).interval == 2400
    assert after_news(3600, days, NOW, chance()).interval == 7200


def test_the_servers_cache_time_is_obeyed() -> None:
    busy = [NOW - timedelta(minutes=20 * n) for n in range(20)]
    assert after_news(3600, busy, NOW, chance(), wish=6000).next_check >= NOW + timedelta(
        seconds=6000
    )


def test_pauses_grow_with_failures_and_end_at_a_day() -> None:
    pauses = [after_failure(3600, n, NOW, chance()).next_check - NOW for n in range(1, 15)]
    assert pauses[0] < timedelta(minutes=7)
    assert pauses[3] > pauses[2] > pauses[1] > pauses[0]
    assert pauses[-1] <= timedelta(seconds=FAILED.longest * 1.2)
    assert after_failure(3600, 1, NOW, chance(), wish=7200).next_check == NOW + timedelta(hours=2)
    assert after_failure(3600, 9, NOW, chance()).interval == 3600


def test_sources_are_spread_over_time() -> None:
    dice = chance()
    assert len({after_nothing(3600, NOW, dice).next_check for _ in range(20)}) > 10


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(0, 10**7), max_size=40),
    st.one_of(st.none(), st.integers(0, 10**7)),
)
def test_no_source_is_asked_too_often_or_never(
    interval: int, ages: list[int], wish: int | None
) -> None:
    published = [NOW - timedelta(seconds=age) for age in ages]
    found = after_news(interval, published, NOW, chance(), wish=wish)
    assert LEAST <= found.interval <= MOST
    assert NOW + timedelta(seconds=LEAST * 0.89) <= found.next_check
    assert found.next_check <= NOW + timedelta(seconds=MOST * 1.11)
