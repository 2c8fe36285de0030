"""The bot with an archive and readers of several months, some of whom leave.

`python -m bench.rigs.readers URL DATABASE FOLDER ARTICLES READERS` makes the archive and reports
that. It serves when it gets a line, and reports when it is ready. One more line ends that, and it
reports how long some transactions of /forget took.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.harness.processes import next_line, percentile, send_message
from bench.rigs import archive
from bench.rigs.news import day
from bench.rigs.news.library import Library
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.db.bulk import insert_all
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import DeliveryState, Layout, NewSource, Taste
from storage.readers.privacy.forgetting import forget_chat
from storage.sources.sources import Sources
from storage.tables.columns import to_driver
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import (
    follows,
    levels,
    saved,
    share_openings,
    shares,
    subscribers,
    word_follows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

FIRST_SUBSCRIBER = 1_000
"""The chat of the first of these readers."""
TEXTS = 2_000
"""Different texts of the articles; they are not indexed, since no reader searches here."""
FOLLOWED = 6
DELIVERED = 5
"""Editions of each reader in the ledger."""
LEAVERS = 30
"""The first readers, who have as much data as a reader can have, and ask to be forgotten."""
TAPPING = 20
"""How many of the leavers ask the serving bot; the others are deleted directly."""
OF_A_LEAVER = {"deliveries": 600, "saved": 200, "shares": 200, "levels": 100, "words": 50}
OPENINGS = 5
"""Openings of each shared link."""
AT_ONCE = 2_000
"""Articles or readers written in one transaction."""

_DELIVERY = (
    *("subscriber_id", "key", "kind", "due", "state", "place_from", "place_to", "taste_key"),
    *("language", "layout", "settled", "articles"),
)


def tastes(number: int, categories: tuple[str, ...]) -> list[Taste]:
    """Return `number` different tastes, each with a followed word of its own."""
    chance = random.Random(3)  # noqa: S311  # the same readers in every run
    return [
        Taste(
            follows=frozenset(chance.sample(categories, FOLLOWED)),
            words=frozenset({f"word {place}"}),
        )
        for place in range(number)
    ]


async def fill(database: Database, articles: int, readers: int, now: datetime) -> None:
    """Make the archive, from a few repeated texts, and its readers."""
    library = Library()
    await Sources(database).add(NewSource("Paper", "https://paper.example/feed"), now)
    texts = list(library.articles(TEXTS, now))
    for start in range(1, articles + 1, AT_ONCE):
        some = range(start, min(start + AT_ONCE, articles + 1))
        numbered = [(number, texts[number % TEXTS]) for number in some]
        await database.write(partial(archive.put, drawn=numbered, searched=False))
    chosen = tastes(readers, library.categories)
    keys = await day.keep_tastes(database, chosen)
    await day.subscribe(database, keys, readers, due=None, now=now, first_chat=FIRST_SUBSCRIBER)
    query = select(subscribers.c.id).order_by(subscribers.c.chat_id)
    async with database.reading() as connection:
        ids = list((await connection.execute(query)).scalars())
    everybody = list(zip(ids, keys, chosen, strict=True))
    for start in range(0, readers, AT_ONCE):
        part = everybody[start : start + AT_ONCE]
        await database.write(partial(_put, some=part, first=start, articles=articles, now=now))


def _put(
    connection: Connection,
    some: list[tuple[int, str, Taste]],
    first: int,
    articles: int,
    now: datetime,
) -> None:
    at = to_driver(now - timedelta(days=30), connection.dialect.name)
    chosen, worded, sent = [], [], []
    for place, (whose, key, taste) in enumerate(some, start=first):
        chosen += [(whose, category, False) for category in sorted(taste.follows)]
        worded += [(whose, word, word, False, place) for word in taste.words]
        number = OF_A_LEAVER["deliveries"] if place < LEAVERS else DELIVERED
        for edition in range(number):
            shown = json.dumps([1 + (place + edition * 7 + n) % articles for n in range(12)])
            sent.append(
                (
                    *(whose, str(edition), "edition", at, DeliveryState.SENT.value, 0, 1, key),
                    *("en", Layout.SUMMARIES.value, at, shown),
                )
            )
    insert_all(connection, follows, ("subscriber_id", "category", "alerts"), chosen)
    insert_all(
        connection,
        word_follows,
        ("subscriber_id", "word", "spelling", "alerts", "number"),
        worded,
    )
    insert_all(connection, deliveries, _DELIVERY, sent)
    for place, (whose, _, _) in enumerate(some, start=first):
        if place < LEAVERS:
            for table, columns, rows in _of_a_leaver(whose, place, at):
                insert_all(connection, table, columns, rows)


def _of_a_leaver(
    whose: int,
    place: int,
    at: Any,  # noqa: ANN401  # as the driver takes it
) -> Iterator[tuple[Any, tuple[str, ...], list[tuple[Any, ...]]]]:
    """Yield table, columns and rows of the data that only leavers have."""
    numbers = {name: range(1, number + 1) for name, number in OF_A_LEAVER.items()}
    yield (
        saved,
        ("subscriber_id", "article_id", "saved_at"),
        [(whose, n, at) for n in numbers["saved"]],
    )
    codes = [(n, f"{place:04}-{n:05}") for n in numbers["shares"]]
    yield (
        shares,
        ("code", "subscriber_id", "article_id", "opened", "created"),
        [(code, whose, n, OPENINGS, at) for n, code in codes],
    )
    yield (
        share_openings,
        ("code", "mark"),
        [(code, mark) for _, code in codes for mark in range(OPENINGS)],
    )
    yield (
        levels,
        ("subscriber_id", "kind", "value", "level", "followed", "alerts"),
        [(whose, "category", f"of-{n}", "more", True, False) for n in numbers["levels"]],
    )
    yield (
        word_follows,
        ("subscriber_id", "word", "spelling", "alerts", "number"),
        [(whose, f"own {n}", f"Own {n}", False, n) for n in numbers["words"]],
    )


async def held(database: Database) -> list[float]:
    """Forget some more readers in an idle database; return each transaction's milliseconds."""
    taken: list[float] = []

    def forget(connection: Connection, chat: int) -> None:
        began = time.perf_counter()
        forget_chat(connection, chat)
        taken.append(1000 * (time.perf_counter() - began))

    for chat in range(FIRST_SUBSCRIBER + TAPPING, FIRST_SUBSCRIBER + LEAVERS):
        await database.write(partial(forget, chat=chat))
    return taken


async def run(url: str, where: str, folder: str, articles: int, readers: int) -> None:
    """Make the archive, serve when a line arrives, and measure transactions at the end."""
    began = time.perf_counter()
    database = Database(where)
    await open_migrated(database)
    await fill(database, articles, readers, utc_now())
    await database.close()
    send_message({"load_s": time.perf_counter() - began})
    await next_line()
    async with serving(url, folder, database=where):
        send_message("ready")
        await next_line()
    await open_migrated(database)
    taken = await held(database)
    await database.close()
    send_message({"held_least_ms": min(taken), "held_median_ms": percentile(taken, 0.5)})


if __name__ == "__main__":
    url, where, folder, articles, readers = sys.argv[1:]
    asyncio.run(run(url, where, folder, int(articles), int(readers)))
