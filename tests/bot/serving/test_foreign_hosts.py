"""Two replicas in one process never ask a host at once, whichever of them holds its shard."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Self

import pytest
from aiohttp import web

from bot.app import OnNews
from bot.configuration.settings import Settings
from news.fetch.fetcher import Failed, Fetched
from storage.replicas.spread import SHARDS
from tests.bot.serving.conftest import SILENT
from tests.bot.serving.running import running
from tests.bot.serving.running import until as until_true
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.server import Playground

pytestmark = pytest.mark.usefixtures("usual_heartbeats")

LONG_ENOUGH = 300.0
until = partial(until_true, within=LONG_ENOUGH)


class Hosts:
    """Hosts on this machine. All lead to the first one, which holds its answers back."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.led = 0
        """Redirects that were answered."""
        self.asked = self.open = self.most_open = 0
        """Requests to the first host: all, those without an answer, and the most of these."""
        self.let_go = asyncio.Event()
        self.status = 200

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def one_of(self, onnews: OnNews) -> str:
        """Return a new host whose shard a replica holds."""
        assert onnews._sharing is not None
        hosts = onnews._sharing.sources.hosts
        while True:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            name = f"127.0.0.1:{self._runner.addresses[-1][1]}"
            self.names.append(name)
            if name in hosts:
                return name

    async def _answer(self, request: web.Request) -> web.Response:
        if request.host != self.target:
            self.led += 1
            raise web.HTTPFound(f"http://{self.target}/")
        self.asked += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await self.let_go.wait()
        self.open -= 1
        return web.Response(text="a page", status=self.status, headers={"Retry-After": "3000"})

    target = ""
    """The host to which the others lead."""


@asynccontextmanager
async def two_replicas(town: Playground, url: str) -> AsyncIterator[tuple[OnNews, OnNews]]:
    """Run two replicas, each with half of the hosts."""
    settings = Settings(
        telegram_bot_token=town.token,
        telegram_api_url=town.url,
        database_url=url,
        allow_private_sources=True,
        fetch_every=86_400,
    )
    both = [
        OnNews(settings, first_sources=(), lease_seconds=SILENT, workers=Lent()) for _ in range(2)
    ]
    for each in both:
        each.archive.fetcher._timeout = LONG_ENOUGH  # answers are held back
    async with running(both[0], LONG_ENOUGH) as first, running(both[1], LONG_ENOUGH) as second:
        await until(lambda: [shards_of(each) for each in both] == [SHARDS // 2] * 2)
        yield first, second


def shards_of(onnews: OnNews) -> int:
    assert onnews._sharing is not None
    return len(onnews._sharing.sources.hosts.shards)


def may_not_ask(onnews: OnNews, host: str) -> bool:
    """Return whether a replica waits for, or lends, its turn at a host."""
    return host in onnews.archive.fetcher.turns.under_way


async def get(onnews: OnNews, host: str) -> None:
    answer = await onnews.archive.fetcher.get(f"http://{host}/", datetime.now(UTC))
    assert isinstance(answer, Fetched)


async def test_a_host_is_asked_by_one_replica_at_a_time_whoever_asks_first(
    town: Playground, postgresql_url: str
) -> None:
    async with two_replicas(town, postgresql_url) as (first, second), Hosts() as hosts:
        hosts.target = target = await hosts.one_of(first)
        for number, (one, other) in enumerate(((first, second), (second, first))):
            hosts.let_go.clear()
            begun = asyncio.create_task(get(one, target))
            await until(lambda: hosts.open == 1)
            following = asyncio.create_task(get(other, target))
            await until(partial(may_not_ask, other, target))
            assert hosts.asked == 2 * number + 1
            hosts.let_go.set()
            await asyncio.gather(begun, following)
            assert (hosts.asked, hosts.most_open) == (2 * number + 2, 1)
            # Each lets go of it in the end.
            await until(lambda: not any(may_not_ask(each, target) for each in (first, second)))


@pytest.mark.parametrize("asks_first", ["the holder", "the visitor"])
async def test_a_pause_that_a_host_asked_one_replica_for_holds_for_the_one_that_waits(
    town: Playground, postgresql_url: str, asks_first: str
) -> None:
    async with two_replicas(town, postgresql_url) as both, Hosts() as hosts:
        hosts.target = target = await hosts.one_of(both[0])
        hosts.status = 429
        one, other = both if asks_first == "the holder" else reversed(both)
        url = f"http://{target}/"
        asking = asyncio.create_task(one.archive.fetcher.get(url, datetime.now(UTC)))
        await until(lambda: hosts.open == 1)
        waiting = asyncio.create_task(other.archive.fetcher.get(url, datetime.now(UTC)))
        await until(partial(may_not_ask, other, target))
        hosts.let_go.set()
        answers = await asyncio.gather(asking, waiting)
        assert [isinstance(each, Failed) and each.asked for each in answers] == [True, False]
        assert hosts.asked == 1


async def test_redirects_of_two_replicas_to_one_host_go_there_one_by_one(
    town: Playground, postgresql_url: str
) -> None:
    async with two_replicas(town, postgresql_url) as (first, second), Hosts() as hosts:
        hosts.target = await hosts.one_of(first)
        leading = [(each, await hosts.one_of(each)) for each in (first, second, first, second)]
        asking = [asyncio.create_task(get(each, host)) for each, host in leading]
        await until(lambda: hosts.led == len(asking))
        await until(lambda: hosts.open == 1)
        hosts.let_go.set()
        await asyncio.gather(*asking)
        assert (hosts.asked, hosts.most_open) == (len(asking), 1)


async def test_a_host_that_another_replica_visits_does_not_change_hands(
    town: Playground, postgresql_url: str
) -> None:
    async with two_replicas(town, postgresql_url) as (first, second), Hosts() as hosts:
        hosts.target = target = await hosts.one_of(first)
        visiting = asyncio.create_task(get(second, target))
        await until(lambda: hosts.open == 1)
        assert may_not_ask(first, target)
        settings = first.settings
        third = OnNews(settings, first_sources=(), lease_seconds=SILENT, workers=Lent())
        async with running(third, LONG_ENOUGH):
            await until(lambda: shards_of(third) > 0)
            assert third._sharing is not None
            assert target not in third._sharing.sources.hosts
            hosts.let_go.set()
            await visiting
            await until(lambda: shards_of(third) == SHARDS // 3)
        assert hosts.most_open == 1
