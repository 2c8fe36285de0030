"""The health of sources, judged by their usual rhythm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import health
from news.health import Condition, Health, ThinCategory
from storage.model import Source, SourceState
from tests.plugins.records import a_source

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""A Monday."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def source(number: int = 1, **changes: Any) -> Source:  # noqa: ANN401 - fields
    plain: dict[str, Any] = {"last_ok": NOW, "last_new": NOW - HOUR, "added": NOW - 300 * DAY}
    return a_source(number, NOW, **plain | changes)


def every(gap: timedelta, count: int, until: datetime = NOW) -> tuple[datetime, ...]:
    return tuple(until - gap * number for number in reversed(range(count)))


def condition(times: tuple[datetime, ...] = (), **changes: Any) -> Condition:  # noqa: ANN401 - fields
    if times:
        changes.setdefault("last_new", times[-1])
    return health.judge(source(**changes), times).condition


def test_a_source_that_publishes_as_usual_is_fine() -> None:
    assert condition(every(DAY, 30)) is Condition.FINE


def test_a_daily_that_is_silent_for_three_days_is_quiet_since_its_last_news() -> None:
    times = every(DAY, 30, until=NOW - 3 * DAY)
    found = health.judge(source(last_new=times[-1]), times)
    assert (found.condition, found.since, found.usual) == (Condition.QUIET, times[-1], DAY)
    assert "https://1.example/" in found.advice


def test_a_busy_source_is_quiet_after_two_days() -> None:
    times = every(HOUR, 24 * 30, until=NOW - 2 * DAY)
    assert condition(times) is Condition.QUIET
    assert condition(every(HOUR, 24 * 30, until=NOW - DAY)) is Condition.FINE


def test_a_weekly_is_fine_after_a_week_and_quiet_after_two() -> None:
    assert condition(every(7 * DAY, 10, until=NOW - 8 * DAY)) is Condition.FINE
    assert condition(every(7 * DAY, 10, until=NOW - 14 * DAY)) is Condition.QUIET


def test_one_accidental_silence_does_not_raise_the_limit() -> None:
    before = every(DAY, 60, until=NOW - 24 * DAY)
    times = (*before, *every(DAY, 11, until=NOW - 4 * DAY))
    assert health.usual_silence(times) == DAY
    assert condition(times) is Condition.QUIET


def test_a_dead_source_stays_quiet_while_its_rhythm_is_forgotten() -> None:
    for gap in (HOUR, DAY, 7 * DAY, 28 * DAY):
        end = NOW - 5 * DAY
        times = every(gap, int(health.REMEMBERED / gap), until=end)
        conditions = []
        for silent in range(0, 250, 3):
            at = end + silent * DAY
            kept = tuple(time for time in times if time >= at - health.REMEMBERED)
            found = health.judge(source(last_ok=at, last_new=end), kept)
            conditions.append(found.condition is Condition.QUIET)
        assert conditions == sorted(conditions), gap
        assert conditions[-1], gap


def test_a_source_that_is_not_polled_is_not_quiet() -> None:
    times = every(HOUR, 24 * 30, until=NOW - 9 * DAY)
    assert condition(times, last_ok=times[-1] + HOUR) is Condition.FINE


def test_a_barely_known_source_is_never_reported_quiet() -> None:
    assert condition(every(DAY, 10, until=NOW - 6 * DAY)) is Condition.FINE
    assert condition(every(10 * DAY, 3, until=NOW - 60 * DAY)) is Condition.FINE
    assert condition((), last_new=None, added=NOW - DAY) is Condition.FINE
    assert condition((), last_new=None) is Condition.QUIET


def test_another_feed_is_looked_for_at_the_site_and_not_at_the_address_that_is_gone() -> None:
    gone = source(url="https://1.example/dead/feed?x", site="", state=SourceState.RETIRED)
    assert "`onnews sources test https://1.example/` looks" in health.judge(gone, ()).advice


def test_a_young_daily_source_that_stops_is_quiet() -> None:
    for count, silent, expected in (
        (10, 20, Condition.FINE),
        (10, 22, Condition.QUIET),
        (4, 22, Condition.QUIET),
        (3, 60, Condition.FINE),
    ):
        times = every(DAY, count, until=NOW - silent * DAY)
        found = health.judge(source(last_new=times[-1], added=times[0]), times)
        assert found.condition is expected, (count, silent)
        assert found.usual is None


weekdays = st.sets(st.integers(0, 6), min_size=1)
hours = st.sets(st.integers(0, 23), min_size=1, max_size=4)
MOST_LATE = 90
"""Minutes."""


@given(
    days=weekdays,
    at=hours,
    weeks=st.integers(1, 25),
    missing=st.integers(0, 6),
    late=st.lists(st.integers(0, MOST_LATE), min_size=1, max_size=9),
    interval=st.integers(600, 43_200),
    waited=st.floats(0, 1),
)
def test_a_regular_source_is_never_quiet_within_its_rhythm(  # noqa: PLR0917 - what it varies
    days: set[int],
    at: set[int],
    weeks: int,
    missing: int,
    late: list[int],
    interval: int,
    waited: float,
) -> None:
    """Any weekdays, any hours, sometimes a little late, known for any length of time."""
    begin = NOW - weeks * 7 * DAY - timedelta(hours=NOW.hour)
    slots = [
        begin + day * DAY + hour * HOUR + timedelta(minutes=late[(day * 24 + hour) % len(late)])
        for day in range(weeks * 7 + 8)
        if (begin + day * DAY).weekday() in days
        for hour in sorted(at)
    ]
    active = [slot for slot in slots if slot <= NOW - missing * DAY]
    to_come = [slot for slot in slots if slot > NOW - missing * DAY]
    if not active or not to_come:
        return
    # Up to when the next news is due, and as long as it then takes to be seen.
    now = active[-1] + (to_come[0] + timedelta(seconds=interval) - active[-1]) * waited
    seen = tuple(sorted({*active}))
    found = health.judge(
        source(last_ok=now, last_new=seen[-1], interval=interval, added=begin), seen
    )
    assert found.condition is Condition.FINE


@given(
    gap=st.integers(1, 31),
    count=st.integers(1, 150),
    waited=st.floats(0, 1),
)
def test_a_source_with_news_every_few_days_is_never_quiet_within_its_rhythm(
    gap: int, count: int, waited: float
) -> None:
    times = every(gap * DAY, count)
    found = health.judge(
        source(last_ok=NOW + gap * DAY * waited, last_new=NOW), times[-200 // gap - 1 :]
    )
    assert found.condition is Condition.FINE


@given(
    times=st.lists(
        st.datetimes(datetime(2025, 6, 1), datetime(2026, 6, 1)).map(  # noqa: DTZ001 - made aware
            lambda time: time.replace(tzinfo=UTC)
        ),
        max_size=40,
    ),
    failures=st.integers(0, 9),
)
def test_equal_records_are_judged_alike_whatever_their_order(
    times: list[datetime], failures: int
) -> None:
    assert health.usual_silence(times) == health.usual_silence(sorted(times, reverse=True))
    one, other = source(failures=failures), source(2, failures=failures)
    ordered = tuple(sorted(times))
    both = {1: ordered, 2: ordered}
    assert health.judge_all([one, other], both) == health.judge_all([other, one], both)


FAILED: dict[str, Any] = {"failures": health.FAILURES, "last_ok": NOW - DAY}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"last_ok": None, "last_new": None}, Condition.NEW),
        ({"failures": 3, "last_error": "timeout: no complete answer"}, Condition.FINE),
        ({**FAILED, "last_error": "timeout: no complete answer"}, Condition.FAILING),
        ({**FAILED, "last_error": "wall page: captcha"}, Condition.WALL),
        ({**FAILED, "last_error": "empty feed: status 200 without an item"}, Condition.EMPTY),
        ({**FAILED, "last_ok": None, "last_error": "http 404: Not Found"}, Condition.NEVER),
        ({**FAILED, "state": SourceState.PAUSED}, Condition.PAUSED),
        ({"state": SourceState.RETIRED, "last_error": "http 410: Gone"}, Condition.RETIRED),
    ],
)
def test_the_record_determines_a_sources_condition(
    changes: dict[str, Any], expected: Condition
) -> None:
    found = health.judge(source(**changes), every(DAY, 30))
    assert found.condition is expected
    assert found.troubled == (expected in health.TROUBLE)


def test_a_failure_says_why_and_since_when() -> None:
    found = health.judge(source(**FAILED, last_error="http 503: try later"), ())
    assert (found.reason, found.since) == ("http 503", NOW - DAY)
    never = health.judge(source(failures=9, last_ok=None, last_error="timeout"), ())
    assert never.since == never.source.added


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("timeout: 20 s", "automatically"),
        ("http 503: x", "automatically"),
        ("bad certificate: x", "certificate"),
        ("http 404: Not Found", "onnews sources test https://1.example/"),
        ("http 403: Forbidden", "onnews sources pause 1"),
        ("no such host: x", "misspelt"),
        ("private address: 10.0.0.1", "ALLOW_PRIVATE_SOURCES=true"),
        ("defect: KeyError", "log"),
        ("not a feed: hello", "onnews sources test 1"),
        ("wall page: captcha", "onnews sources pause 1"),
        ("empty feed: status 200", "onnews sources test https://1.example/"),
    ],
)
def test_each_trouble_has_its_advice_in_one_line(error: str, says: str) -> None:
    advice = health.judge(source(**FAILED, last_error=error), ()).advice
    assert says in advice
    assert "\n" not in advice


def test_every_condition_has_advice_but_health() -> None:
    for each in Condition:
        advice = Health(source(), each).advice
        assert bool(advice) is (each not in {Condition.FINE, Condition.NEW})
    assert "timeout" in Health(source(), Condition.FINE, reason="timeout").advice


def test_sources_in_trouble_come_first() -> None:
    failing = source(3, **FAILED, last_error="timeout")
    found = health.judge_all([source(2), source(1), failing], {})
    assert [one.source.id for one in found] == [3, 1, 2]
    assert health.summary(found) == {Condition.FAILING: 1, Condition.FINE: 2}


def test_categories_fed_by_sources_in_trouble_are_thin() -> None:
    healths = health.judge_all([source(1), source(2, **FAILED, last_error="timeout")], {})
    shares = {
        "motor": {1: 4, 2: 6},
        "style": {1: 5, 2: 5},
        "art": {2: 3},  # too few to say anything
        "china": {2: 9},
        "yachts": {2: 6, 99: 100},  # 99 was removed
        "sport": {1: 9, 99: 100},
    }
    assert health.thin(healths, shares) == (
        ThinCategory("china", 1.0),
        ThinCategory("yachts", 1.0),
        ThinCategory("motor", 0.6),
    )


def test_if_most_sources_are_unreachable_the_machine_is_offline() -> None:
    gone = {**FAILED, "last_error": "no such host: x"}
    healths = health.judge_all([source(1), *(source(n, **gone) for n in range(2, 6))], {})
    assert health.cut_off(healths)
    assert not health.cut_off(healths[2:])
    refused = {**FAILED, "last_error": "http 403: x"}
    assert not health.cut_off(health.judge_all([source(n, **refused) for n in range(9)], {}))


def test_a_change_of_health_is_reported_once_each_way() -> None:
    fine, bad = source(), source(**FAILED, last_error="timeout")
    worse = source(**FAILED, last_error="wall page: captcha")

    def step(known: dict[int, str], now: Source) -> tuple[int, int, dict[int, str]]:
        found = health.turned(known, health.judge_all([now], {}))
        return len(found.bad), len(found.good), found.known

    assert step({}, fine) == (0, 0, {})
    assert step({}, bad) == (1, 0, {1: "failing"})
    assert step({1: "failing"}, bad) == (0, 0, {1: "failing"})
    assert step({1: "failing"}, worse) == (0, 0, {1: "wall page"})
    assert step({1: "wall page"}, fine) == (0, 1, {})


def test_the_operators_own_changes_are_not_reported() -> None:
    paused = health.judge_all([source(state=SourceState.PAUSED)], {})
    assert health.turned({1: "failing", 2: "quiet"}, paused) == health.HealthChanges((), (), {})


def test_a_source_added_again_is_new_until_it_answers() -> None:
    new = health.judge_all([source(last_ok=None, last_new=None)], {})
    assert health.turned({1: "failing"}, new) == health.HealthChanges((), (), {1: "failing"})
