"""Operators are notified once when a source fails, and once when it is well again."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.alarms.operator_alerts import OperatorAlerts
from bot.app import OnNews
from bot.configuration.settings import Settings
from bot.watching.source_health import Look, SourceMonitor
from news import health
from playground.server import Playground
from storage.db.key_value import KeyValue
from storage.model import Check, NewSource, SourceState
from storage.sources.sources import SourceActivity, Sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from news.health import HealthChanges
    from storage.db.database import Database

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


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


class House:
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
    house = House(db)
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
    house = House(db)
    await house.furnish("Ada")
    await house.check("Ada", health.FAILURES - 1, "timeout")
    await house.tick()
    assert house.operators.heard == []


async def test_paused_and_removed_sources_are_dropped_without_a_report(db: Database) -> None:
    house = House(db)
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
    house = House(db)
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


@asynccontextmanager
async def serving(town: Playground, url: str, *admins: int) -> AsyncIterator[OnNews]:
    settings = Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=url,
        admin_ids=admins,
    )
    onnews = OnNews(settings, clock=lambda: NOON, first_sources=())
    try:
        await onnews.start()
        assert onnews.ticks is not None
        # The hourly tick would report what the test has only half done.
        onnews.ticks._scheduler.pause()
        yield onnews
    finally:
        await onnews.stop()


async def test_each_operator_gets_one_message_in_their_own_language(sqlite_url: str) -> None:
    async with Playground() as town:
        anna, bruno = town.person("Anna", "it"), town.person("Bruno")
        stranger = town.person("Carl")
        absent = 777_777_777  # never wrote to the bot
        async with serving(town, sqlite_url, anna.id, bruno.id, absent) as onnews:
            for person in (anna, bruno, stranger):
                await person.start()
                await person.next()
            house = House(onnews.archive.database)
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
        async with serving(town, sqlite_url, anna.id, bruno.id) as onnews:
            assert onnews.ticks is not None
            await onnews.ticks.run("health")
            assert counts == [len(who.chat.messages) for who in (anna, bruno, stranger)]
            await house_of(onnews, house).check("Bea")
            await onnews.ticks.run("health")
            assert "Working again: Bea" in (await bruno.next()).text
        assert town.violations == []


def house_of(onnews: OnNews, before: House) -> House:
    """Return the sources and their alarm over the bot's current database."""
    house = House(onnews.archive.database)
    house.ids = before.ids
    return house
