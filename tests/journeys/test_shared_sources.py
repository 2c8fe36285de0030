"""Three replicas as real processes share the sources out by host; one of them is killed."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Self

import pytest
from aiohttp import web
from sqlalchemy import make_url

from bench.rigs.replicas.replicated import ReplicaTown, replicas
from bench.rigs.replicas.shared_reading import (
    count,
    in_order,
    kinship,
    one_after_another,
    until_stored,
)
from news.fetch.fetcher import UNREACHED
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import NewSource
from storage.replicas.host_shards import shard_of_host
from storage.replicas.members import Members
from storage.sources.sources import Sources
from storage.tables.schema import articles
from tests.journeys.forked_program import ForkedProgram
from tests.plugins.workers import Lent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.harness.postgresql import DatabaseServer
    from bench.rigs.replicas.replicated import ReplicaProcess
    from storage.replicas.members import Member, ReplicaView
    from tests.plugins.fork_server import ForkServer

REPLICAS, HOSTS, EACH = 3, 24, 16
ARTICLES = HOSTS * EACH
LONG_ENOUGH = 300.0
SETTINGS = {"ALLOW_PRIVATE_SOURCES": "true", "FETCH_EVERY": "1"}


def made_up(count: int, *seed: object) -> list[str]:
    """Return words that no other article has, always the same for a seed."""
    chance = random.Random(str(seed))  # noqa: S311  # not for secrets
    return ["".join(chance.choices("bdfgklmnprstvaeiou", k=9)).title() for _ in range(count)]


def feed(paper: int, now: datetime) -> bytes:
    """Return a paper's feed. Another paper copies its first article, and retells its second."""
    other, items = (paper + 1) % HOSTS, []
    titles = [
        " ".join(made_up(7, "copied", paper)),
        " ".join(made_up(7, "copied", other)),
        " ".join(made_up(7, "retold", paper)),
        " ".join(made_up(7, "retold", other)[::-1]),
        *(" ".join(made_up(7, "own", paper, place)) for place in range(EACH - 4)),
    ]
    for place, title in enumerate(titles):
        published = now - timedelta(minutes=7 * place + paper)
        items.append(
            f"<item><title>{title}</title><link>https://paper{paper}.example/{place}</link>"
            f"<pubDate>{format_datetime(published)}</pubDate></item>"
        )
    head = "<title>Paper</title><link>https://paper.example/</link>"
    return f"<rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>".encode()


class Papers:
    """Feeds, each at a host of its own, whose answers may be held back."""

    def __init__(self) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self._bodies = [feed(paper, now) for paper in range(HOSTS)]
        self.asked: Counter[str] = Counter()
        """Host → requests."""
        self.let_go = asyncio.Event()
        """Answers are held back until it is set."""
        self.urls: list[str] = []

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/feed/{number}", self._answer)
        # A request of a process that was killed ends.
        self._runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        for number in range(HOSTS):
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            port = self._runner.addresses[-1][1]
            self.urls.append(f"http://127.0.0.1:{port}/feed/{number}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked[request.host] += 1
        await self.let_go.wait()
        body = self._bodies[int(request.match_info["number"])]
        return web.Response(body=body, content_type="application/rss+xml")


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - no process here could wake us
        await asyncio.sleep(0.02)


async def view_when_shared(members: Members) -> ReplicaView:
    """Return the rows of the replicas once three hold all hosts, and one of them stores."""
    while True:
        view = await members.view()
        holders = Counter(view.hosts.values())
        if (
            {*holders} == {each.id for each in view.members}
            and len(holders) == REPLICAS
            and sum(each.sends for each in view.members) == 1
        ):
            return view
        await asyncio.sleep(0.02)


def process_of(member: Member, processes: Sequence[ReplicaProcess]) -> ReplicaProcess:
    number = int(member.name.rpartition(":")[2])
    return next(p for p in processes if p.process is not None and p.process.pid == number)


def host_of(url: str) -> str:
    return url.split("/")[2]


@pytest.mark.parametrize("sends", [False, True], ids=["reads", "stores"])
async def test_three_replicas_of_which_one_is_killed_store_what_one_process_stores(
    *,
    sends: bool,
    postgresql_url: str,
    mortal: DatabaseServer,
    sqlite_url: str,
    fork_server: ForkServer,
) -> None:
    database, address = Database(postgresql_url), make_url(postgresql_url)
    await open_migrated(database)
    program = ForkedProgram(fork_server=fork_server)
    sources, members = Sources(database), Members(database)
    await sources.seed((), datetime.now(UTC))
    async with (
        asyncio.timeout(LONG_ENOUGH),
        Papers() as papers,
        ReplicaTown() as town,
        replicas(
            town, address.database or "", mortal.socket, 3, settings=SETTINGS, program=program
        ) as processes,
    ):
        await view_when_shared(members)
        new = [NewSource(f"Paper {number}", each) for number, each in enumerate(papers.urls)]
        await sources.add_all(new, datetime.now(UTC))
        await until(lambda: len(papers.asked) == HOSTS)
        # All are in the middle of a round now. The one with most hosts that does, or does not,
        # store articles is killed.
        view = await members.view()
        asking = Counter(view.hosts[shard_of_host(host_of(url))] for url in papers.urls)
        victim = max(
            (each for each in view.members if each.sends == sends), key=lambda one: asking[one.id]
        )
        await process_of(victim, processes).end(signal.SIGKILL)
        papers.let_go.set()
        # On a busy machine an answer may have been held back for longer than a replica waits.
        while await count(database, articles) < ARTICLES:
            await sources.ask_again(UNREACHED, datetime.now(UTC))
            await asyncio.sleep(0.2)
        await until_stored(database, ARTICLES)
        found, order = await kinship(database), await in_order(database)
        assert len({story for story, _ in found.values()}) == ARTICLES - HOSTS  # some are copies
        assert len({event for _, event in found.values()}) == ARTICLES - 2 * HOSTS
        assert {source.failures for source in order} == {0}

        alone = Database(sqlite_url)
        await open_migrated(alone)
        assert await one_after_another(alone, order, Lent()) == found
        await alone.close()
    await database.close()
