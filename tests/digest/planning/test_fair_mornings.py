"""The last of an hour is first the next day; editions may begin early."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.planning.plan import Planner, is_turned, lead
from digest.timing.schedule import next_due
from handlers.core.services.readers import Defaults, KnownChats, Readers
from storage.model import DeliveryKind, Layout
from tests.digest.conftest import MONDAY, Paper

if TYPE_CHECKING:
    from storage.db.database import Database
    from storage.model import Delivery

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
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
