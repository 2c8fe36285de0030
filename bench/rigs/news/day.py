"""A day's news in the archive and readers who follow it, for measuring fan-outs.

It has sixty stories of the last day with real categories, from a dozen sources; two or three
sources report some of them. Readers follow a few sections and houses, so that each gets eight to
twelve stories.
"""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from bench.quality.filing import headlines
from bench.rigs.news.wording import Wording
from storage.model import (
    EVERY_DAY,
    ChatKind,
    DeliveryState,
    Filing,
    Layout,
    NewArticle,
    NewSource,
    Round,
    State,
    Taste,
)
from storage.readers.preferences import to_key, to_spec
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers, tastes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bench.quality.filing import Headline
    from bot.composition import Archive
    from storage.db.database import Database

STORIES = 60
SOURCES = 12
FEWEST, MOST = 8, 20
"""Bounds of how many of the day's stories a reader's choice covers; editions show twelve."""
ZONE = "Europe/Rome"
T = TypeVar("T")

AT_ONCE = 5_000
"""Rows in one insert."""


@cache
def stories() -> tuple[Headline, ...]:
    """Return the day's headlines."""
    english = [row for row in headlines() if row.language == "en" and row.sections]
    step = len(english) // STORIES
    return tuple(english[: STORIES * step : step])


async def fill(archive: Archive, now: datetime) -> None:
    """Store the day in an empty archive, as rounds of its sources."""
    chance = random.Random(1)  # noqa: S311  # the same day in every run
    wording = Wording("en", chance)
    reports: list[list[NewArticle]] = [[] for _ in range(SOURCES)]
    first: dict[int, str] = {}
    for number, story in enumerate(stories()):
        # Two sources report every fourth story, three every eighth.
        reporters = 1 + (number % 4 == 0) + (number % 8 == 0)
        for copy in range(reporters):
            source = (number + 5 * copy) % SOURCES
            article = NewArticle(
                guid=f"{number}",
                link=f"https://paper{source}.example/2026/luxury/{number}-{chance.randrange(10**6)}",
                title=story.title if copy == 0 else f"{story.title}: what we know",
                standfirst=wording.standfirst(),
                body=None,
                image=f"https://img.example/{number}.jpg" if number % 3 else None,
                author=None,
                language="en",
                published=now - timedelta(minutes=20 * number + 3 * copy + 1),
                filings=tuple(
                    Filing(category, "bench")
                    for category in (*sorted(story.sections), *sorted(story.houses))
                ),
            )
            reports[source].append(article)
            first.setdefault(number, article.link)
    known: dict[str, int] = {}
    for number, articles in enumerate(reports):
        source_ = await archive.sources.add(
            NewSource(
                f"Paper {number}", f"https://paper{number}.example/feed", weight=40 + 4 * number
            ),
            now,
        )
        linked = {
            article.link: known[first[int(article.guid)]]
            for article in articles
            if first[int(article.guid)] in known
        }
        stored = (
            await archive.articles.store_all(
                [
                    Round(
                        source_.id,
                        now,
                        now + timedelta(days=1),
                        86_400,
                        articles=tuple(articles),
                        stories=linked,
                    )
                ]
            )
        )[0]
        for kept in await archive.articles.many(stored.new):
            known[kept.link] = kept.story_id


def choices(count: int) -> list[Taste]:
    """Return `count` different tastes, each covering `FEWEST` to `MOST` stories of the day."""
    chance = random.Random(2)  # noqa: S311  # the same readers in every run
    filed = [story.sections | story.houses for story in stories()]
    sections = sorted({slug for story in stories() for slug in story.sections})
    houses = sorted({slug for story in stories() for slug in story.houses})
    found: dict[str, Taste] = {}
    while len(found) < count:
        follows = frozenset(
            chance.sample(sections, chance.randint(2, 6))
            + chance.sample(houses, chance.randint(0, 8))
        )
        muted = chance.sample(("rumour", "lawsuit", "discount"), int(chance.random() < 0.1))
        taste = Taste(follows=follows, muted_words=frozenset(muted))
        if FEWEST <= sum(not follows.isdisjoint(each) for each in filed) <= MOST:
            found[to_spec(taste)] = taste
    return list(found.values())


async def keep_tastes(database: Database, wanted: Sequence[Taste]) -> list[str]:
    """Store tastes.

    Returns:
        Their keys, in the same order.
    """
    specs = [to_spec(taste) for taste in wanted]
    rows = [{"key": to_key(spec), "spec": spec} for spec in specs]
    async with database.writing() as connection:
        for part in _parts(rows):
            await connection.execute(insert(tastes), part)
    return [row["key"] for row in rows]


async def sent_since(database: Database, due: datetime) -> int:
    """Return how many deliveries due at `due` or later were sent."""
    query = select(func.count()).where(
        deliveries.c.due >= due, deliveries.c.state == DeliveryState.SENT.value
    )
    return await database.read(lambda connection: connection.execute(query).scalar() or 0)


async def subscribe(
    database: Database,
    taste_keys: Sequence[str],
    count: int,
    *,
    due: datetime | None,
    now: datetime,
    first_chat: int = 1,
    layout: Layout = Layout.SUMMARIES,
) -> None:
    """Add subscribers who use the tastes in turn, all due at the same moment or never."""
    local = (due or now).astimezone(ZoneInfo(ZONE))
    rows = [
        {
            "chat_id": first_chat + number,
            "thread_id": 0,
            "kind": ChatKind.PRIVATE.value,
            "state": State.ACTIVE.value,
            "language": "en",
            "zone": ZONE,
            "digest_minute": local.hour * 60 + local.minute,
            "days": EVERY_DAY,
            "layout": layout.value,
            "empty_note": False,
            "next_at": due,
            "place": 0,
            "taste_key": taste_keys[number % len(taste_keys)],
            "created": now,
        }
        for number in range(count)
    ]
    async with database.writing() as connection:
        for part in _parts(rows):
            await connection.execute(insert(subscribers), part)


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
