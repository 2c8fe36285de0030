"""Two replicas in one process share the sources out by host."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pytest
from aiohttp import web
from sqlalchemy import Engine, event, func, select, update

from bot.app import OnNews
from bot.configuration.settings import Settings
from bot.serving.replica import Replica
from bot.serving.shared_sources import SharedSources, _readers
from bot.serving.source_rounds import SourceRounds
from news.fetch.fetcher import Fetcher
from news.filing.taxonomy import load
from news.newsroom import Newsroom
from news.source_share import Whole
from storage.articles.articles import Articles
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import NewSource, SourceState
from storage.replicas.host_shards import shard_of_host
from storage.replicas.members import Introduction, Member, Members
from storage.replicas.spread import SHARDS
from storage.sources.sources import Sources
from storage.tables.schema import articles, sources
from tests.bot.serving.conftest import SILENT
from tests.bot.serving.running import running
from tests.bot.serving.running import until as until_true
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from news.source_share import SourceShare
    from playground.server import Playground

pytestmark = pytest.mark.usefixtures("usual_heartbeats")

LONG_ENOUGH = 300.0
until = partial(until_true, within=LONG_ENOUGH)
HOSTS = 16


class Papers:
    """Feeds, each at a host of its own, which count how often and by how many they are asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.most_open = 0
        self.issue = 1
        self.status = 200
        self.let_go = asyncio.Event()
        """Answers are held back until it is set."""
        self.hosts: list[str] = []

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/feed", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        for _ in range(HOSTS):
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self.hosts.append(f"127.0.0.1:{self._runner.addresses[-1][1]}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        host = request.host
        self.asked[host] += 1
        self.open[host] += 1
        self.most_open = max(self.most_open, self.open[host])
        await self.let_go.wait()
        self.open[host] -= 1
        number = self.hosts.index(host)
        title = f"Paper {number} has news of its issue {self.issue}"
        link = f"https://paper{number}.example/{self.issue}"
        entry = f"<item><title>{title}</title><link>{link}</link></item>"
        body = f"<rss version='2.0'><channel><title>P</title>{entry}</channel></rss>"
        headers = {"Retry-After": "3000", "Content-Type": "application/rss+xml"}
        return web.Response(text=body, status=self.status, headers=headers)

    async def subscribe(self, database: Database, *, paused: bool = False) -> None:
        """Add the feeds to the sources, due at once."""
        new = [NewSource(host, f"http://{host}/feed", paused=paused) for host in self.hosts]
        await Sources(database).add_all(new, datetime.now(UTC))


async def until_stored(database: Database, number: int) -> None:
    async with asyncio.timeout(LONG_ENOUGH):
        while await how_many(database) < number:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    assert await how_many(database) == number


async def how_many(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(articles)) or 0)


async def all_due(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(update(sources).values(next_check=datetime.now(UTC)))


@asynccontextmanager
async def replica(town: Playground, url: str) -> AsyncIterator[OnNews]:
    """Run a replica, and stop it in order at the end. Its own rounds are far apart."""
    settings = Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=url,
        allow_private_sources=True,
        fetch_every=86_400,
    )
    onnews = OnNews(settings, first_sources=(), lease_seconds=SILENT, workers=Lent())
    onnews.archive.fetcher._timeout = LONG_ENOUGH  # answers are held back
    async with running(onnews, LONG_ENOUGH):
        yield onnews


def asks(onnews: OnNews, host: str) -> bool:
    """Return whether a replica holds the shard of a host."""
    assert onnews._sharing is not None
    return host in onnews._sharing.sources.hosts


def shards_of(onnews: OnNews) -> frozenset[int]:
    assert onnews._sharing is not None
    return onnews._sharing.sources.hosts.shards


async def ask(onnews: OnNews) -> None:
    await onnews.archive.newsroom.refresh_due(datetime.now(UTC))


async def test_a_host_changes_hands_once_it_is_not_being_asked_and_is_asked_by_one_at_a_time(
    town: Playground, postgresql_url: str
) -> None:
    async with Papers() as papers, replica(town, postgresql_url) as first:
        database = first.archive.database
        await until(lambda: len(shards_of(first)) == SHARDS)
        await papers.subscribe(database)
        asking = asyncio.create_task(ask(first))
        await until(lambda: len(papers.asked) == HOSTS)
        async with replica(town, postgresql_url) as second:
            busy = {shard_of_host(host) for host in papers.hosts}
            await until(lambda: len(shards_of(first)) == SHARDS // 2)
            await until(lambda: len(shards_of(second) - busy) > 0)
            assert not shards_of(second) & busy
            await asyncio.gather(ask(first), ask(second))
            assert set(papers.asked.values()) == {1}

            papers.let_go.set()
            await asking
            await until(lambda: len(shards_of(first)) == len(shards_of(second)) == SHARDS // 2)
            assert await how_many(database) == HOSTS

            # Each asks its own, and the one that sends stores what both have read.
            papers.issue = 2
            await all_due(database)
            await asyncio.gather(ask(first), ask(second))
            # Some may have been asked by rounds of the replicas themselves, as they took shards.
            await until_stored(database, 2 * HOSTS)
            assert set(papers.asked.values()) == {2}
            assert papers.most_open == 1

        # What the second one held comes back when it stops.
        await until(lambda: len(shards_of(first)) == SHARDS)
        papers.issue = 3
        await all_due(database)
        await ask(first)
        await until_stored(database, 3 * HOSTS)
        assert set(papers.asked.values()) == {3}


async def test_a_pause_that_a_host_asked_one_replica_for_holds_on_the_other(
    town: Playground, postgresql_url: str
) -> None:
    async with Papers() as papers, replica(town, postgresql_url) as first:
        papers.let_go.set()
        papers.status = 429
        await until(lambda: len(shards_of(first)) == SHARDS)
        half = papers.hosts[: HOSTS // 2]
        for host in half:
            await first.archive.fetcher.get(f"http://{host}/feed", datetime.now(UTC))
        async with replica(town, postgresql_url) as second:
            await until(lambda: len(shards_of(first)) == len(shards_of(second)) == SHARDS // 2)
            # It came with the shard.
            pauses = second.archive.fetcher.pauses(datetime.now(UTC))
            assert set(pauses) >= {host for host in half if asks(second, host)}
            # While there are two, either tells the other.
            for host in papers.hosts[HOSTS // 2 :]:
                await second.archive.fetcher.get(f"http://{host}/feed", datetime.now(UTC))
            fetcher = first.archive.fetcher
            await until(lambda: fetcher.pauses(datetime.now(UTC)).keys() >= set(papers.hosts))
            papers.asked.clear()
            await papers.subscribe(first.archive.database)
            await asyncio.gather(ask(first), ask(second))
            assert not papers.asked


async def test_a_source_that_is_paused_at_one_replica_is_not_asked_by_the_other(
    town: Playground, postgresql_url: str
) -> None:
    async with (
        Papers() as papers,
        replica(town, postgresql_url) as first,
        replica(town, postgresql_url) as second,
    ):
        papers.let_go.set()
        await until(lambda: len(shards_of(first)) == len(shards_of(second)) == SHARDS // 2)
        database = first.archive.database
        await papers.subscribe(database, paused=True)

        async def all_are(state: SourceState, by: OnNews) -> None:
            for source in await by.archive.sources.all():
                await by.archive.sources.set_state(source.id, state, by.clock())
            await all_due(database)
            await asyncio.gather(ask(first), ask(second))

        await all_are(SourceState.PAUSED, first)
        assert not papers.asked
        await all_are(SourceState.ACTIVE, second)
        await until_stored(database, HOSTS)
        papers.issue = 2
        await all_are(SourceState.PAUSED, first)
        assert set(papers.asked.values()) == {1}


@asynccontextmanager
async def newsroom(url: str) -> AsyncIterator[tuple[Newsroom, Fetcher, Database]]:
    database = Database(url)
    async with AsyncExitStack() as open_:
        open_.push_async_callback(database.close)
        await open_migrated(database)
        fetcher = Fetcher(allow_private=True, timeout=LONG_ENOUGH)
        await open_.enter_async_context(fetcher)
        room = Newsroom(
            Articles(database),
            Sources(database),
            fetcher,
            Lent(),
            load(),
            lambda: datetime.now(UTC),
        )
        yield room, fetcher, database


@asynccontextmanager
async def alone(
    room: Newsroom, fetcher: Fetcher, database: Database
) -> AsyncIterator[tuple[SharedSources, Replica]]:
    """Hold every host as the only replica, and renew no heartbeat."""
    settled = asyncio.Event()

    class User:
        """Holds hosts, and answers nobody."""

        def hold(self, shards: frozenset[int], *, shared: bool) -> None:
            pass

        def busy(self) -> frozenset[int]:
            return frozenset()

        async def part_with(self, shards: frozenset[int]) -> frozenset[int]:
            return frozenset() & shards

        async def gained(self, shards: frozenset[int]) -> None:
            pass

        async def learn(self, topic: str) -> None:
            pass

        async def settle_hosts(self, view: Any, alive: Any) -> bool:  # noqa: ANN401 - as there
            has_changed = await shared.settle(view, alive)
            settled.set()
            return has_changed

    introduction = Introduction("one", "1 host boot 1 nonce", "0", "", "fetch,send", 36_000.0)
    me = Replica(
        Members(database), introduction, User(), sends=lambda: True, stopping=asyncio.Event()
    )
    shared = SharedSources(
        database, room, fetcher, me, sends=lambda: True, clock=lambda: datetime.now(UTC)
    )
    try:
        await me.join()
        me.begin()
        await asyncio.wait_for(settled.wait(), LONG_ENOUGH)
        yield shared, me
    finally:
        await me.leave()


@contextmanager
def statements() -> Iterator[list[str]]:
    """Note every statement that is executed."""
    found: list[str] = []

    def listen(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        found.append(call[2])

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


async def test_a_process_that_is_alone_makes_the_statements_of_one_that_knows_no_others(
    postgresql_url: str,
) -> None:
    async with Papers() as papers, newsroom(postgresql_url) as (room, fetcher, database):
        papers.let_go.set()
        # A single source, since it is left to chance how many are stored together.
        papers.hosts = papers.hosts[:1]
        await papers.subscribe(database)
        await room.refresh_due(datetime.now(UTC))  # what is read once is read here
        async with alone(room, fetcher, database) as (shared, _):
            counts = []
            shares: tuple[SourceShare, ...] = (Whole(), shared)
            for issue, share in enumerate(shares, start=2):
                room.results.share = share
                papers.issue = issue
                await all_due(database)
                with statements() as noted:
                    await room.refresh_due(datetime.now(UTC))
                counts.append(Counter(noted))
                assert await how_many(database) == issue
            assert counts[0] == counts[1]


async def test_a_replica_that_others_have_removed_writes_nothing_and_its_sources_stay_due(
    postgresql_url: str,
) -> None:
    async with Papers() as papers, newsroom(postgresql_url) as (room, fetcher, database):
        await papers.subscribe(database)
        async with alone(room, fetcher, database) as (shared, me):
            shared._sends = lambda: False
            rounds = SourceRounds(room, lambda: datetime.now(UTC))
            asking = asyncio.create_task(rounds.ask())
            await until(lambda: len(papers.asked) == HOSTS)
            await Members(database).leave(me.id)
            papers.let_go.set()
            assert await asking == ()
            assert len(await Sources(database).due(datetime.now(UTC))) == HOSTS
            assert await how_many(database) == 0


def test_hosts_are_shared_out_among_those_that_fetch_and_know_how() -> None:
    def one(number: int, roles: str = "answer,send,fetch", **other: Any) -> Member:  # noqa: ANN401
        return Member(number, "a", "", "0", "", roles, 1, 4.0, **{"sends": False, **other})

    leaving, reader = one(3, ""), one(4, "answer")
    assert _readers([one(1), one(2, "fetch"), leaving, reader]) == [1, 2]
    # One of a version before hosts were shared: it asks all of them while it sends.
    assert _readers([one(1), one(2, shares_hosts=False)]) == [1]
    assert _readers([one(1), one(2, shares_hosts=False, sends=True)]) == []
