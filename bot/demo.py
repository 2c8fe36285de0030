"""The demo (`onnews demo`): the whole bot against the playground, with a temporary database."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import socket
import tempfile
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.app import OnNews
from bot.configuration.settings import Settings
from bot.telegram.startup import StartError
from playground.chat_page.controls import GUESTS, Controls, welcome
from playground.clock import ForwardClock, next_time
from playground.newsstand.feeds import ABROAD, FEEDS
from playground.server import Playground
from playground.tour import Cast, Tour
from storage.model import NewSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.newsstand.feeds import Feed
    from playground.newsstand.newsstand import Newsstand
    from playground.newsstand.stories import Story
    from playground.people.people import Person, Room

HOME = "Milan"
MORNING = dt.time(8)
OPENING = (11, 8.5, 7, 5, 3, 1.5)
"""Ages in hours of the stories that exist when the demo begins."""
AHEAD = dt.timedelta(minutes=10)
"""How long before an edition its pictures are made."""
HOUR = dt.timedelta(hours=1)
SENDING = 20.0
"""Seconds at most that the clock waits for editions to be sent before it goes on."""
ENGLISH, OWN_LANGUAGE = 50, 100
"""Weights of the feeds in English and in others, which their readers get first."""


async def demonstrate(stop: asyncio.Event, *, once: bool, port: int) -> bool:
    """Play the tour, then keep the chat page open until `stop` is set.

    Return whether every step of the tour passed, as far as the guest let it play. `once` ends after
    the tour. A port of 0 stands for any free one; StartError if it cannot be opened.
    """
    console = Console()
    async with AsyncExitStack() as open_:
        folder = open_.enter_context(tempfile.TemporaryDirectory(prefix="onnews-demo-"))
        clock = ForwardClock()
        try:
            town = await open_.enter_async_context(Playground(port=port, clock=clock))
        except OSError as error:
            raise StartError(
                f"port {port} cannot be opened ({os.strerror(error.errno or 0)}); "
                "choose another with --port, or any with --port 0"
            ) from None
        for hours in OPENING:
            town.newsstand.publish_next(dt.timedelta(hours=hours))
        cast = cast_of(town)
        settings = settings_for(town, cast, f"sqlite:///{folder}/onnews.db")
        bot = OnNews(settings, clock=clock.now, first_sources=feeds(town.newsstand, town.url))
        time = Time(bot, town, clock)
        tour = Tour(town, cast, console, time)
        console.print(f"ON News answers at [bold]{town.url}[/]")
        return await _with_bot(bot, tour, time, stop, once=once)


async def _with_bot(
    bot: OnNews, tour: Tour, time: Time, stop: asyncio.Event, *, once: bool
) -> bool:
    town, console = tour.town, tour.console
    over = asyncio.Event()
    serving = asyncio.create_task(bot.serve(over))
    touring = asyncio.create_task(_play(bot, tour, time))
    stopper = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, touring, stopper}, return_when=asyncio.FIRST_COMPLETED)
        if not touring.done():
            return stop.is_set() and not once
        right = touring.result()
        if not once:
            await tour.cast.operator.start()
            town.controls = Controls(time.publish, time.morning, MORNING)
            town.world.announce({"type": "chats"})
            console.print(f"\nNow you: open [bold]{town.url}[/] in a browser. Ctrl-C ends it.")
            await asyncio.wait({serving, stopper}, return_when=asyncio.FIRST_COMPLETED)
            # The newline moves past the ^C that the terminal shows.
            console.print("\nThe demo is over. Its data is deleted.")
        return right
    finally:
        for task in (touring, stopper):
            task.cancel()
        over.set()
        await serving


async def _play(bot: OnNews, tour: Tour, time: Time) -> bool:
    await bot.ready.wait()
    await time.fetch()
    return await tour.play()


def cast_of(town: Playground) -> Cast:
    """Return two people who chat, an editor and an operator; create a group and guests.

    The guests have not pressed Start.
    """
    anna, bruno = town.person("Anna"), town.person("Bruno")
    editor, operator = town.person("Editor"), town.person("Operator")
    together = town.direct(anna, bruno)
    town.group("Fashion desk", [anna, bruno])
    for language in GUESTS:
        welcome(town.world, language)
    return Cast(anna, bruno, editor, operator, together)


def settings_for(town: Playground, cast: Cast, database_url: str) -> Settings:
    """Return the settings by which the bot serves these people in the playground."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port = free.getsockname()
    return Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=database_url,
        allow_private_sources=True,
        admin_ids=(cast.operator.id,),
        editor_ids=(cast.editor.id,),
        pictures_chat=_picture_chat(town, cast.reader).id,
        pages_url=f"http://{host}:{port}",
        pages_listen=(host, port),
    )


def _picture_chat(town: Playground, owner: Person) -> Room:
    """Create the channel to which the bot uploads pictures, hidden from guests."""
    channel = town.channel("Pictures", [owner])
    channel.raw.backstage = True
    return channel


class Time:
    """The demo's clock: it moves time forward, publishes news, and runs what is due."""

    def __init__(self, bot: OnNews, town: Playground, clock: ForwardClock) -> None:
        self._bot = bot
        self._newsstand = town.newsstand
        self._url = town.url
        self._clock = clock
        self._languages = ["en"]
        """The languages of the daily issues: English, and those in which guests have written."""
        self.subscribing: asyncio.Task[None] | None = None
        """Adds the feeds of the language in which a guest wrote last as the first."""
        town.world.listen(self._heard)

    def now(self) -> dt.datetime:
        """Return the demo's current time in UTC."""
        return self._clock.now()

    async def fetch(self) -> None:
        """Make the bot fetch all its sources now, and tell editors of what waits for approval."""
        archive = self._bot.archive
        await archive.newsroom.refresh_all(await archive.sources.all())
        if self._bot.ticks is not None:
            await self._bot.ticks.run("desk")

    async def until(self, moment: dt.datetime) -> None:
        """Move the clock to a moment, and make the pictures and editions that are due by then."""
        ticks = self._bot.ticks
        if ticks is None:
            return
        self._clock.forward(moment - AHEAD)
        await ticks.run("pictures")
        self._clock.forward(moment)
        await ticks.run("editions")

    async def publish(self, language: str = "en") -> Story:
        """Publish one more story in a language, and fetch it."""
        story = self._newsstand.publish_next(language=language)
        await self.fetch()
        return story

    async def morning(self) -> dt.datetime:
        """Move to the next 08:00 in Milan, hour by hour, with the news and editions of each.

        Return the new time, in Milan's zone.
        """
        zone = ZoneInfo("Europe/Rome")
        due = next_time(self.now(), MORNING, zone)
        hour = self.now().replace(minute=0, second=0, microsecond=0)
        while hour < due:
            await self._pass_hour(hour)
            hour += HOUR
        return due.astimezone(zone)

    def _heard(self, event: Mapping[str, Any]) -> None:
        """Add a language's feeds, with a day's news, when the first guest of that language writes.

        They are there before the guest has chosen. Before that they would be empty, and an alarm.
        """
        author = event["record"].author if "record" in event else None
        if author is None or author.language in {None, *self._languages}:
            return
        if abroad := [feed for feed in ABROAD if feed.language == author.language]:
            self._languages.append(author.language)
            hour = self.now().replace(minute=0, second=0, microsecond=0)
            for back in range(1, 25):
                self._newsstand.publish_hour(hour - back * HOUR, [author.language])
            self.subscribing = asyncio.create_task(self._subscribe(abroad))

    async def _subscribe(self, abroad: Sequence[Feed]) -> None:
        new = feeds(self._newsstand, self._url, abroad)
        await self._bot.archive.sources.add_all(new, self.now())
        await self.fetch()

    async def _pass_hour(self, hour: dt.datetime) -> None:
        """Publish an hour's news and send the editions of that hour, each at its own time."""
        plans = self._bot.archive.plans
        self._clock.forward(hour + HOUR / 2)
        if self._newsstand.publish_hour(hour, self._languages):
            await self.fetch()
        for moment in (*await plans.due_later(hour, hour + HOUR), hour + HOUR):
            await self.until(moment)
            await self.sent()

    async def sent(self) -> None:
        """Wait until no edition waits or is on its way, so that none arrives at a later time."""
        plans, deliveries = self._bot.archive.plans, self._bot.archive.deliveries
        with suppress(TimeoutError):
            async with asyncio.timeout(SENDING):
                # The ledger has no event for this.
                while await plans.waiting_since() or await deliveries.is_sending():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


def feeds(newsstand: Newsstand, url: str, some: Sequence[Feed] = FEEDS) -> Sequence[NewSource]:
    """Return some of the newsstand's feeds, the English ones by default, as new sources."""
    return [
        NewSource(
            name=feed["name"],
            url=feed["url"],
            site=feed["site"],
            language=feed["language"],
            categories=tuple(feed["categories"]),
            weight=ENGLISH if feed["language"] == "en" else OWN_LANGUAGE,
        )
        for feed in newsstand.sources(url, some)
    ]
