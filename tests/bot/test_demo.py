"""The demo's controls: a story is published, and a night passes with its news."""

from __future__ import annotations

import datetime as dt
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.app import OnNews
from bot.configuration.settings import Settings
from bot.demo import OPENING, OVERNIGHT, Time, feeds
from playground.clock import ForwardClock
from playground.newsstand.stories import upcoming
from playground.server import Playground

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AFTERNOON = dt.datetime(2026, 11, 26, 15, 40, tzinfo=dt.UTC)
ROME = ZoneInfo("Europe/Rome")


@asynccontextmanager
async def demo(database_url: str) -> AsyncIterator[tuple[Playground, Time]]:
    clock = ForwardClock(AFTERNOON.timestamp)
    async with Playground(clock=clock) as town:
        settings = Settings(
            telegram_bot_token=town.token,
            telegram_api_url=town.url,
            database_url=database_url,
            allow_private_sources=True,
        )
        sources = feeds(town.newsstand, town.url)
        onnews = OnNews(settings, clock=clock.now, first_sources=sources)
        await onnews.start()
        try:
            time = Time(onnews, town, clock)
            await time.fetch()
            yield town, time
        finally:
            await onnews.stop()
        assert town.violations == []


async def test_three_taps_in_the_demo_bring_five_stories_of_what_was_chosen(
    sqlite_url: str,
) -> None:
    async with demo(sqlite_url) as (town, time):
        for hours in OPENING:
            town.newsstand.publish_next(dt.timedelta(hours=hours))
        await time.fetch()
        guest = town.person("Guest", "fr")
        await guest.start()
        for label in ("Choisissez pour moi", "Garder", "Garder"):
            await guest.tap(label, await guest.next())
        await guest.until("Tout est prêt")
        edition = await guest.next()
        assert len([label for label in edition.labels if label.isdigit()]) >= 5
        assert "À lire aussi" not in edition.text


async def test_the_demo_fetches_a_published_story_at_once_and_the_nights_in_the_morning(
    sqlite_url: str,
) -> None:
    async with demo(sqlite_url) as (town, time):
        reader = town.person("Anna")
        await reader.start()
        for label in ("More sections", "Motor", "Done", "08:00", "Milan"):
            await reader.until("")
            await reader.tap(label)

        published = await time.publish()
        assert published is not None
        assert published.title == upcoming()[0].title
        await reader.send("/latest 1 style")
        await reader.until(published.title)

        assert await time.morning() == "It is 08:00 in Milan, Friday 27 November."
        assert time.now().astimezone(ROME).hour == 8
        night = upcoming()[1 : 1 + len(OVERNIGHT)]
        motor = [draft.title for draft in night if "Motor" in draft.categories]
        assert motor
        edition = await reader.until("Friday 27 November")
        assert all(title in edition.text for title in motor)
        for _ in upcoming()[1 + len(OVERNIGHT) :]:
            assert town.newsstand.publish_next() is not None
        assert await time.publish() is None
        assert await time.morning() == (
            "It is 08:00 in Milan, Saturday 28 November. The demo has no more news."
        )
