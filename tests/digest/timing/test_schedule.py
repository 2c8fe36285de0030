from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.timing.quiet_hours import quiet_until
from digest.timing.schedule import (
    Hours,
    day_has_passed,
    due_moments,
    due_on,
    joins_next,
    last_due,
    local_date,
    next_due,
)
from storage.model import EVERY_DAY, WEEKDAYS

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
YEARS = st.integers(1990, 2035)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
"""The start of the year whose days are all tested."""


def clocks_of(zone: str) -> tuple[timedelta | None, ...]:
    """Return a zone's offsets from UTC in the year and around it.

    There is one for each day at noon, and for each quarter of an hour on days when the offset
    changes.
    """
    place = ZoneInfo(zone)
    noons = [YEAR + timedelta(days=day, hours=12) for day in range(-3, 370)]
    found = [noon.astimezone(place).utcoffset() for noon in noons]
    for number in range(1, len(noons)):
        if found[number] != found[number - 1]:
            moments = (noons[number] - timedelta(minutes=15 * n) for n in range(96))
            found += [moment.astimezone(place).utcoffset() for moment in moments]
    return tuple(found)


@cache
def different_zones() -> tuple[str, ...]:
    return tuple({clocks_of(zone): zone for zone in ZONES}.values())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # the parts of a date


def dues(hours: Hours, start: datetime, end: datetime) -> list[datetime]:
    found = []
    moment = start
    while (moment := next_due(hours, moment)) < end:
        found.append(moment)
    return found


def test_the_next_edition_is_today_before_its_hour() -> None:
    assert next_due(Hours("Europe/Rome", 480), utc(2026, 6, 1, 5, 59)) == utc(2026, 6, 1, 6)


def test_the_next_edition_is_strictly_later() -> None:
    assert next_due(Hours("Europe/Rome", 480), utc(2026, 6, 1, 6)) == utc(2026, 6, 2, 6)


def test_an_hour_skipped_in_spring_is_due_after_the_jump() -> None:
    # Rome, 29 March 2026: after 01:59 comes 03:00.
    assert next_due(Hours("Europe/Rome", 150), utc(2026, 3, 28, 12)) == utc(2026, 3, 29, 1)
    assert next_due(Hours("Europe/Rome", 150), utc(2026, 3, 29, 1)) == utc(2026, 3, 30, 0, 30)


def test_an_hour_repeated_in_autumn_is_due_once() -> None:
    # Rome, 25 October 2026: 02:30 comes at 00:30 and at 01:30 UTC.
    hours = Hours("Europe/Rome", 150)
    assert next_due(hours, utc(2026, 10, 24, 12)) == utc(2026, 10, 25, 0, 30)
    assert next_due(hours, utc(2026, 10, 25, 0, 30)) == utc(2026, 10, 26, 1, 30)


def test_a_clock_gap_at_midnight_keeps_the_edition_in_its_day() -> None:
    # Nuuk, 28 March 2026: after 22:59 comes 00:00 of the next day.
    due = due_on(date(2026, 3, 28), 23 * 60 + 30, "America/Nuuk")
    assert due == utc(2026, 3, 29, 0, 59)
    assert local_date(due, "America/Nuuk") == date(2026, 3, 28)


def test_a_skipped_calendar_day_has_no_edition() -> None:
    # Samoa left out 30 December 2011.
    assert due_on(date(2011, 12, 30), 480, "Pacific/Apia") is None
    found = dues(Hours("Pacific/Apia", 480), utc(2011, 12, 28), utc(2012, 1, 1))
    assert [local_date(each, "Pacific/Apia").day for each in found] == [28, 29, 31, 1]


def test_weekdays_leave_out_saturday_and_sunday() -> None:
    found = dues(Hours("UTC", 0, WEEKDAYS), utc(2026, 6, 1), utc(2026, 6, 15))
    assert {each.weekday() for each in found} == {0, 1, 2, 3, 4}


def test_no_chosen_day_means_every_day() -> None:
    assert next_due(Hours("UTC", 0, 0), utc(2026, 6, 1)) == utc(2026, 6, 2)


def test_the_first_hour_after_a_pause_is_due() -> None:
    hours = Hours("UTC", 480, EVERY_DAY, utc(2026, 6, 10, 8))
    assert next_due(hours, utc(2026, 6, 1)) == utc(2026, 6, 10, 8)
    assert next_due(hours, utc(2026, 6, 10, 8)) == utc(2026, 6, 11, 8)


def test_an_unknown_zone_is_read_as_utc() -> None:
    assert next_due(Hours("Mars/Olympus", 480), utc(2026, 6, 1)) == utc(2026, 6, 1, 8)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(2026, 6, 1, 20, 30), utc(2026, 6, 2, 5)),  # 22:30 in Rome
        (utc(2026, 6, 2, 4, 59), utc(2026, 6, 2, 5)),
        (utc(2026, 6, 2, 5), None),
        (utc(2026, 6, 1, 19, 59), None),
    ],
)
def test_quiet_hours_reach_over_midnight(now: datetime, expected: datetime | None) -> None:
    assert quiet_until(now, "Europe/Rome", 22 * 60, 7 * 60) == expected


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = utc(2026, 6, 1, 10, 30)
    assert quiet_until(noon, "Europe/Rome", 12 * 60, 14 * 60) == utc(2026, 6, 1, 12)
    assert quiet_until(noon, "Europe/Rome", 14 * 60, 16 * 60) is None
    assert quiet_until(noon, "Europe/Rome", 600, 600) is None
    assert quiet_until(noon, "Europe/Rome", None, 600) is None


def test_a_few_minutes_past_midnight_still_count_as_the_day() -> None:
    due = utc(2026, 6, 1, 21, 50)  # 23:50 in Rome
    assert not day_has_passed(due, "Europe/Rome", utc(2026, 6, 1, 22, 10))
    assert day_has_passed(due, "Europe/Rome", utc(2026, 6, 2, 1))
    assert not day_has_passed(utc(2026, 6, 1, 6), "Europe/Rome", utc(2026, 6, 1, 21, 59))


@pytest.mark.parametrize("minute", [0, 1, 30, 90, 119, 120, 150, 180, 480, 1410, 1439])
def test_in_every_zone_every_day_of_a_year_has_one_edition_at_its_hour(minute: int) -> None:
    # One zone for each set of zones with equal clocks.
    for zone in different_zones():
        place = ZoneInfo(zone)
        found = dues(Hours(zone, minute), YEAR, YEAR + timedelta(days=366))
        dates = [each.astimezone(place).date() for each in found]
        first = dates[0]
        assert dates == [first + timedelta(days=n) for n in range(len(dates))], zone
        assert len(dates) in {365, 366, 367}
        odd = [
            each
            for each in found
            if (local := each.astimezone(place)).hour * 60 + local.minute != minute
        ]
        assert len(odd) <= 2, zone  # the days on which the clock jumps over the hour


@settings(max_examples=300)
@given(
    zone=st.sampled_from(ZONES),
    year=YEARS,
    day=st.integers(0, 364),
    minute=st.integers(0, 1439),
    days=st.integers(1, EVERY_DAY),
)
def test_due_times_are_on_chosen_days_and_once_a_day(
    zone: str, year: int, day: int, minute: int, days: int
) -> None:
    start = utc(year, 1, 1) + timedelta(days=day)
    hours = Hours(zone, minute, days)
    moment = start
    seen: list[date] = []
    for _ in range(15):
        later = next_due(hours, moment)
        assert later > moment
        assert last_due(hours, later) == later
        assert last_due(hours, later - timedelta(microseconds=1)) <= moment or not seen
        local = later.astimezone(ZoneInfo(zone))
        assert days >> local.weekday() & 1
        seen.append(local.date())
        moment = later
    assert len(set(seen)) == len(seen)
    assert seen == sorted(seen)


@settings(max_examples=60)  # each of twenty editions
@given(data=st.data())
def test_a_traveller_gets_one_edition_a_local_day(data: st.DataObject) -> None:
    minute = data.draw(st.integers(0, 1439), label="minute")
    zone = data.draw(st.sampled_from(ZONES), label="zone")
    now = utc(2026, 1, 1) + timedelta(hours=data.draw(st.integers(0, 24 * 300)))
    last: datetime | None = None
    due = next_due(Hours(zone, minute), now)
    for _ in range(20):
        # On some days the reader lands somewhere else before the hour comes.
        if data.draw(st.booleans()):
            now += (due - now) * data.draw(st.floats(0, 0.99))
            zone = data.draw(st.sampled_from(ZONES))
            due = next_due(Hours(zone, minute), now, had=[last] if last else [])
        if last is not None:
            assert local_date(due, zone) > local_date(last, zone)
            assert due - last <= timedelta(hours=24 + 26)
        now = last = due
        due = next_due(Hours(zone, minute), now, had=[last])


ODD_ZONES = (
    "Europe/Rome",
    "America/New_York",
    "Australia/Lord_Howe",  # its clock goes by half an hour
    "Pacific/Apia",  # it left out a day
    "America/Nuuk",  # its clock goes at midnight
    "Africa/Casablanca",  # it goes back for a month of each year
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
)


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_a_morning_and_an_evening_come_on_every_day_of_a_year_in_their_order(zone: str) -> None:
    year = 2011 if zone == "Pacific/Apia" else 2026
    start, end = utc(year, 1, 2), utc(year + 1, 1, 2)
    twice = dues(Hours(zone, 480, evening_minute=1110), start, end)
    place = ZoneInfo(zone)
    wall = [each.astimezone(place) for each in twice]
    assert {(each.hour, each.minute) for each in wall} == {(8, 0), (18, 30)}
    dates = [each.date() for each in wall[wall[0].hour != 8 :]]
    days = sorted(set(dates))
    assert dates[: 2 * len(days) - 2] == [day for day in days[:-1] for _ in range(2)]
    left_out = [date(2011, 12, 30)] if zone == "Pacific/Apia" else []
    every = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    assert [each for each in every if each not in days] == left_out
    assert last_due(Hours(zone, 480, evening_minute=1110), twice[-1]) == twice[-1]


@settings(max_examples=300)
@given(
    zone=st.sampled_from([*ZONES, *ODD_ZONES]),
    year=YEARS,
    day=st.integers(0, 364),
    minutes=st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    days=st.integers(1, EVERY_DAY),
)
def test_two_editions_a_day_are_due_like_each_alone(
    zone: str, year: int, day: int, minutes: tuple[int, int], days: int
) -> None:
    start = utc(year, 1, 1) + timedelta(days=day)
    end = start + timedelta(days=16)
    first, second = minutes
    both = dues(Hours(zone, first, days, evening_minute=second), start, end)
    alone = [dues(Hours(zone, minute, days), start, end) for minute in minutes]
    assert both == sorted({*alone[0], *alone[1]})
    hours = Hours(zone, first, days, evening_minute=second)
    for earlier, later in pairwise(both):
        assert last_due(hours, later - timedelta(microseconds=1)) == earlier


def test_a_clock_jump_over_both_hours_leaves_one_edition() -> None:
    # Rome, 29 March 2026: after 01:59 comes 03:00.
    hours = Hours("Europe/Rome", 125, evening_minute=175)
    assert due_moments(date(2026, 3, 29), hours) == (utc(2026, 3, 29, 1),)
    assert due_moments(date(2011, 12, 30), Hours("Pacific/Apia", 1, evening_minute=2)) == ()


@settings(max_examples=60)  # each of twenty editions
@given(data=st.data())
def test_a_traveller_gets_two_editions_a_local_day_at_most(data: st.DataObject) -> None:
    morning = data.draw(st.integers(0, 1300), label="morning")
    evening = data.draw(st.integers(morning + 1, 1439), label="evening")
    zone = data.draw(st.sampled_from(ZONES), label="zone")
    now = utc(2026, 1, 1) + timedelta(hours=data.draw(st.integers(0, 24 * 300)))
    had: list[datetime] = []
    due = next_due(Hours(zone, morning, evening_minute=evening), now)
    for _ in range(20):
        if data.draw(st.booleans()):
            now += (due - now) * data.draw(st.floats(0, 0.99))
            zone = data.draw(st.sampled_from(ZONES))
            due = next_due(Hours(zone, morning, evening_minute=evening), now, had=had[-2:])
        dates = [local_date(each, zone) for each in [*had[-2:], due]]
        assert len(dates) < 3 or len(set(dates)) > 1
        assert not had or due - had[-1] <= timedelta(hours=24 + 26)
        had.append(due)
        now = due
        due = next_due(Hours(zone, morning, evening_minute=evening), now, had=had[-2:])


def test_a_traveller_with_the_morning_edition_gets_the_evening_one() -> None:
    hours = Hours("Europe/Rome", 480, evening_minute=1080)
    in_tokyo = utc(2026, 6, 1, 23)  # eight on the 2nd there, one in the night in Rome
    assert next_due(hours, utc(2026, 6, 2, 5), had=[in_tokyo]) == utc(2026, 6, 2, 16)
    both = [in_tokyo, utc(2026, 6, 2, 9)]
    assert next_due(hours, utc(2026, 6, 2, 10), had=both) == utc(2026, 6, 3, 6)
    assert next_due(hours, utc(2026, 6, 2, 12), had=both[1:]) == utc(2026, 6, 2, 16)
    assert next_due(hours, utc(2026, 6, 2, 12), had=[utc(2026, 6, 2, 11)]) == utc(2026, 6, 3, 6)


def test_a_missed_edition_joins_the_nearer_next_one() -> None:
    missed, following = utc(2026, 6, 1, 6), utc(2026, 6, 2, 6)
    assert joins_next(missed, following, "UTC", utc(2026, 6, 2, 3))
    assert not joins_next(missed, following, "UTC", utc(2026, 6, 1, 22))  # still the same day
    evening, next_evening = utc(2026, 6, 1, 20), utc(2026, 6, 2, 20)
    assert not joins_next(evening, next_evening, "UTC", utc(2026, 6, 2, 3))
    assert joins_next(evening, next_evening, "UTC", utc(2026, 6, 2, 9))
