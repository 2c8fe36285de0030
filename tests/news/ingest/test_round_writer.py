"""Rounds that are ready together are stored together, and a failing one harms no other. A source
that changes all its ids or addresses at once sends nothing again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from news.entry import Entry
from news.ingest import round_writer
from news.ingest.decide import decide
from news.ingest.round_writer import Batcher
from news.ingest.rounds import Outcome, RoundReport
from news.stories.duplicates import Stories
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError
from storage.model import Known, Taste
from tests.news.conftest import NOW, Desk, rss


class Groups(list[list[int]]):
    """The batches that were done."""

    async def add(self, things: list[int]) -> None:
        self.append(things)


async def test_items_ready_during_a_batch_form_the_next_batch() -> None:
    groups: list[list[int]] = []
    free = asyncio.Event()

    async def do(things: list[int]) -> None:
        groups.append(things)
        await free.wait()

    gathered = Batcher(do, most=3)
    first = asyncio.create_task(gathered.done(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(gathered.done(number)) for number in range(1, 6)]
    free.set()
    await asyncio.gather(first, *others)
    assert groups == [[0], [1, 2, 3], [4, 5]]


async def test_a_failing_item_does_not_fail_its_batch() -> None:
    done: list[int] = []

    async def do(things: list[int]) -> None:
        if 2 in things:
            raise ValueError("two")
        done.extend(things)

    gathered = Batcher(do)
    results = await asyncio.gather(
        *(gathered.done(number) for number in range(4)), return_exceptions=True
    )
    assert sorted(done) == [0, 1, 3]
    assert [str(result) for result in results if result is not None] == ["two"]


async def test_a_cancelled_waiter_gets_no_result() -> None:
    """asyncio logs an exception that nobody awaits, with a traceback."""
    begun, free = asyncio.Event(), asyncio.Event()

    async def do(_: list[int]) -> None:
        begun.set()
        await free.wait()
        raise OSError("no disk")

    gathered = Batcher(do)
    first = asyncio.create_task(gathered.done(0))
    await begun.wait()
    others = [asyncio.create_task(gathered.done(number)) for number in range(1, 5)]
    await asyncio.sleep(0)
    ends = [future for _, future in gathered._waiting]
    others[0].cancel()
    await asyncio.sleep(0)
    others[1].cancel()
    free.set()
    await asyncio.gather(first, *others, return_exceptions=True)
    assert [end.cancelled() for end in ends] == [True, True, False, False]


async def test_a_batch_waits_briefly_for_half_of_the_expected_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(round_writer, "LINGER", 60.0)
    groups, coming = Groups(), 5
    gathered = Batcher(groups.add, coming=lambda: coming)
    first = asyncio.create_task(gathered.done(0))
    await turns()
    second = asyncio.create_task(gathered.done(1))
    await turns()
    assert groups == []

    # One was cancelled, so nobody waits for it.
    coming = 4
    gathered.look()
    await asyncio.gather(first, second)
    assert groups == [[0, 1]]


async def test_a_full_batch_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_writer, "LINGER", 60.0)
    groups = Groups()
    gathered = Batcher(groups.add, most=2, coming=lambda: 1 if groups else 9)
    await asyncio.gather(*(gathered.done(number) for number in range(3)))
    assert groups == [[0, 1], [2]]


async def test_a_batch_waits_only_briefly_for_missing_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(round_writer, "LINGER", 0.0)
    groups = Groups()
    await Batcher(groups.add, coming=lambda: 9).done(0)
    assert groups == [[0]]


async def test_an_outage_fails_the_batch_without_single_retries() -> None:
    tries = 0

    async def do(_: list[int]) -> None:
        nonlocal tries
        tries += 1
        raise DatabaseUnavailableError(DatabaseFailure("it is away", "Wait."))

    gathered = Batcher(do)
    outcomes = await asyncio.gather(*map(gathered.done, range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailableError] * 3
    assert tries == 1


async def turns() -> None:
    """Let the event loop run everything that is ready."""
    for _ in range(10):
        await asyncio.sleep(0)


COUNT = 12


def piece(
    number: int,
    *,
    guid: str = "id-{}",
    link: str = "https://one.example/watches/{}",
    title: str = "Maison {} shows its new watch",
    published: datetime | None = None,
) -> str:
    """Return one of the articles of the last five weeks."""
    when = published or NOW - timedelta(days=3 * number, hours=1)
    return (
        f"<title>{title.format(number)}</title><link>{link.format(number)}</link>"
        f"<guid isPermaLink='false'>{guid.format(number)}</guid>"
        f"<pubDate>{when:%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
    )


async def changed(desk: Desk, **change: object) -> RoundReport:
    """Return the round after the change, ten days after the articles were first seen."""
    plain = rss(*(piece(number) for number in range(COUNT)))
    source = await desk.add(desk.site.serve("/feed", plain))
    await desk.refresh(source)
    await desk.again(source, days=10)
    desk.announced.clear()
    after = rss(*(piece(number, **change) for number in range(COUNT)))  # type: ignore[arg-type]
    report = await desk.again(source, after)
    assert report.outcome is Outcome.STORED
    assert not desk.announced
    return report


@pytest.mark.parametrize(
    "change",
    [
        {"guid": "other-{}"},
        {"link": "https://one.example/watches/{}?utm_campaign=new&fbclid=2"},
        {"guid": "other-{}", "link": "https://one.example/watches/{}?utm_source=x"},
        {"link": "http://one.example/watches/{}"},
        {"guid": "other-{}", "link": "http://one.example/watches/{}"},
        {"guid": "other-{}", "link": "https://www.one.example/watches/{}"},
        {"guid": "other-{}", "link": "https://new.example/2026/piece-{}"},
        {"guid": "other-{}", "link": "https://new.example/{}", "published": NOW},
        {"guid": "other-{}", "published": NOW},
    ],
)
async def test_a_mass_change_brings_nothing_new(desk: Desk, change: dict[str, object]) -> None:
    report = await changed(desk, **change)
    assert report.new == ()
    assert report.updated == ()
    assert report.refused == ()
    found = await desk.articles.latest(Taste(), limit=50)
    assert len(found) == COUNT


async def test_articles_that_moved_are_found_at_their_new_addresses(desk: Desk) -> None:
    await changed(desk, guid="other-{}", link="https://new.example/{}")
    found = await desk.articles.latest(Taste(), limit=50)
    assert {one.link for one in found} == {f"https://new.example/{n}" for n in range(COUNT)}
    dates = {one.title: one.published for one in found}
    assert dates["Maison 4 shows its new watch"] == NOW - timedelta(days=12, hours=1)


async def test_if_titles_change_too_old_articles_are_a_backlog(desk: Desk) -> None:
    report = await changed(
        desk, guid="other-{}", link="https://new.example/{}", title="Our archive, piece {}"
    )
    assert len(report.new) == COUNT
    assert report.backlog


async def test_new_articles_beside_a_mass_change_are_news(desk: Desk) -> None:
    source = await desk.add(desk.site.serve("/feed", rss(*(piece(n) for n in range(COUNT)))))
    await desk.refresh(source)
    moved = [piece(n, guid="other-{}", link="https://new.example/{}") for n in range(COUNT)]
    fresh = piece(99, link="https://new.example/{}", published=NOW)
    report = await desk.again(source, rss(fresh, *moved))
    (article,) = await desk.articles.many(report.new)
    assert article.title == "Maison 99 shows its new watch"
    assert not article.backlog


async def test_a_feed_that_has_turned_over_brings_news(desk: Desk) -> None:
    source = await desk.add(desk.site.serve("/feed", rss(*(piece(n) for n in range(6)))))
    await desk.refresh(source)
    later = [
        piece(n, published=NOW + timedelta(hours=n % 6), title="Another piece, number {}")
        for n in range(20, 26)
    ]
    report = await desk.again(source, rss(*later), hours=12)
    assert len(report.new) == 6
    assert not report.backlog


def held(number: int, **change: object) -> Known:
    plain = Known(
        number,
        f"id-{number}",
        f"https://one.example/{number}",
        f"Maison {number} shows its new watch",
        f"What number {number} says of it.",
        NOW - timedelta(days=number),
    )
    return replace(plain, **change)  # type: ignore[arg-type]


def moved(number: int, **change: object) -> Entry:
    was = held(number)
    plain = Entry(f"other-{number}", f"https://new.example/{number}", was.title, was.standfirst)
    return plain._replace(published=NOW, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entries", "new"),
    [
        ([moved(1), moved(2)], 0),
        ([moved(1), moved(2), moved(3), moved(4)], 0),
        # A single article, a new one beside it, another text, or no text is no mass change.
        ([moved(1)], 1),
        ([moved(1), moved(2), moved(9, title="Other")], 3),
        ([moved(1), moved(2, standfirst="Today's five openings.")], 2),
        ([moved(1), moved(2, standfirst="")], 2),
        ([moved(1), moved(1, link="https://new.example/1b")], 2),
    ],
)
async def test_a_short_document_that_changes_addresses_ids_and_dates_brings_nothing_new(
    desk: Desk, entries: list[Entry], new: int
) -> None:
    source = await desk.add("https://one.example/feed")
    decision = decide(
        source, entries, [], Stories(), houses=(), now=NOW, titled=[held(n) for n in range(1, 5)]
    )
    assert len(decision.fingerprints) == new
    assert {one.guid.startswith("id-") for one in decision.articles} == {not new}


async def test_a_column_with_one_title_is_news_every_time(desk: Desk) -> None:
    def column(day: int) -> str:
        return piece(
            day,
            guid="column-{}",
            link="https://one.example/column/{}",
            title="The five best openings of the day",
            published=NOW + timedelta(days=day),
        )

    source = await desk.add(desk.site.serve("/feed", rss(column(0))))
    await desk.refresh(source)
    for day in range(1, 8):
        report = await desk.again(
            source, rss(*(column(each) for each in range(day, -1, -1))), days=1
        )
        assert len(report.new) == 1
        assert report.refused == ()


async def test_a_short_rewritten_feed_brings_nothing_new(desk: Desk) -> None:
    def written(path: str, age: timedelta) -> str:
        return rss(
            *(
                piece(
                    number,
                    guid=f"{path}-{{}}",
                    link=f"https://one.example/{path}/{{}}",
                    published=NOW - age - timedelta(hours=number),
                )
                + f"<description>The house explains its watch number {number}.</description>"
                for number in range(3)
            )
        )

    source = await desk.add(desk.site.serve("/feed", written("old", timedelta(days=1))))
    await desk.refresh(source)
    report = await desk.again(source, written("new", timedelta(hours=2)))
    assert report.outcome is Outcome.STORED
    assert report.new == ()
