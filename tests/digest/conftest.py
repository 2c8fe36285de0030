"""A small newspaper: an archive, readers, a manual clock, and an outbox that records."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import parse_qs

import pytest
from sqlalchemy import insert, select

from digest.editions.preview import preview
from digest.making.edition_builder import EditionBuilder
from digest.pacing.rate_limiter import RateLimiter
from digest.planning.alerts import AlertPlanner
from digest.planning.plan import Planner
from digest.sending.sender import Sender
from digest.timing.schedule import next_due
from storage.articles.articles import Articles
from storage.articles.translations import Translations
from storage.db.key_value import KeyValue
from storage.desk.pins import Pins
from storage.ledger.deliveries import Deliveries
from storage.ledger.delivery_stats import Ledger
from storage.ledger.plans import Plans
from storage.model import (
    Article,
    Category,
    ChatKind,
    Delivery,
    DeliveryState,
    Edition,
    Kind,
    Layout,
    NewArticle,
    NewSource,
    Round,
    Source,
    Subscriber,
)
from storage.model.article_model import EventLink
from storage.readers.subscribers import Subscribers
from storage.sources.sources import Sources
from storage.tables.ledger_schema import deliveries as table
from storage.tables.reader_schema import follows, subscribers
from templates.markup.message import Preview, RenderedMessage
from tests.plugins.archive import registered
from tests.plugins.records import a_new_article, a_stored_article

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from digest.making.request_body import RequestBody
    from storage.db.database import Database
    from storage.readers.subscribers import Changes

MONDAY = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
"""Monday at 8:00 in Rome."""

CATEGORIES = {
    slug: Category(slug, slug.title(), kind)
    for slug, kind in {
        "motor": Kind.SECTION,
        "style": Kind.SECTION,
        "china": Kind.MARKET,
        "bentley": Kind.HOUSE,
        "gucci": Kind.HOUSE,
    }.items()
}


@dataclass
class StandingTime:
    """A clock that moves only when somebody sleeps, or when the test moves it."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return (self.now - MONDAY).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def pass_(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass
class Sent:
    """A message that was sent."""

    chat_id: int
    thread_id: int
    text: str
    fields: dict[str, str]


@dataclass
class RecordingOutbox:
    """A fake of Telegram that records messages and fails as scripted."""

    sent: list[Sent] = field(default_factory=list)
    asked: int = 0
    scripts: dict[int | None, deque[Exception | None]] = field(default_factory=dict)
    most_at_once: int = 0
    under_way: int = 0
    slow: asyncio.Event | None = None
    progress: asyncio.Event = field(default_factory=asyncio.Event)

    async def at_least(self, requests: int) -> None:
        """Wait for this number of requests."""
        while self.asked < requests:
            self.progress.clear()
            await self.progress.wait()

    def fail(self, *errors: Exception | None, chat_id: int | None = None) -> None:
        """Script the errors of the next requests (to a chat); None lets one through."""
        self.scripts.setdefault(chat_id, deque()).extend(errors)

    async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
        self.asked += 1
        self.progress.set()
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            if self.slow is not None:
                await self.slow.wait()
            else:
                await asyncio.sleep(0)
            for script in (self.scripts.get(chat_id), self.scripts.get(None)):
                error = script.popleft() if script else None
                if error is not None:
                    raise error
        finally:
            self.under_way -= 1
        fields = {name: values[0] for name, values in parse_qs(payload.body.decode()).items()}
        self.sent.append(Sent(chat_id, thread_id, fields["text"], fields))
        return 1000 + len(self.sent)

    def to(self, chat_id: int) -> list[str]:
        return [message.text for message in self.sent if message.chat_id == chat_id]


@dataclass
class PlainRenderer:
    """A renderer that renders an edition as its headlines and records its calls."""

    asked: list[tuple[Edition, str, Layout, str, bool]] = field(default_factory=list)
    private: list[bool] = field(default_factory=list)
    """For each edition, whether it was rendered for a private chat."""
    per_part: int = 100
    broken_by: str = ""

    def edition(
        self,
        edition: Edition,
        *,
        language: str,
        layout: Layout,
        zone: str,
        now: datetime,
        catch_up: bool = False,
        private: bool = True,
        since: datetime | None = None,
        parts: int = 0,
    ) -> RenderedMessage:
        del now, since
        self.private.append(private)
        self.asked.append((edition, language, layout, zone, catch_up))
        titles = [story.article.title for story in edition.stories]
        if self.broken_by and self.broken_by in titles:
            raise ValueError(self.broken_by)
        head = "catch-up" if catch_up else "edition"
        if not titles:
            return RenderedMessage((f"{head}: nothing",))
        texts = [
            "\n".join(titles[start : start + self.per_part])
            for start in range(0, len(titles), self.per_part)
        ]
        assert parts in {0, len(texts)}
        lead = edition.stories[0].article
        preview = Preview(lead.image) if lead.image else None
        return RenderedMessage((f"<b>{head}</b>\n{texts[0]}", *texts[1:]), preview)

    def alert(
        self,
        article: Article,
        *,
        language: str,
        section: str | None = None,
        words: Sequence[str] = (),
        private: bool = True,
        mark: object = None,
    ) -> RenderedMessage:
        del language, private, mark
        named = ", ".join(words) or section
        return RenderedMessage((f"<b>alert</b> {named}\n{article.title}",))


class Fields(TypedDict, total=False):
    """What a test may say of an article beside its title, source and categories."""

    age: timedelta
    image: str | None
    language: str | None
    standfirst: str


class Paper:
    """Everything that an edition needs, over one database."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.time = StandingTime()
        self.articles = Articles(db)
        self.sources = Sources(db)
        self.subscribers = Subscribers(db)
        self.deliveries = Deliveries(db)
        self.plans = Plans(db)
        self.pins = Pins(db)
        self.translations = Translations(db)
        self.outbox = RecordingOutbox()
        self.renderer = PlainRenderer()
        self.rate_limiter = RateLimiter(1000, clock=self.time.seconds, sleep=self.time.sleep)
        self.planner = Planner(self.plans)
        self.alerts = AlertPlanner(self.plans, self.articles, KeyValue(db), CATEGORIES)
        self.sender = self.new_sender()
        self._sources: dict[str, Source] = {}
        self._number = 0

    def new_sender(self, **changes: Any) -> Sender:  # noqa: ANN401 - what Sender takes
        edition_builder = EditionBuilder(
            self.deliveries,
            self.articles,
            self.renderer,  # type: ignore[arg-type]  # stands for the real one
            edition_size=12,
            categories=CATEGORIES,
            rich=changes.get("rich"),
            pins=self.pins,
            translations=self.translations,
        )
        return Sender(
            self.deliveries,
            self.subscribers,
            edition_builder,
            changes.pop("outbox", self.outbox),
            changes.pop("rate_limiter", self.rate_limiter),
            **{"plans": self.plans, "clock": self.time, "linger": 0, **changes},
        )

    async def source(self, name: str = "The Gazette", *, weight: int = 50) -> Source:
        if name not in self._sources:
            self._sources[name] = await self.sources.add(
                NewSource(name, f"https://{name.replace(' ', '')}.example/feed", weight=weight),
                self.time.now,
            )
        return self._sources[name]

    async def article(
        self,
        title: str,
        *categories: str,
        source: str = "The Gazette",
        weight: int = 50,
        story: int | None = None,
        event: int | None = None,
        backlog: bool = False,
        **fields: Unpack[Fields],
    ) -> int:
        """Store an article and return its id."""
        from_ = await self.source(source, weight=weight)
        new = self._new(from_, title, categories, **fields)
        stored = (
            await self.articles.store_all(
                [
                    self._round(
                        from_,
                        new,
                        stories={} if story is None else {new.link: story},
                        events={} if event is None else {new.link: EventLink(event)},
                        backlog=backlog,
                    )
                ]
            )
        )[0]
        return stored.new[0]

    async def stories(
        self,
        word: str,
        count: int,
        *categories: str,
        source: str = "{word} paper {number}",
        weight: int = 50,
    ) -> list[int]:
        """Store stories, each of another source, in one transaction; return their ids.

        Args:
            word: Their titles, before the number of each.
            count: How many.
            categories: The categories of each; Motor if there is none.
            source: The names of their sources, by `word` and `number`.
            weight: The weight of each source that is not there yet.
        """
        names = [source.format(word=word, number=number) for number in range(count)]
        fresh = [
            NewSource(name, f"https://{name.replace(' ', '')}.example/feed", weight=weight)
            for name in names
            if name not in self._sources
        ]
        added, known = await self.sources.add_all(fresh, self.time.now)
        assert not known
        self._sources |= {one.name: one for one in added}
        rounds = []
        for number, name in enumerate(names):
            from_ = self._sources[name]
            rounds.append(self._round(from_, self._new(from_, f"{word} {number}", categories)))
        return [id_ for stored in await self.articles.store_all(rounds) for id_ in stored.new]

    def _new(
        self, source: Source, title: str, categories: Sequence[str], **fields: Unpack[Fields]
    ) -> NewArticle:
        self._number += 1
        link = f"https://{source.id}.example/{self._number}"
        more: dict[str, Any] = {**fields}
        published = self.time.now - more.pop("age", timedelta(hours=1))
        return a_new_article(link, title, published, *(categories or ("motor",)), **more)

    def _round(self, source: Source, new: NewArticle, **more: Any) -> Round:  # noqa: ANN401 - a Round's
        return Round(
            source_id=source.id,
            now=self.time.now,
            next_check=self.time.now + timedelta(hours=1),
            interval=3600,
            articles=(new,),
            **more,
        )

    async def reader(
        self,
        chat_id: int,
        *follows: str,
        thread_id: int = 0,
        kind: ChatKind = ChatKind.PRIVATE,
        minute: int = 8 * 60,
        **changes: Unpack[Changes],
    ) -> Subscriber:
        """Create a subscriber who follows categories and is due at the next chosen minute."""
        made = await registered(
            self.subscribers,
            chat_id,
            self.time.now,
            thread_id=thread_id,
            kind=kind,
            zone=changes.pop("zone", "Europe/Rome"),
            digest_minute=minute,
        )
        for category in follows or ("motor",):
            made = await self.subscribers.follow(made.id, category)
        changes.setdefault("next_at", next_due(made, self.time.now - timedelta(seconds=1)))
        return await self.subscribers.change(made.id, **changes)

    async def subscriber(self, subscriber_id: int) -> Subscriber:
        """Return a subscriber as it is stored by now."""
        found = await self.subscribers.get(subscriber_id)
        assert found is not None
        return found

    async def of_chat(self, chat_id: int) -> Subscriber:
        """Return the subscriber of a chat as it is stored by now."""
        found = await self.subscribers.find(chat_id)
        assert found is not None
        return found

    async def crowd(self, first: int, *others: int, kind: ChatKind = ChatKind.PRIVATE) -> None:
        """Create subscribers like the first, in one transaction."""
        model = await self.reader(first, kind=kind)
        query = select(subscribers).where(subscribers.c.id == model.id)
        async with self.db.writing() as connection:
            row = dict((await connection.execute(query)).mappings().one())
            del row["id"]
            rows = [row | {"chat_id": chat_id} for chat_id in others]
            made = insert(subscribers).returning(subscribers.c.id)
            ids = (await connection.execute(made, rows)).scalars().all()
            followed = {"category": "motor", "alerts": False}
            each = [followed | {"subscriber_id": id_} for id_ in ids]
            await connection.execute(insert(follows), each)

    async def morning(self, **later: float) -> int:
        """Run one tick, after some time: plan who is due, and deliver."""
        self.time.pass_(**later)
        planned = await self.planner.plan_due(self.time.now)
        await self.sender.drain()
        return planned

    async def drain(self, **later: float) -> int:
        """Deliver, after some time, what is planned."""
        self.time.pass_(**later)
        return await self.sender.drain()

    async def reader_of(self, title: str, chat_id: int = 7) -> Subscriber:
        """Store a story, and create a reader who will get it."""
        await self.article(title)
        return await self.reader(chat_id)

    async def preview(self, subscriber_id: int) -> Edition:
        """Return the edition that a subscriber would get now, as `onnews digest preview` does."""
        now, subscriber = self.time.now, await self.subscriber(subscriber_id)
        found = await preview(
            self.articles,
            self.deliveries,
            Ledger(self.db),
            subscriber,
            at=now,
            now=now,
            size=12,
            categories=CATEGORIES,
            pins=await self.pins.active(now),
        )
        return found.edition

    async def ledger(self) -> list[Delivery]:
        """Return all rows in the order in which they were planned."""
        async with self.db.reading() as connection:
            ids = (await connection.execute(select(table.c.id).order_by(table.c.id))).scalars()
            rows = [await self.deliveries.get(id_) for id_ in ids.all()]
        return [row for row in rows if row is not None]

    async def states(self) -> list[DeliveryState]:
        return [row.state for row in await self.ledger()]

    async def error(self, chat_id: int) -> str | None:
        """Return the error of a chat's first delivery."""
        query = select(table.c.error).join(subscribers).where(subscribers.c.chat_id == chat_id)
        async with self.db.reading() as connection:
            found = await connection.execute(query.order_by(table.c.id))
            error: str | None = found.scalar()
            return error


@pytest.fixture
def paper(db: Database) -> Paper:
    """A small newspaper, on each database."""
    return Paper(db)


@pytest.fixture
def standing_time() -> StandingTime:
    """A manual clock."""
    return StandingTime()


@pytest.fixture
def an_article() -> Callable[..., Article]:
    """Return a factory of articles for pure functions."""

    def make(id_: int, title: str = "", **changes: Any) -> Article:  # noqa: ANN401 - fields
        plain: dict[str, Any] = {
            "title": title or f"Headline {id_}",
            "link": "https://gazette.example/1",
            "published": MONDAY - timedelta(hours=1),
            "first_seen": MONDAY - timedelta(hours=1),
        }
        return a_stored_article(id_, **plain | changes)

    return make
