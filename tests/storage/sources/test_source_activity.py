"""When sources published, and the program's notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.db.key_value import KeyValue
from storage.model import NewSource
from storage.sources.sources import SourceActivity
from tests.plugins.archive import FIRST

if TYPE_CHECKING:
    from storage.db.database import Database
    from tests.plugins.archive import Archive

HOUR = 60
DAY = 24 * HOUR


async def test_the_first_and_last_news_of_each_day_are_returned(archive: Archive) -> None:
    minutes = (0, HOUR, 3 * HOUR, DAY, 3 * DAY, 3 * DAY + 5)
    later = FIRST + timedelta(days=4)
    await archive.store(*(archive.article(f"A {m}", minutes=m) for m in minutes), now=later)
    other = await archive.sources.add(NewSource("Other", "https://other.example/feed"), FIRST)
    await archive.store(archive.article("B", minutes=9), source=other, now=later)
    times = await SourceActivity(archive.db).times(FIRST)
    activity = {
        number: [round((time - FIRST).total_seconds() / 60) for time in found]
        for number, found in times.items()
    }
    assert activity == {
        archive.source.id: [0, 3 * HOUR, DAY, 3 * DAY, 3 * DAY + 5],
        other.id: [9],
    }
    since = await SourceActivity(archive.db).times(FIRST + timedelta(days=2))
    assert [len(found) for found in since.values()] == [2]
    assert await SourceActivity(archive.db).times(later) == {}


async def test_news_from_the_future_counts_for_when_it_came(archive: Archive) -> None:
    await archive.store(archive.article("Tomorrow's", minutes=5 * DAY), now=FIRST)
    assert await SourceActivity(archive.db).times(FIRST) == {archive.source.id: (FIRST,)}


async def test_the_shares_of_a_category_are_counted_by_source(archive: Archive) -> None:
    other = await archive.sources.add(NewSource("Other", "https://other.example/feed"), FIRST)
    await archive.store(
        archive.article("One", categories=("motor", "china")),
        archive.article("Two", categories=("motor",)),
        archive.article("Old", categories=("motor",), minutes=-1),
        archive.article("Unfiled"),
    )
    new = replace(archive.article("Three", categories=("motor",)), link="https://other.example/3")
    await archive.store(new, source=other)
    assert await SourceActivity(archive.db).shares(FIRST) == {
        "motor": {archive.source.id: 2, other.id: 1},
        "china": {archive.source.id: 1},
    }


async def test_a_key_keeps_its_value_until_the_next(db: Database) -> None:
    notes = KeyValue(db)
    assert await notes.get("a") is None
    await notes.put("a", "one")
    await notes.put("b", "other")
    await notes.put("a", "two")
    assert (await notes.get("a"), await notes.get("b")) == ("two", "other")
