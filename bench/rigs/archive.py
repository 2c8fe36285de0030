"""One database with a large archive and a long ledger, and all queries of readers.

`python -m bench.rigs.archive URL ARTICLES DELIVERIES` makes it and reports that, runs the queries
when it gets a line, and reports how long the answers took.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from bench.harness.processes import next_line, percentile, send_message
from bench.rigs.news import day
from bench.rigs.news.library import RARE, Library
from bot.composition import utc_now
from bot.watching.daily_stats import figures, today
from bot.watching.gauges import ProcessFigures
from bot.watching.metrics import exposition
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
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from bench.rigs.news.library import DrawnArticle

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
    """Write articles into all their tables, as an ingest round does.

    Args:
        connection: The connection of a transaction.
        drawn: The articles, with their ids.
        searched: Whether to index them for search, which takes most of the time.
    """
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


async def fill(database: Database, library: Library, number: int, now: datetime) -> None:
    """Make the archive."""
    index = "ix_article_search_words"
    apart = database.dialect == "postgresql"
    papers = [NewSource(f"Paper {n}", f"https://paper{n}.example/feed") for n in range(SOURCES)]
    await Sources(database).add_all(papers, now)
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
