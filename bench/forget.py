"""`./dev bench forget`: how deleting readers' data affects other readers.

An archive of 300,000 articles with 100,000 readers is made on SQLite and on PostgreSQL, one after
the other. The whole bot serves it in its own process. Readers ask for /latest, turn pages, follow
and save, first alone, then while one reader after another, each with a year of use, confirms
/forget.

`python -m bench.forget URL DATABASE FOLDER ARTICLES READERS` makes the archive, with readers of
several months, and reports that. It serves when it gets a line, and reports when it is ready. One
more line ends that, and it reports how long some transactions of /forget took.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.archive import DATABASES, add_papers, postgresql, put, vacuumed
from bench.harness.processes import next_line, percentile, send_message, talking
from bench.harness.report import Metric
from bench.rigs.crowd import NEXT_PAGE, Crowd, private_chat
from bench.rigs.news import day
from bench.rigs.news.library import Library
from bench.rigs.whole import serving
from bot.composition import utc_now
from handlers.taps.callback_data import Follow, Forget, Save
from storage.db.bulk import insert_all
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import DeliveryState, Layout, Taste
from storage.readers.privacy.forgetting import forget_chat
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

ARTICLES = 300_000
READERS = 100_000
ASKED = 20.0
"""Requests a second, every second one a tap."""
WARM_UP = 3.0
IDLE = 15.0
"""Seconds of requests before the first reader leaves."""
EVERY = 1.5
"""Seconds between two readers who leave."""
BUTTONS = (
    *(NEXT_PAGE, Follow("motor", on=True).pack(), Save(7, on=True).pack()),
    *(NEXT_PAGE, Follow("motor", on=False).pack(), Save(7, on=False).pack()),
)
GOAL = 200.0

FIGURES = {
    "articles": Metric("articles in the archive"),
    "readers": Metric("readers"),
    **{
        key: figure
        for database in DATABASES
        for key, figure in {
            f"{database}_idle_max_ms": Metric(f"{database}: slowest answer before", "ms"),
            f"{database}_p99_ms": Metric(f"{database}: 99 of 100 answers meanwhile within", "ms"),
            f"{database}_max_ms": Metric(
                f"{database}: slowest answer meanwhile", "ms", at_most=GOAL
            ),
            f"{database}_forgotten_max_ms": Metric(
                f"{database}: all are forgotten in", "ms", at_most=GOAL
            ),
            f"{database}_held_least_ms": Metric(
                f"{database}: the shortest transaction, alone", "ms", at_most=GOAL
            ),
            f"{database}_answers": Metric(f"{database}: answers meanwhile"),
        }.items()
    },
}


async def measure(*, quick: bool = False) -> dict[str, Any]:
    """Make each archive, and let readers leave it."""
    scale = 10 if quick else 1
    numbers = {"articles": ARTICLES // scale, "readers": READERS // scale}
    values: dict[str, Any] = {**numbers}
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with postgresql(Path(folder) / "postgresql") as url:
            addresses = {"sqlite": f"sqlite:///{folder}/onnews.db", "postgresql": url}
            for database in DATABASES:
                sizes = [str(number) for number in numbers.values()]
                found = await _left(addresses[database], folder, sizes, IDLE / scale)
                values |= {f"{database}_{key}": value for key, value in found.items()}
    return values


async def _left(url: str, folder: str, sizes: list[str], idle: float) -> dict[str, float]:
    """Measure requests while no reader leaves, and while some do."""
    async with (
        Crowd(BUTTONS) as crowd,
        talking("bench.forget", crowd.url, url, folder, *sizes) as bot,
    ):
        await bot.next_message()
        if url.startswith("postgresql"):
            await vacuumed(url)
        bot.say()
        await bot.next_message()
        await crowd.ask_for(ASKED, WARM_UP, taps=True)
        before = await crowd.ask_for(ASKED, idle, taps=True)
        over = asyncio.Event()
        asking = asyncio.create_task(crowd.ask(ASKED, over, taps=True))
        try:
            left = [
                await _leave(crowd, chat)
                for chat in range(FIRST_SUBSCRIBER, FIRST_SUBSCRIBER + TAPPING)
            ]
            await asyncio.sleep(EVERY)
        finally:
            over.set()
            meanwhile = await asking
        bot.say()
        last = await bot.next_message()
    return {
        "idle_max_ms": max(before),
        "p99_ms": percentile(meanwhile, 0.99),
        "max_ms": max(meanwhile),
        "forgotten_max_ms": max(left),
        "held_least_ms": last["held_least_ms"],
        "answers": len(meanwhile),
    }


async def _leave(crowd: Crowd, chat: int) -> float:
    """Confirm /forget after a while; return the milliseconds until it is done."""
    await asyncio.sleep(EVERY)
    return 1000 * await crowd.tap(chat, private_chat(chat), Forget().pack())


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
    await add_papers(database, now)
    texts = list(library.articles(TEXTS, now))
    for start in range(1, articles + 1, AT_ONCE):
        some = range(start, min(start + AT_ONCE, articles + 1))
        numbered = [(number, texts[number % TEXTS]) for number in some]
        await database.write(partial(put, drawn=numbered, searched=False))
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
    database = Database(where)
    await open_migrated(database)
    await fill(database, articles, readers, utc_now())
    await database.close()
    send_message("made")
    await next_line()
    async with serving(url, folder, database=where):
        send_message("ready")
        await next_line()
    await open_migrated(database)
    taken = await held(database)
    await database.close()
    send_message({"held_least_ms": min(taken)})


if __name__ == "__main__":
    url, where, folder, articles, readers = sys.argv[1:]
    asyncio.run(run(url, where, folder, int(articles), int(readers)))
