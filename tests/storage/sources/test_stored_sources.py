"""Sources as they are stored, when they published, and the program's notes."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.db.key_value import KeyValue
from storage.model import Check, NewSource, Round, SourceKind, SourceState
from storage.sources.sources import SourceActivity, SourceExists, Sources
from tests.plugins.archive import FIRST, Archive, there

if TYPE_CHECKING:
    from storage.db.database import Database

NEW = NewSource(
    name="Orologi",
    url="https://orologi.example/feed",
    site="https://orologi.example/",
    kind=SourceKind.PAGE,
    language="it",
    weight=70,
    categories=("watches", "style"),
    read_pages=True,
    general=True,
    selectors={"item": "div > a", "title": "h2"},
)
LATER = FIRST + timedelta(hours=3)


async def test_an_added_source_reads_back_unchanged(archive: Archive) -> None:
    source = await archive.sources.add(NEW, FIRST)
    for field in fields(NEW):
        assert getattr(source, field.name) == getattr(NEW, field.name), field.name
    assert source.state is SourceState.ACTIVE
    assert (source.next_check, source.added, source.failures) == (FIRST, FIRST, 0)
    assert await archive.sources.get(source.id) == source


async def test_an_address_is_added_once(archive: Archive) -> None:
    await archive.sources.add(NEW, FIRST)
    with pytest.raises(SourceExists) as caught:
        await archive.sources.add(NewSource("Another name", NEW.url), FIRST)
    assert (caught.value.name, caught.value.url) == ("Orologi", NEW.url)
    assert len(await archive.sources.all()) == 2


async def test_adding_a_list_reports_new_and_existing_sources(archive: Archive) -> None:
    again = NewSource("Daily again", archive.source.url)
    added, known = await archive.sources.add_all([NEW, again, NEW], FIRST)
    assert [source.name for source in added] == ["Orologi"]
    assert [(each.name, each.url) for each in known] == [
        ("Daily", archive.source.url),
        ("Orologi", NEW.url),
    ]
    assert await archive.sources.find("Orologi") == added[0]
    assert await archive.sources.add_all([], FIRST) == ([], [])


async def test_the_default_sources_are_added_once_to_a_database(archive: Archive) -> None:
    defaults = [NEW, NewSource("Daily again", archive.source.url)]
    assert await archive.sources.seed(defaults, FIRST) == 1
    source = there(await archive.sources.find("Orologi"))
    await archive.sources.remove(source.id)
    assert await archive.sources.seed(defaults, LATER) == 0
    assert await archive.sources.find("Orologi") is None


async def test_a_source_is_found_by_number_address_or_name(archive: Archive) -> None:
    source = await archive.sources.add(NEW, FIRST)
    for text in (str(source.id), NEW.url, "Orologi", " oROLOGI "):
        assert await archive.sources.find(text) == source
    for text in ("", "999", "orolog", "https://orologi.example/", "'; --", "\0"):
        assert await archive.sources.find(text) is None


async def test_sources_are_listed_by_name(archive: Archive) -> None:
    await archive.sources.add(NewSource("alpha", "https://a.example/"), FIRST)
    await archive.sources.add(NewSource("Zeta", "https://z.example/"), FIRST)
    assert [source.name for source in await archive.sources.all()] == ["alpha", "Daily", "Zeta"]


async def test_active_sources_are_due_the_longest_overdue_first(archive: Archive) -> None:
    for name, hours in (("second", 1), ("first", 0), ("not yet", 5)):
        await archive.sources.add(
            NewSource(name, f"https://{name[0]}.example/"), FIRST + timedelta(hours=hours)
        )
    await archive.sources.set_state(archive.source.id, SourceState.PAUSED, FIRST)
    assert [source.name for source in await archive.sources.due(LATER)] == ["first", "second"]


async def test_sources_that_stay_due_do_not_hide_others(archive: Archive) -> None:
    many = [NewSource(str(n), f"https://one.example/{n}") for n in range(600)]
    await archive.sources.add_all(many, FIRST - timedelta(hours=1))
    await archive.sources.add(NewSource("another", "https://two.example/"), FIRST)
    assert "another" in [source.name for source in await archive.sources.due(LATER)]


async def test_a_source_that_resumes_is_checked_at_once(archive: Archive) -> None:
    await archive.sources.checked_all(
        [Check(archive.source.id, FIRST, FIRST + timedelta(days=1), 86400, 5, "timed out")]
    )
    await archive.sources.set_state(archive.source.id, SourceState.PAUSED, FIRST)
    assert await archive.sources.due(FIRST + timedelta(days=9)) == []
    await archive.sources.set_state(archive.source.id, SourceState.ACTIVE, LATER)
    (source,) = await archive.sources.due(LATER)
    assert (source.failures, source.last_error) == (0, None)


async def test_a_failed_check_is_recorded(archive: Archive) -> None:
    before = there(await archive.sources.get(archive.source.id))
    await archive.sources.checked_all(
        [Check(before.id, FIRST, LATER, 7200, failures=3, error="the server said 503")]
    )
    source = there(await archive.sources.get(before.id))
    assert (source.failures, source.last_error) == (3, "the server said 503")
    assert (source.interval, source.next_check, source.last_ok) == (7200, LATER, None)


async def test_a_check_without_a_change_counts_as_good_and_keeps_the_validators(
    archive: Archive,
) -> None:
    number = archive.source.id
    await archive.sources.checked_all(
        [Check(number, FIRST, LATER, 60, etag='"1"', last_modified="Mon, 01 Jun 2026 08:00:00 GMT")]
    )
    await archive.sources.checked_all([Check(number, LATER, LATER, 60, 1, "failed")])
    await archive.sources.checked_all([Check(number, LATER, LATER, 60, etag='"2"')])
    source = there(await archive.sources.get(number))
    assert (source.etag, source.last_modified) == ('"2"', "Mon, 01 Jun 2026 08:00:00 GMT")
    assert (source.failures, source.last_error, source.last_ok) == (0, None, LATER)


async def test_a_source_that_answers_gone_retires(archive: Archive) -> None:
    check = Check(archive.source.id, FIRST, FIRST, 60, 1, "gone", state=SourceState.RETIRED)
    await archive.sources.checked_all([check])
    source = there(await archive.sources.get(archive.source.id))
    assert source.state is SourceState.RETIRED
    assert await archive.sources.due(LATER) == []


async def test_a_source_moves_unless_its_new_address_is_taken(archive: Archive) -> None:
    other = await archive.sources.add(NEW, FIRST)
    await archive.articles.store_all([Round(archive.source.id, FIRST, LATER, 60, url=NEW.url)])
    source = there(await archive.sources.get(archive.source.id))
    assert source.url == archive.source.url
    await archive.articles.store_all(
        [Round(archive.source.id, FIRST, LATER, 60, url="https://daily.example/new")]
    )
    assert await archive.sources.find("https://daily.example/new") is not None
    assert await archive.sources.find(NEW.url) == other


async def test_a_removed_source_is_gone_until_it_is_added_again(archive: Archive) -> None:
    await archive.publish("Its article")
    await archive.sources.remove(archive.source.id)
    assert await archive.sources.all() == []
    assert await archive.sources.due(LATER) == []
    assert await archive.sources.get(archive.source.id) is None
    again = await archive.sources.add(NewSource("Daily II", archive.source.url), LATER)
    assert (again.id, again.name, again.last_ok) == (archive.source.id, "Daily II", None)


async def test_a_check_of_an_unknown_source_changes_nothing(archive: Archive) -> None:
    sources: Sources = archive.sources
    await sources.checked_all([Check(999, FIRST, LATER, 60)])
    await sources.set_state(999, SourceState.PAUSED, FIRST)
    await sources.remove(999)
    assert [source.id for source in await sources.all()] == [archive.source.id]


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
