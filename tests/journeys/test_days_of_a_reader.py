"""Days of a reader with the whole bot, on both databases: one edition a day, whatever happens."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.app import OnNews
from bot.demo import feeds
from playground.server import Playground
from tests.handlers.conftest import ask, hurried, press, start
from tests.plugins.towns import settings_in
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import BotMessage, Person

EVENING = datetime(2026, 10, 23, 17, 0, tzinfo=UTC)
"""A Friday; on Sunday the clocks of Milan go back."""
HEADLINES = (
    "A coachbuilder opens its order book",
    "Bentley trims its workforce in Crewe",
    "Ferrari recalls a gearbox in Japan",
    "A Lagonda of 1939 goes under the hammer",
    "Porsche and Rimac part ways",
    "McLaren borrows from its owners in Bahrain",
)
"""Headlines of separate events, since an event that was shown is no longer news."""


class Clock:
    """The clock of the bot and of the playground, which the test moves."""

    def __init__(self) -> None:
        self.now = EVENING

    def seconds(self) -> float:
        return self.now.timestamp()


class Days:
    """The bot, and a playground with a newspaper."""

    def __init__(self, town: Playground, database_url: str, clock: Clock) -> None:
        self.town = town
        self.database_url = database_url
        self.clock = clock
        self.onnews = self.bot()
        self.printed = 0

    def bot(self) -> OnNews:
        settings = settings_in(self.town, self.database_url, allow_private_sources=True)
        sources = feeds(self.town.newsstand, self.town.url)
        return OnNews(
            settings,
            clock=lambda: self.clock.now,
            first_sources=sources,
            rate_limiter=hurried(),
            workers=Lent(),
        )

    async def fetch(self) -> None:
        archive = self.onnews.archive
        await archive.newsroom.refresh_all(await archive.sources.all())

    async def print_a_story(self) -> str:
        title = HEADLINES[self.printed]
        self.printed += 1
        self.town.newsstand.publish(title, feed="motor", categories=["Motor"])
        await self.fetch()
        return title

    async def go_on(self, day: int, hour: int, minute: int = 0) -> None:
        """Move the clock in steps of half an hour at most, with a tick at each."""
        assert self.onnews.ticks is not None
        until = datetime(2026, 10, day, hour, minute, tzinfo=UTC)
        while self.clock.now < until:
            self.clock.now = min(self.clock.now + timedelta(minutes=30), until)
            await self.onnews.ticks.run("editions")

    async def restart(self, *, after: timedelta = timedelta(0)) -> None:
        await self.onnews.stop()
        self.clock.now += after
        self.onnews = self.bot()
        await self.onnews.start()


@asynccontextmanager
async def days(database_url: str) -> AsyncIterator[Days]:
    clock = Clock()
    async with Playground(clock=clock.seconds) as town:
        made = Days(town, database_url, clock)
        await made.onnews.start()
        try:
            yield made
        finally:
            await made.onnews.stop()
        assert town.violations == []


async def newcomer(made: Days) -> Person:
    """Create a reader in Milan who follows Motor, at 8:00."""
    reader = made.town.person("Anna")
    await start(reader)
    for label in ("More sections", "Motor", "Done", "08:00", "Milan"):
        await press(reader, label)
    await reader.next()  # what there is of today
    return reader


def editions(messages: list[BotMessage]) -> list[BotMessage]:
    return [message for message in messages if "ON News ·" in message.text]


async def test_one_edition_a_day_across_the_clock_change_restarts_and_an_outage(
    database_url: str,
) -> None:
    async with days(database_url) as made:
        await made.fetch()
        reader = await newcomer(made)

        # 08:00 in Milan is 06:00 UTC in summer, and 07:00 from the 25th on.
        for day, hour in ((24, 6), (25, 7), (26, 7)):
            title = await made.print_a_story()
            await made.go_on(day, hour - 1, 50)
            assert editions(reader.unread()) == []
            await made.go_on(day, hour)
            edition = await reader.until(title)
            assert edition.body["date"] == made.clock.now.timestamp()
            await made.restart()
            await made.go_on(day, 12)
            assert editions(reader.unread()) == []

        missed = [await made.print_a_story(), await made.print_a_story()]
        await made.restart(after=timedelta(days=2, hours=3))
        catch_up = await reader.until("Since the last edition")
        assert all(title in catch_up.text for title in missed)
        await made.go_on(29, 5)
        assert editions(reader.unread()) == []


async def test_an_alert_comes_at_once_and_its_story_is_in_no_edition(database_url: str) -> None:
    async with days(database_url) as made:
        await made.fetch()
        reader = await newcomer(made)
        await ask(reader, "/category motor")
        await reader.tap("Alert me")
        story = await made.print_a_story()
        alert = await reader.until(story)
        assert "Open the story" in alert.labels
        await made.go_on(24, 6)
        await ask(reader, "/help", until="/latest")
        waiting = await made.print_a_story()
        await reader.until(waiting)
        await made.go_on(25, 7)
        await reader.send("/help")
        messages = [*reader.unread(), await reader.until("/latest")]
        assert not any(story in message.text for message in messages)


async def test_a_traveller_gets_one_edition_a_local_day(sqlite_url: str) -> None:
    async with days(sqlite_url) as made:
        await made.fetch()
        reader = await newcomer(made)
        first = await made.print_a_story()
        await made.go_on(24, 6)
        await reader.until(first)
        await ask(reader, "/settings")
        await press(reader, "Time zone")
        assert "tomorrow at 08:00" in (await press(reader, "New York")).text
        second = await made.print_a_story()
        await made.go_on(25, 11, 50)  # past eight in New York, and past the next eight in Milan
        assert editions(reader.unread()) == []
        await made.go_on(25, 12)
        await reader.until(second)
