"""The demo's controls: a story is published, and a night passes with its news."""

from __future__ import annotations

import datetime as dt
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import aiohttp

from bot.app import OnNews
from bot.demo import OPENING, Time, cast_of, feeds, settings_for
from playground.clock import ForwardClock
from playground.newsstand.issues import issue
from playground.newsstand.stories import upcoming
from playground.server import Playground
from tests.handlers.conftest import ask, hurried, press, start
from tests.handlers.desk.acting import turned
from tests.plugins.towns import settings_in
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from playground.people.people import Person
    from playground.tour import Cast

AFTERNOON = dt.datetime(2026, 11, 26, 15, 40, tzinfo=dt.UTC)
ROME = ZoneInfo("Europe/Rome")
MORNINGS = 5
"""More than the days after which a beat's sentences come back, which are three or four."""


@asynccontextmanager
async def demo(database_url: str) -> AsyncIterator[tuple[Playground, Time]]:
    clock = ForwardClock(AFTERNOON.timestamp)
    async with Playground(clock=clock) as town:
        settings = settings_in(town, database_url, allow_private_sources=True)
        sources = feeds(town.newsstand, town.url)
        onnews = OnNews(
            settings,
            clock=clock.now,
            first_sources=sources,
            rate_limiter=hurried(),
            workers=Lent(),
        )
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


async def newcomer(reader: Person, *labels: str) -> None:
    """Lead a reader from Start to the first edition by these buttons."""
    await reader.start()
    for label in labels:
        await reader.until("")
        await reader.tap(label)


def editions(town: Playground, reader: Person) -> list[dt.datetime]:
    """Return when a reader got editions: messages whose first button opens a first story."""
    return [
        dt.datetime.fromtimestamp(record.body["date"], dt.UTC)
        for record in town.world.chats[reader.id].records.values()
        if record.body.get("reply_markup", {}).get("inline_keyboard", [[{}]])[0][0].get("text")
        == "1"
    ]


async def first_edition(town: Playground, reader: Person) -> None:
    """Wait for a reader's first edition."""
    await town.until(lambda: editions(town, reader))


async def test_the_demo_fetches_a_published_story_at_once_and_the_nights_in_the_morning(
    sqlite_url: str,
) -> None:
    async with demo(sqlite_url) as (town, time):
        reader = town.person("Anna")
        await newcomer(reader, "More sections", "Motor", "Done", "08:00", "Milan")

        published = await time.publish()
        assert published.title == upcoming()[0].title
        await ask(reader, "/latest 1 style", until=published.title)

        assert await time.morning() == dt.datetime(2026, 11, 27, 8, tzinfo=ROME)
        motor = [
            item.draft.title
            for item in issue(dt.date(2026, 11, 26), "en")
            if "Bentley" in item.draft.categories or "Motor" in item.draft.categories
        ]
        edition = await reader.until("Friday 27 November")
        assert [title for title in motor if title in edition.text]


async def test_a_guest_gets_news_each_day_and_only_a_weightier_story_leads_in_another_language(
    sqlite_url: str,
) -> None:
    async with demo(sqlite_url) as (town, time):
        reader = town.person("Giulia", "it")
        await reader.start()
        await time.fetch()
        for label in ("Altre sezioni", "Motori", "Orologi", "Fatto", "08:00", "Milano"):
            await reader.until("")
            await reader.tap(label)
        await first_edition(town, reader)
        for _ in range(MORNINGS):
            await time.morning()
        texts = [
            record.body["text"]
            for record in town.world.chats[reader.id].records.values()
            if "\n1\u2002" in record.body.get("text", "")
        ]
        assert len(texts) >= MORNINGS
        told_first = [
            text.partition("\n1\u2002")[2].partition("—\u00a0")[2].partition(" ")[0]
            for text in texts
        ]
        assert {"Edicola"} <= {*told_first} <= {"Edicola", "Newsstand"}


async def test_every_guest_gets_an_edition_each_day_at_their_own_hour_wherever_they_are(
    sqlite_url: str,
) -> None:
    async with demo(sqlite_url) as (town, time):
        london, bogota, tokyo, early = (
            town.person(name) for name in ("Clara", "Lucía", "Keiko", "Edward")
        )
        for reader, place in ((london, "London"), (bogota, "Bogotá"), (tokyo, "Tokyo")):
            await newcomer(reader, "More sections", "Motor", "Style", "Watches", "Done", "08:00")
            await reader.until("")
            await reader.send(place)
            await first_edition(town, reader)
        await newcomer(early, "More sections", "Motor", "Style", "Watches", "Done")
        await early.until("")
        await ask(early, "18:35")
        await early.tap("Milan")
        await first_edition(town, early)
        everybody = {london: 8, bogota: 13, tokyo: 23, early: 17}
        before = {reader: len(editions(town, reader)) for reader in everybody}
        for _ in range(4):
            await time.morning()
        for reader, hour in everybody.items():
            came = editions(town, reader)[before[reader] :]
            assert [moment.hour for moment in came] == [hour] * len(came), reader.name
            assert len({moment.date() for moment in came}) == len(came) >= 3, reader.name
        assert {moment.minute for moment in editions(town, early)[before[early] :]} == {35}


@asynccontextmanager
async def staged(database_url: str) -> AsyncIterator[tuple[Playground, Time, Cast, OnNews]]:
    """The demo with its cast and by its own settings."""
    clock = ForwardClock(AFTERNOON.timestamp)
    async with Playground(clock=clock) as town:
        people = cast_of(town)
        onnews = OnNews(
            settings_for(town, people, database_url),
            clock=clock.now,
            first_sources=feeds(town.newsstand, town.url),
            rate_limiter=hurried(),
            workers=Lent(),
        )
        await onnews.start()
        try:
            time = Time(onnews, town, clock)
            await time.fetch()
            yield town, time, people, onnews
        finally:
            await onnews.stop()


async def test_the_operator_of_the_demo_bans_and_hears_no_false_alarm_and_its_editor_what_waits(
    sqlite_url: str,
) -> None:
    async with staged(sqlite_url) as (town, time, people, onnews):
        await start(people.operator)
        await people.operator.send(f"/ban {people.friend.id}")
        assert str(people.friend.id) in (await people.operator.next()).text
        await town.person("Ospite", "it").start()
        assert time.subscribing is not None
        await time.subscribing
        sources = await onnews.archive.sources.all()
        assert {source.language for source in sources} == {"en", "it"}
        assert all(source.last_ok for source in sources), "a feed without items is an alarm"
        page = await ask(people.editor, "/desk", until="The desk")
        for label in ("Waiting", "Sources under review", "Newsstand Fashion"):
            page = await turned(people.editor, label, page)
        published = await time.publish()
        told = await people.editor.until("1 new story is waiting for an editor")
        assert published.title in told.text


async def test_a_reader_of_the_demo_finds_the_edition_on_a_page(sqlite_url: str) -> None:
    async with staged(sqlite_url) as (town, _, people, _):
        await newcomer(people.reader, "More sections", "Style", "Done", "08:00", "Milan")
        await first_edition(town, people.reader)
        edition = people.reader.unread()[-1]
        asked = await ask(people.reader, "/links", until="Editions in a browser")
        made = await press(people.reader, "Make a link", asked, until="only this once")
        link = next(each for each in made.text.split() if each.startswith("http://"))
        async with aiohttp.ClientSession() as browser, browser.get(link) as page:
            assert edition.links[0] in await page.text()


class LedgerOfOne:
    """A ledger whose only edition waits, then is on its way, and then is sent."""

    def __init__(self) -> None:
        self.waiting = [AFTERNOON, AFTERNOON]
        self.sending = [True, True]

    async def waiting_since(self) -> dt.datetime | None:
        return self.waiting.pop() if self.waiting else None

    async def is_sending(self) -> bool:
        return self.sending.pop() if self.sending else False


async def test_the_demos_clock_waits_while_an_edition_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.demo.SENDING", None)
    ledger = LedgerOfOne()
    bot = SimpleNamespace(archive=SimpleNamespace(plans=ledger, deliveries=ledger))
    async with Playground() as town:
        await Time(cast("OnNews", bot), town, ForwardClock()).sent()
    assert (ledger.waiting, ledger.sending) == ([], [])
