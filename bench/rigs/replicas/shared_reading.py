"""Several replicas that read two hundred feeds, and one process that reads them in the same order.

The replicas are real processes; what they stored is read from the database. A single process then
stores the same documents one after another, each at the time at which the replicas stored it. Its
stories and events must be the same.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import psutil
from sqlalchemy import func, make_url, select

from bench.harness.processes import BrokenRunError, talking
from bench.rigs.news import feeds
from bench.rigs.replicas.replicated import ReplicaTown, replicas
from bot.composition import utc_now
from news import documents
from news.fetch.fetcher import Fetcher
from news.filing.taxonomy import load
from news.newsroom import Newsroom
from storage.articles.articles import Articles
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import NewSource
from storage.replicas.members import Members
from storage.sources.sources import Sources
from storage.tables.replica_schema import read_documents
from storage.tables.schema import articles
from workers.pool import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from sqlalchemy import URL, Table

    from bench.rigs.replicas.replicated import ReplicaProcess
    from storage.model import Source

SETTINGS = {"ALLOW_PRIVATE_SOURCES": "true", "FETCH_EVERY": "5"}
FIRST = 30
"""Feeds that are read before the measurement, so that each replica has started its workers."""
LOOK = 0.05
REST = 8.0
"""Seconds for which the processor time of replicas at rest is measured."""
PATIENCE = 300.0
"""Seconds after which a state that does not come fails the run."""

Kinship = dict[str, tuple[str, str]]
"""An article's link → the links of the first articles of its story and of its event."""


async def kinship(database: Database) -> Kinship:
    """Return the story and event of each article.

    Raises:
        BrokenRunError: An article is stored twice.
    """
    a = articles.c
    async with database.reading() as connection:
        rows = (await connection.execute(select(a.id, a.link, a.story_id, a.event_id))).all()
    links = {row.id: row.link for row in rows}
    if len({*links.values()}) < len(rows):
        raise BrokenRunError("an article is stored twice")
    return {row.link: (links[row.story_id], links[row.event_id or row.id]) for row in rows}


async def in_order(database: Database) -> list[Source]:
    """Return the sources in the order in which their first documents were stored."""
    first = select(articles.c.source_id).group_by(articles.c.source_id)
    async with database.reading() as connection:
        order = (await connection.execute(first.order_by(func.min(articles.c.id)))).scalars().all()
    known = await Sources(database).many(order)
    return [known[number] for number in order]


async def one_after_another(
    database: Database, order: Sequence[Source], workers: Workers
) -> Kinship:
    """Let a single process fetch and store sources in this order; return what came of it.

    Args:
        database: An empty archive.
        order: The sources, each with the time of its round as `last_ok`.
        workers: Parse the documents.
    """
    sources, now = Sources(database), order[0].added
    async with Fetcher(allow_private=True, timeout=PATIENCE) as fetcher:
        newsroom = Newsroom(
            Articles(database),
            sources,
            fetcher,
            workers,
            load(),
            lambda: now,
            chance=random.Random(7),  # noqa: S311  # the same in every run
        )
        for was in order:
            now = was.last_ok or was.added
            await newsroom.refresh_all([await sources.add(NewSource(was.name, was.url), was.added)])
    return await kinship(database)


async def count(database: Database, table: Table) -> int:
    """Return the number of rows of a table."""
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def until_stored(database: Database, number: int) -> None:
    """Wait until so many articles are stored and no document waits.

    Raises:
        BrokenRunError: They were not stored in time, or more were.
    """

    async def holds() -> bool:
        return await count(database, articles) >= number and not await count(
            database, read_documents
        )

    await _until(holds)
    if await count(database, articles) > number:
        raise BrokenRunError("more articles are stored than there are")


async def until_shared(database: Database, number: int) -> None:
    """Wait until some replicas have all hosts.

    Raises:
        BrokenRunError: They did not share them in time.
    """
    members = Members(database)

    async def holds() -> bool:
        view = await members.view()
        return len(view.members) == number and {*view.hosts.values()} == {
            each.id for each in view.members
        }

    await _until(holds)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    began = time.perf_counter()
    while not await holds():
        if time.perf_counter() - began > PATIENCE:
            raise BrokenRunError("the replicas did not come to be as they should")
        await asyncio.sleep(LOOK)


def _processor(processes: Sequence[ReplicaProcess]) -> float:
    """Return the processor seconds that processes and their workers have used."""
    used = 0.0
    for each in processes:
        if each.process is not None:
            main = psutil.Process(each.process.pid)
            for one in (main, *main.children(recursive=True)):
                times = one.cpu_times()
                used += times.user + times.system
    return used


@asynccontextmanager
async def _archive(server: URL, name: str) -> AsyncIterator[Database]:
    """Create a database on a server, and open it as an archive without sources."""
    connection = await asyncpg.connect(
        server.set(drivername="postgresql", database="postgres").render_as_string(
            hide_password=False
        )
    )
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    database = Database(server.set(database=name).render_as_string(hide_password=False))
    try:
        await open_migrated(database)
        await Sources(database).seed((), utc_now())
        yield database
    finally:
        await database.close()


async def read_by(number: int, url: str, folder: Path, *, scale: int) -> tuple[float, int]:
    """Let some replicas read the feeds.

    Args:
        number: How many replicas.
        url: The address of a PostgreSQL server.
        folder: An empty folder.
        scale: The number by which the feeds are divided.

    Returns:
        Processor seconds of all processes for 1,000 articles, beyond those that they use at rest;
        and the number of articles with another story or event than in a single process.
    """
    written = feeds.write(folder, feeds=feeds.FEEDS // scale, articles=feeds.ARTICLES // scale)
    server = make_url(url)
    socket = f"{server.query['host']}/.s.PGSQL.5432"
    async with (
        talking("bench.peers.stand", str(folder)) as stand,
        _archive(server, f"reading{number}") as database,
        ReplicaTown(20 + number) as town,
        replicas(town, f"reading{number}", socket, number, settings=SETTINGS) as processes,
    ):
        addresses = await stand.next_message()
        new = [NewSource(f"Paper {place}", each) for place, each in enumerate(addresses)]
        first = FIRST // scale
        sizes = [each.articles for each in written]
        sources = Sources(database)
        await until_shared(database, number)
        await sources.add_all(new[:first], utc_now())
        await until_stored(database, sum(sizes[:first]))
        before, began = _processor(processes), time.perf_counter()
        await asyncio.sleep(REST)
        rest = (_processor(processes) - before) / (time.perf_counter() - began)
        before, began = _processor(processes), time.perf_counter()
        await sources.add_all(new[first:], utc_now())
        await until_stored(database, sum(sizes))
        used = _processor(processes) - before - rest * (time.perf_counter() - began)
        await asyncio.gather(*(each.end(signal.SIGTERM) for each in processes))
        found, order = await kinship(database), await in_order(database)
        async with _archive(server, f"alone{number}") as empty:
            workers = Workers(warm=documents.warm)
            try:
                alone = await one_after_another(empty, order, workers)
            finally:
                await workers.close()
    otherwise = sum(found[link] != alone[link] for link in found)
    return 1000 * used / sum(sizes[first:]), otherwise
