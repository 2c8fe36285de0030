"""The whole bot with a playground and a small archive; tests talk to it as people do."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from typing import TYPE_CHECKING, Any, cast

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import func, select

import handlers
from bot.app import OnNews
from bot.watching.process_health import ProcessHealth
from digest.pacing.rate_limiter import RateLimiter
from digest.timing.schedule import next_due
from news.stories.matters import event_words, nearest_of
from news.stories.report import report_of
from playground.server import Playground
from storage.articles.articles import Articles
from storage.model import NewSource, Round
from storage.model.article_model import EventLink
from storage.model.edition_model import OPEN
from storage.sources.sources import Sources
from storage.tables.ledger_schema import deliveries
from tests.plugins.databases import migrated
from tests.plugins.records import a_new_article
from tests.plugins.towns import settings_in
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from playground.people.people import BotMessage, Message, Person, Room
    from storage.model import Subscriber

PAPER = "The Luxury Courier"
MORNING = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass
class Clock:
    """The bot's clock, which only the test moves."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **period: float) -> None:
        """Move the clock forward."""
        self.now += timedelta(**period)


@dataclass
class Desk:
    """A writer of articles into the archive."""

    articles: Articles
    sources: Sources
    clock: Clock
    source_id: int = 0
    ids: list[int] = field(default_factory=list)

    async def source(self, name: str) -> int:
        """Add a source that is never asked; gives its id."""
        address = f"https://news.example/{name.replace(' ', '-')}"
        new = NewSource(name=name, url=address, paused=True)
        return (await self.sources.add(new, self.clock.now)).id

    async def print_(
        self,
        title: str,
        *categories: str,
        body: str | None = None,
        hours_ago: float = 1.0,
        standfirst: str = "What it is about, in a line.",
        link: str = "",
        image: str | None = None,
        source_id: int | None = None,
        story: int | None = None,
        event: int | None = None,
        evidence: str = "",
        figures: tuple[str, ...] = (),
        language: str = "en",
        linked: bool = False,
    ) -> int:
        """Store one article, of a given story or event if named, and return its id.

        If it is `linked`, it begins an event, which goes on with the matter of another one.
        """
        number = len(self.ids) + 1
        address = link or f"https://news.example/{number}"
        published = self.clock.now - timedelta(hours=hours_ago)
        more = {"standfirst": standfirst, "body": body, "image": image, "language": language}
        new = a_new_article(address, title, published, *categories, **more)
        words = event_words(report_of(title, "", published, ())) if linked else None
        stored = (
            await self.articles.store_all(
                [
                    Round(
                        source_id=source_id or self.source_id,
                        now=self.clock.now,
                        articles=(new,),
                        stories={} if story is None else {address: story},
                        events={}
                        if event is None and not (figures or linked)
                        else {address: EventLink(event, address, evidence, figures, words)},
                        backlog=False,
                        url=None,
                        etag=None,
                        last_modified=None,
                        interval=86_400,
                        next_check=self.clock.now + timedelta(days=365),
                    )
                ],
                nearest_of=nearest_of,
            )
        )[0]
        self.ids.extend(stored.new)
        return stored.new[0]


@dataclass
class Bureau:
    """Everything that a test of a conversation uses."""

    town: Playground
    onnews: OnNews
    clock: Clock
    desk: Desk

    async def subscriber(self, who: Person | Room, thread_id: int = 0) -> Subscriber:
        """Return the stored subscriber of a chat."""
        found = await self.onnews.archive.subscribers.find(who.id, thread_id)
        assert found is not None
        return found

    def put(self, **services: object) -> None:
        """Replace a service that handlers use."""
        application = self.onnews.application
        fakes = cast("dict[str, Any]", services)
        application.bot_data = replace(application.bot_data, **fakes)

    async def send_what_is_due(self) -> None:
        """Plan and send editions, as a tick does."""
        await self.onnews.parts.planner.plan_due(self.clock.now)
        self.onnews.parts.sender.kick()

    async def settled(self) -> None:
        """Wait until the ledger has recorded how every delivery ended."""
        open_ = select(func.count()).where(deliveries.c.state.in_(OPEN))
        database = self.onnews.archive.database
        while await database.read(lambda connection: connection.execute(open_).scalar_one()):  # noqa: ASYNC110 - the sender has no event for it
            await asyncio.sleep(0.001)

    async def heard(self) -> None:
        """Wait until the bot has handled everything before: it then answers a bystander."""
        bystander = self.town.person("A bystander")
        await bystander.send("/help")
        await bystander.next()
        while self.onnews._updates._answers:  # noqa: ASYNC110 - it has no event for it
            await asyncio.sleep(0.001)

    async def unread(self, who: Person, chat: Room | None = None) -> list[BotMessage]:
        """Wait until the bot has handled everything; return what somebody has not read there."""
        await self.heard()
        return who.unread(chat)

    async def reader(
        self, name: str = "Ana", language: str = "en", follows: tuple[str, ...] = ("motor",)
    ) -> Person:
        """Create a reader whose journey is over and who got this morning's edition."""
        person = self.town.person(name, language)
        await person.start()
        await person.next()
        subscribers = self.onnews.archive.subscribers
        subscriber = await self.subscriber(person)
        for slug in follows:
            subscriber = await subscribers.follow(subscriber.id, slug)
        await subscribers.change(
            subscriber.id,
            place=max(self.desk.ids),
            next_at=next_due(subscriber, self.clock.now),
        )
        return person


async def ask(
    who: Person,
    text: str,
    chat: Room | None = None,
    *,
    until: str = "",
    **how: Any,  # noqa: ANN401 - of `send`
) -> BotMessage:
    """Write a text; return the bot's next message or edit there, or the next with these words."""
    await who.send(text, chat, **how)
    return await (who.until(until, chat) if until else who.next(chat))


async def start(who: Person, payload: str = "") -> BotMessage:
    """Press Start; return the bot's next message."""
    await who.start(payload)
    return await who.next()


async def press(
    who: Person,
    label: str,
    message: Message | None = None,
    *,
    chat: Room | None = None,
    until: str = "",
) -> BotMessage:
    """Tap a button; return the bot's next message or edit there, or the next with these words."""
    await who.tap(label, message, chat=chat)
    return await (who.until(until, chat) if until else who.next(chat))


def hurried(times: float = 1000.0, *, per_second: float = 30) -> RateLimiter:
    """Speed up the rate limiter, since a test talks faster than a person."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / times)

    return RateLimiter(per_second, clock=lambda: time.monotonic() * times, sleep=sleep)


async def do_nothing(*_: object) -> None:
    """Stand for a step of the start that readers do not notice."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def opened(
    database_url: str,
    clock: Clock,
    rate_limiter: RateLimiter | None = None,
    *,
    set_up: Callable[[Playground], dict[str, Any]] = lambda _: {},
    menus: bool = False,
) -> AsyncIterator[Bureau]:
    """Open the bot and its playground with a source that is never asked."""
    async with Playground(clock=lambda: clock().timestamp()) as town:
        settings = settings_in(
            town, database_url, **{"default_timezone": "Europe/Rome", **set_up(town)}
        )
        onnews = OnNews(
            settings, clock=clock, first_sources=(), rate_limiter=rate_limiter, workers=Lent()
        )
        try:
            with pytest.MonkeyPatch.context() as patch:
                # Its jobs go by the machine's clock: one amid a test would plan editions of days
                # that the test only passes over. A test that needs one runs it.
                patch.setattr(
                    AsyncIOScheduler, "start", partialmethod(AsyncIOScheduler.start, paused=True)
                )
                # Nor does a conversation need what the start notes for operators.
                patch.setattr("bot.app.log_next_run", do_nothing)
                patch.setattr(ProcessHealth, "begin", lambda _: None)
                patch.setattr(ProcessHealth, "leave_sign", do_nothing)
                if not menus:
                    patch.setattr(handlers, "publish", do_nothing)
                await onnews.start()
            desk = Desk(onnews.archive.articles, onnews.archive.sources, clock)
            there = await desk.sources.find(PAPER)
            desk.source_id = await desk.source(PAPER) if there is None else there.id
            yield Bureau(town, onnews, clock, desk)
        finally:
            await onnews.stop()


@pytest.fixture
async def quiet(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bureau]:
    """The bot with an empty archive."""
    monkeypatch.setattr("handlers.updates.update_answer.TAP_PATIENCE", 60.0)
    async with opened(sqlite_url, clock, hurried()) as made:
        yield made
        assert made.town.violations == []


async def _print_a_dozen(database_url: str) -> None:
    """Store a source and twelve articles in an empty archive."""
    database = await migrated(database_url)
    desk = Desk(Articles(database), Sources(database), Clock())
    desk.source_id = await desk.source(PAPER)
    await desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor", hours_ago=30)
    for number in range(1, 10):
        await desk.print_(f"A new engine, number {number}", "motor", hours_ago=30 - number)
    await desk.print_(
        "Gucci dreams of a garden",
        "gucci",
        "kering",
        "style",
        body="\n\n".join(f"Paragraph {n}. " + "Silk and roses. " * 30 for n in range(1, 30)),
        hours_ago=3,
    )
    await desk.print_("Shanghai opens a mall for watches", "china", "watches", hours_ago=2)
    await database.close()


@pytest.fixture(scope="session")
def printed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with a source and twelve articles of `MORNING`, to be copied."""
    path = tmp_path_factory.mktemp("printed") / "onnews.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(_print_a_dozen(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def bureau(
    printed: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bureau]:
    """The bot with a dozen articles; every request to Telegram must be valid."""
    path = tmp_path / "onnews.db"
    shutil.copy(printed, path)
    # Or a slow machine would let buttons go before their answers have words for them.
    monkeypatch.setattr("handlers.updates.update_answer.TAP_PATIENCE", 60.0)
    async with opened(f"sqlite:///{path}", clock, hurried()) as made:
        made.desk.ids += range(1, 13)
        yield made
        assert made.town.violations == []
