"""`./dev bench words`: how fast the followed words of an article are found.

A hundred thousand distinct words and phrases are made from the words of the labelled headlines, in
a dozen languages, so that many begin like something in a headline. Readers follow them in an
archive, which is read as at a start. Then they are searched for in articles: each is a headline,
with the next two headlines as its standfirst.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness.report import Metric
from bench.quality.filing import headlines
from storage.db.bulk import insert_all
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind
from storage.readers.subscribers import Subscribers
from storage.tables.reader_schema import word_follows
from storage.words.followed_words import FollowedWords
from storage.words.search_words import between, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bench.quality.filing import Headline
    from storage.words.followed_words import WordIndex

WORDS = 100_000
ROUNDS = 20
"""Searches of each headline."""
PIECES = 8
"""One phrase in eight is a piece of a headline; with one in two, an article would have sixty."""
LENGTHS = (1, 2, 2, 2, 3, 4)
"""Numbers of tokens from which a phrase's length is drawn; repeated ones are likelier."""

FIGURES = {
    "words": Metric("distinct words and phrases searched for"),
    "ms_per_article": Metric("cutting and folding an article, and finding them", "ms", at_most=0.2),
    "found_per_article": Metric("words found in an article"),
    "load_s": Metric("reading them from the archive at a start", "s"),
    "longest_stall_ms": Metric("longest stall of the loop meanwhile", "ms", at_most=50),
}


def phrases(rows: Sequence[Headline], count: int) -> list[str]:
    """Return distinct folded phrases of one to four words of the headlines.

    Some are pieces of a headline; in the others the words are combined at random.
    """
    chance = random.Random(1)  # noqa: S311 — the same phrases each time
    cut = [words for row in rows if (words := tokens(row.title))]
    known = [word for words in cut for word in words]
    made: dict[str, None] = {}
    while len(made) < count:
        length = chance.choice(LENGTHS)
        if len(made) % PIECES == 0:
            words = chance.choice(cut)
            start = chance.randrange(len(words))
            piece = words[start : start + length]
            # Add the piece itself, and the piece with a random word after it.
            made[" ".join(piece)] = None
            made[" ".join((*piece, chance.choice(known)))] = None
        else:
            made[" ".join(chance.choices(known, k=length))] = None
    return list(made)[:count]


async def measure(*, quick: bool = False) -> dict[str, float]:
    """Follow words, read them, and find them in articles."""
    rows = headlines()
    words = phrases(rows, WORDS // 10 if quick else WORDS)
    load_s, stall, index = await _read(words)
    if len(index) != len(words):
        raise AssertionError(f"{len(index)} words were read, but {len(words)} are followed")
    titles = [row.title for row in rows]
    after = pairwise(titles[1:])
    texts = [(title, f"{one}. {two}.") for title, (one, two) in zip(titles, after, strict=False)]
    texts *= 2 if quick else ROUNDS
    found = 0
    begun = time.process_time()
    for title, standfirst in texts:
        found += len(index.find(between(tokens(title), tokens(standfirst))))
    whole = time.process_time() - begun
    return {
        "words": len(index),
        "ms_per_article": whole / len(texts) * 1000,
        "found_per_article": found / len(texts),
        "load_s": load_s,
        "longest_stall_ms": stall * 1000,
    }


async def _read(words: Sequence[str]) -> tuple[float, float, WordIndex]:
    """Let a reader follow the words, and read them; return seconds, longest stall and index."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'words.db'}")
        await open_migrated(db)
        await _follow(db, words)
        stalls = [0.0]
        watch = asyncio.create_task(_watched(stalls))
        begun = time.perf_counter()
        index = await FollowedWords(db).index()
        seconds = time.perf_counter() - begun
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await db.close()
    return seconds, max(stalls), index


async def _follow(db: Database, words: Sequence[str]) -> None:
    """Store the words as one reader's; reading them costs the same as for many readers."""
    readers = Subscribers(db)
    one, _ = await readers.ensure(
        1,
        kind=ChatKind.PRIVATE,
        language="en",
        zone="UTC",
        digest_minute=480,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    rows = [(one.id, word, word, number % 2 == 0, number + 1) for number, word in enumerate(words)]
    columns = ("subscriber_id", "word", "spelling", "alerts", "number")

    def write(connection: Connection) -> None:
        insert_all(connection, word_follows, columns, rows)

    await db.write(write)


async def _watched(stalls: list[float]) -> None:
    """Note by how many seconds each turn of the loop came too late."""
    pause = 0.001
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(pause)
        stalls.append(time.perf_counter() - begun - pause)
