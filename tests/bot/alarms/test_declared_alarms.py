"""Each alarm: what raises it, what does not, and what clears it. Operators are notified once when
a source fails, and once when it is well again.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from time import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from telegram import WebhookInfo
from telegram.error import NetworkError

from bot.alarms.alarm import UnknownError
from bot.alarms.declared import LATE, MANY, late_editions, unread_sources, webhook_errors
from bot.alarms.operator_alerts import OperatorAlerts
from bot.app import OnNews
from bot.watching.source_health import Look, SourceMonitor
from news import health
from news.health import FAILURES
from playground.server import Playground
from storage.db.key_value import KeyValue
from storage.ledger.deliveries import Deliveries
from storage.ledger.delivery_stats import Ledger
from storage.model import Check, DeliveryState, NewSource, Settlement, SourceState
from storage.serving.heartbeat import Beat, Heartbeat
from storage.sources.sources import SourceActivity, Sources
from storage.tables.ledger_schema import deliveries
from tests.handlers.conftest import start
from tests.plugins.archive import FIRST
from tests.plugins.towns import settings_in, started
from tests.storage.ledger_book import book

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from news.health import HealthChanges
    from storage.db.database import Database

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PLANNED = DeliveryState.PLANNED
BAD_GATEWAY = "Wrong response from the webhook: 502 Bad Gateway"


async def test_editions_within_the_sending_rate_are_not_late(db: Database) -> None:
    ledger = await book(db)
    late = late_editions(Ledger(db), per_second=1 / 60)
    assert await late(FIRST) is None
    for _ in range(20):
        await ledger.row()
    for _ in range(10):
        await ledger.row(state=PLANNED, not_before=FIRST)
    await ledger.row(state=PLANNED, not_before=FIRST + 9 * HOUR)
    # At one a minute the thirty of them take half an hour.
    assert await late(FIRST + LATE + 30 * MINUTE) is None
    assert await late(FIRST + LATE + 31 * MINUTE) == {"waiting": 10, "minutes": 61}
    faster = late_editions(Ledger(db), per_second=25)
    assert await faster(FIRST + LATE) is None
    assert await faster(FIRST + LATE + MINUTE) == {"waiting": 10, "minutes": 31}


async def test_postponed_and_ended_deliveries_are_not_late(db: Database) -> None:
    ledger = await book(db)
    await ledger.row(state=PLANNED, not_before=FIRST + HOUR)
    await ledger.row(state=DeliveryState.FAILED, error="gone")
    late = late_editions(Ledger(db), per_second=25)
    assert await late(FIRST + HOUR + LATE) is None
    assert await late(FIRST + HOUR + LATE + MINUTE) is not None


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_sender_whose_clock_is_off_tells_lateness_by_the_clock_of_the_server(
    db: Database, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    off = hours * HOUR
    with monkeypatch.context() as patch:
        patch.setattr("storage.serving.heartbeat.time.time", lambda: time() + off.total_seconds())
        await Heartbeat(db).beat(Beat("serving", None, "here", 7))
    # A file is one machine's, whose clock is the only one.
    shown = off if db.path is not None else timedelta()
    ledger = await book(db)
    await ledger.row(state=PLANNED, not_before=FIRST)
    found = await late_editions(Ledger(db), per_second=25)(FIRST + off)
    assert found == ({"waiting": 1, "minutes": 60} if shown > timedelta() else None)
    async with db.writing() as connection:
        number = (await connection.execute(select(deliveries.c.id))).scalar_one()
    sent = Settlement(number, DeliveryState.SENT)
    await Deliveries(db).commit(claim=[number], settle=[sent], now=FIRST + off)
    (row,) = (await Ledger(db).day(FIRST, FIRST + HOUR)).slowest
    assert abs(row.settled - FIRST - shown) < MINUTE


class House:
    """Sources whose checks succeed or fail as the test says."""

    def __init__(self, db: Database) -> None:
        self.sources = Sources(db)
        self.is_offline = False
        self.unread = unread_sources(self.sources.all, self.hides)
        self.ids: list[int] = []

    async def hides(self, _: datetime) -> bool:
        return self.is_offline

    async def furnish(self, count: int) -> None:
        for number in range(count):
            new = NewSource(f"S{number}", f"https://s{number}.example/feed")
            self.ids.append((await self.sources.add(new, NOON)).id)

    async def check(self, which: slice, now: datetime, failures: int = 0) -> None:
        error = "timeout" if failures else None
        await self.sources.checked_all(
            [Check(each, now, now + HOUR, 3600, failures, error) for each in self.ids[which]]
        )


async def test_the_alarm_needs_half_of_the_sources_unread(db: Database) -> None:
    house = House(db)
    await house.furnish(6)
    assert await house.unread(NOON + HOUR) is None
    await house.check(slice(None), NOON)
    await house.check(slice(2), NOON + HOUR, FAILURES)
    assert await house.unread(NOON + HOUR) is None
    await house.check(slice(3), NOON + HOUR, FAILURES)
    assert await house.unread(NOON + HOUR) == {"unread": 3, "all": 6}
    await house.check(slice(1), NOON + HOUR)
    assert await house.unread(NOON + HOUR) is None
    # Sources not checked for hours count as unread; paused ones are not counted.
    assert await house.unread(NOON + 9 * HOUR) == {"unread": 6, "all": 6}
    for each in house.ids[:3]:
        await house.sources.set_state(each, SourceState.PAUSED, NOON)
    assert await house.unread(NOON + 9 * HOUR) is None


async def test_an_offline_machine_raises_no_alarm_about_sources(db: Database) -> None:
    house = House(db)
    await house.furnish(6)
    house.is_offline = True
    with pytest.raises(UnknownError):
        await house.unread(NOON + 9 * HOUR)


async def test_only_a_current_webhook_failure_raises_the_alarm() -> None:
    answer: list[WebhookInfo | Exception] = []

    async def ask() -> WebhookInfo:
        found = answer.pop()
        if isinstance(found, Exception):
            raise found
        return found

    def info(waiting: int, ago: timedelta | None = None) -> WebhookInfo:
        at = None if ago is None else NOON - ago
        words = None if ago is None else BAD_GATEWAY
        return WebhookInfo(
            "https://news.example/x",
            has_custom_certificate=False,
            pending_update_count=waiting,
            last_error_date=at,
            last_error_message=words,
        )

    check = webhook_errors(ask)
    for found, facts in (
        (info(0), None),
        (info(3), None),
        (info(0, MINUTE), None),
        (info(3, HOUR), None),
        (
            info(3, MINUTE),
            {"reason": "Wrong response from the webhook: 502 Bad Gateway", "waiting": 3},
        ),
        (info(MANY), {"reason": "", "waiting": MANY}),
    ):
        answer.append(found)
        assert await check(NOON) == facts
    answer.append(NetworkError("gone"))
    with pytest.raises(UnknownError):
        await check(NOON)


def serving(
    town: Playground, url: str, clock: list[datetime], *admins: int
) -> AbstractAsyncContextManager[OnNews]:
    settings = settings_in(town, url, admin_ids=admins)
    return started(OnNews(settings, clock=lambda: clock[0], first_sources=()), ticks=False)


async def test_operators_are_notified_of_unread_sources_and_of_the_end(sqlite_url: str) -> None:
    async with Playground() as town:
        anna, clock = town.person("Anna", "it"), [NOON]

        async def minutes(onnews: OnNews, count: int) -> None:
            assert onnews.ticks is not None
            for _ in range(count):
                await onnews.ticks.run("alarms")
                clock[0] += MINUTE

        async with serving(town, sqlite_url, clock, anna.id) as onnews:
            await start(anna)
            house = House(onnews.archive.database)
            await house.furnish(6)
            await house.check(slice(None), NOON, FAILURES)
            await minutes(onnews, 45)
            message = await anna.next()
            assert "Almeno metà delle fonti non è leggibile" in message.text
            assert "6 fonti su 6" in message.text
            count = len(anna.chat.messages)
        async with serving(town, sqlite_url, clock, anna.id) as onnews:
            await minutes(onnews, 5)
            assert len(anna.chat.messages) == count
            await House.check(house_over(onnews, house), slice(None), clock[0])
            await minutes(onnews, 70)
            assert "di nuovo leggibile" in (await anna.next()).text
            assert len(anna.chat.messages) == count + 1
        assert town.violations == []


def house_over(onnews: OnNews, before: House) -> House:
    """Return the sources over the bot's current database."""
    house = House(onnews.archive.database)
    house.ids = before.ids
    return house


class Operators:
    """A fake of the operators that records notices and can be unreachable."""

    def __init__(self) -> None:
        self.heard: list[tuple[list[str], list[str]]] = []
        self.in_reach = True

    async def __call__(self, change: HealthChanges, look: Look, now: datetime) -> bool:
        del look, now
        if self.in_reach:
            bad = [one.source.name for one in change.bad]
            self.heard.append((bad, [one.source.name for one in change.good]))
        return self.in_reach


class WatchedSources:
    """Two sources and the alarm that watches them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sources = Sources(db)
        self.operators = Operators()
        self.now = NOON
        self.ids: dict[str, int] = {}

    async def furnish(self, *names: str) -> None:
        for name in names:
            new = NewSource(name, f"https://{name}.example/feed")
            self.ids[name] = (await self.sources.add(new, NOON)).id
            await self.check(name)

    async def check(self, name: str, failures: int = 0, error: str | None = None) -> None:
        check = Check(self.ids[name], self.now, self.now + HOUR, 3600, failures, error)
        await self.sources.checked_all([check])

    async def fail(self, *names: str) -> None:
        for name in names:
            await self.check(name, health.FAILURES, "timeout: no complete answer")

    def alarm(self) -> OperatorAlerts:
        return OperatorAlerts(
            SourceMonitor(self.sources, SourceActivity(self.db)), KeyValue(self.db), self.operators
        )

    async def tick(self, alarm: OperatorAlerts | None = None) -> None:
        self.now += HOUR
        await (alarm or self.alarm()).notify_of_changes(self.now)


async def test_a_source_in_trouble_is_reported_once_across_restarts_and_then_its_end(
    db: Database,
) -> None:
    house = WatchedSources(db)
    await house.furnish("Ada", "Bea", "Cleo")
    await house.tick()
    assert house.operators.heard == []
    await house.fail("Ada", "Bea")
    for _ in range(3):
        await house.tick()
    assert house.operators.heard == [(["Ada", "Bea"], [])]
    await house.check("Ada")
    await house.fail("Cleo")
    for _ in range(3):
        await house.tick()
    assert house.operators.heard[1:] == [(["Cleo"], ["Ada"])]
    await house.fail("Ada")
    await house.tick()
    assert house.operators.heard[2:] == [(["Ada"], [])]


async def test_a_short_failure_of_a_source_is_not_reported(db: Database) -> None:
    house = WatchedSources(db)
    await house.furnish("Ada")
    await house.check("Ada", health.FAILURES - 1, "timeout")
    await house.tick()
    assert house.operators.heard == []


async def test_paused_and_removed_sources_are_dropped_without_a_report(db: Database) -> None:
    house = WatchedSources(db)
    await house.furnish("Ada", "Bea")
    await house.fail("Ada", "Bea")
    await house.tick()
    await house.sources.set_state(house.ids["Ada"], SourceState.PAUSED, house.now)
    await house.sources.remove(house.ids["Bea"])
    await house.tick()
    await house.sources.set_state(house.ids["Ada"], SourceState.ACTIVE, house.now)
    await house.tick()
    assert len(house.operators.heard) == 1
    await house.fail("Ada")
    await house.tick()
    assert house.operators.heard[1:] == [(["Ada"], [])]


async def test_unreachable_operators_are_notified_later_and_it_is_logged_once(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    house = WatchedSources(db)
    await house.furnish("Ada")
    await house.fail("Ada")
    alarm = house.alarm()
    house.operators.in_reach = False
    with caplog.at_level(logging.INFO, "bot.alarms.operator_alerts"):
        for _ in range(3):
            await house.tick(alarm)
        house.operators.in_reach = True
        for _ in range(3):
            await house.tick(alarm)
        await house.check("Ada")
        await house.tick(alarm)
    assert house.operators.heard == [(["Ada"], []), ([], ["Ada"])]
    assert [(record.levelname, "Ada" in record.getMessage()) for record in caplog.records] == [
        ("WARNING", True),
        ("INFO", True),
    ]
    assert "automatically" in caplog.messages[0]


async def test_each_operator_gets_one_message_in_their_own_language(sqlite_url: str) -> None:
    async with Playground() as town:
        anna, bruno = town.person("Anna", "it"), town.person("Bruno")
        stranger = town.person("Carl")
        absent = 777_777_777  # never wrote to the bot
        async with serving(town, sqlite_url, [NOON], anna.id, bruno.id, absent) as onnews:
            for person in (anna, bruno, stranger):
                await start(person)
            house = WatchedSources(onnews.archive.database)
            await house.furnish("Ada & <Co>", "Bea")
            await house.fail("Ada & <Co>", "Bea")
            assert onnews.ticks is not None
            await onnews.ticks.run("health")
            english = await bruno.next()
            assert "2 sources need attention" in english.text
            assert "Ada & <Co>: cannot be read (timeout)" in english.text
            assert "onnews sources list" in english.text
            italian = await anna.next()
            assert "2 fonti richiedono attenzione" in italian.text
            counts = [len(who.chat.messages) for who in (anna, bruno, stranger)]
            await onnews.ticks.run("health")
        async with serving(town, sqlite_url, [NOON], anna.id, bruno.id) as onnews:
            assert onnews.ticks is not None
            await onnews.ticks.run("health")
            assert counts == [len(who.chat.messages) for who in (anna, bruno, stranger)]
            await house_of(onnews, house).check("Bea")
            await onnews.ticks.run("health")
            assert "Working again: Bea" in (await bruno.next()).text
        assert town.violations == []


def house_of(onnews: OnNews, before: WatchedSources) -> WatchedSources:
    """Return the sources and their alarm over the bot's current database."""
    house = WatchedSources(onnews.archive.database)
    house.ids = before.ids
    return house
