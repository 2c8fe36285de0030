"""New articles of a source that needs approval wait until an editor decides."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from news.approval import Approval
from storage.desk.amended_rows import ChangedMeanwhileError
from storage.desk.journal import UNDO_FOR, Journal
from storage.desk.undoing import UNDOES
from storage.desk.waiting import KEPT, Notice, Notices, WaitingArticles, waits_as
from storage.model.desk_model import UndoOutcome
from tests.news.conftest import NOW, Desk, item, rss

if TYPE_CHECKING:
    from storage.db.database import Database
    from storage.model import Source

EVA, OTHER = 1, 2
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def parts(desk: Desk, db: Database) -> tuple[WaitingArticles, Approval]:
    waiting = WaitingArticles(db)
    approval = Approval(desk.articles, desk.sources, waiting, desk.room.results, lambda: desk.now)
    return waiting, approval


async def approving(
    desk: Desk, db: Database, feed: str
) -> tuple[WaitingArticles, Approval, Source]:
    """Let the articles of a new source wait; return them, their approval and the source."""
    source = await desk.add(desk.site.serve("/feed", feed), approval=True)
    await desk.refresh(source)
    return *parts(desk, db), source


async def anybody(person_id: int | None) -> bool:
    """Let everybody publish who was not forgotten."""
    return person_id is not None


async def titles(waiting: WaitingArticles) -> list[str]:
    return [each.article.title for each in await waiting.listed(limit=50)]


async def test_new_articles_of_a_source_wait_and_known_ones_are_updated(
    desk: Desk, db: Database
) -> None:
    waiting, _ = parts(desk, db)
    source = await desk.add(desk.site.serve("/feed", rss(item(1))))
    await desk.refresh(source)
    await desk.sources.set_use(source.id, approval=True)
    desk.announced.clear()
    reworded = item(1, "Gucci shows its collection number one, corrected")
    report = await desk.again(source, rss(item(2), reworded))
    assert (report.new, len(report.updated), report.waiting) == ((), 1, 1)
    assert await desk.titles() == ["Gucci shows its collection number one, corrected"]
    assert await desk.articles.search("collection number 2", limit=9) == []
    assert desk.announced == []
    assert await titles(waiting) == ["Gucci shows collection number 2"]
    # The source does not count as silent.
    assert (await desk.known(source)).last_new == desk.now
    # The same article again, with a new headline, waits once.
    assert (
        await desk.again(source, rss(item(2, "Gucci shows its second collection"), reworded))
    ).waiting == 0
    assert await titles(waiting) == ["Gucci shows its second collection"]


async def test_an_approved_article_is_news_of_its_moment(desk: Desk, db: Database) -> None:
    waiting, approval, source = await approving(desk, db, rss(item(1)))
    checked = await desk.sources.get(source.id)
    desk.announced.clear()
    (one,) = await waiting.listed(limit=9)
    desk.now += 30 * HOUR
    assert await approval.publish(one.id, by=EVA)
    (article,) = await desk.articles.many(desk.announced)
    assert article.title == "Gucci shows collection number 1"
    assert article.published == desk.now, "older news is in no edition"
    assert not article.is_withdrawn
    assert not article.backlog
    assert "gucci" in article.categories
    assert await desk.sources.get(source.id) == checked, "publishing is no check of the source"
    assert not await approval.publish(one.id, by=OTHER)
    assert len(await desk.titles()) == 1
    assert await waiting.count() == 0


async def test_of_two_editors_at_once_one_publishes(desk: Desk, db: Database) -> None:
    waiting, approval, _ = await approving(desk, db, rss(item(1), item(2)))
    one, two = await waiting.listed(limit=9)
    done = await asyncio.gather(
        *(approval.publish(one.id, by=by) for by in (EVA, OTHER)),
        *(waiting.discard(two.id, by=by, now=desk.now) for by in (EVA, OTHER)),
    )
    assert sorted(map(bool, done[:2])) == [False, True]
    assert sorted(map(bool, done[2:])) == [False, True]
    assert len(await desk.titles()) == 1
    assert len(await Journal(db, UNDOES).recent(limit=9)) == 2


async def test_publish_all_leaves_what_the_editor_has_not_seen(desk: Desk, db: Database) -> None:
    waiting, approval, source = await approving(desk, db, rss(*(item(n) for n in range(1, 8))))
    newest = await waiting.newest()
    await desk.again(source, rss(*(item(n) for n in range(1, 9))))
    assert await approval.publish_all(newest, by=EVA) == 7
    assert await titles(waiting) == ["Gucci shows collection number 8"]
    every = await desk.articles.many(range(1, 9))
    assert len(every) == 7
    assert not any(each.backlog for each in every), "an editor chose them"


async def test_a_publication_that_broke_off_is_finished_once(desk: Desk, db: Database) -> None:
    waiting, approval, _ = await approving(desk, db, rss(item(1)))
    (one,) = await waiting.listed(limit=9)
    await waiting.claim(one.id, by=EVA, now=desk.now)
    await approval.look(desk.now, anybody)
    assert await desk.titles() == []
    desk.now += timedelta(minutes=2)
    await approval.look(desk.now, anybody)
    await approval.look(desk.now, anybody)
    assert await desk.titles() == ["Gucci shows collection number 1"]
    (act,) = await Journal(db, UNDOES).recent(limit=9)
    assert (act.kind, act.person_id) == ("approve", EVA)


async def test_a_publication_that_broke_off_waits_again_if_its_editor_may_not_publish_any_more(
    desk: Desk, db: Database
) -> None:
    waiting, approval, _ = await approving(desk, db, rss(item(1)))
    (one,) = await waiting.listed(limit=9)
    notices = Notices(db)
    await notices.put(OTHER, Notice(desk.now, one.id))
    await waiting.claim(one.id, by=EVA, now=desk.now)
    desk.now += timedelta(minutes=2)

    async def others(person_id: int | None) -> bool:
        return person_id != EVA

    await approval.look(desk.now, others)
    await approval.look(desk.now, others)
    assert await desk.titles() == []
    assert [each.id for each in await waiting.listed(limit=9)] == [one.id]
    # Editors hear of it once more.
    assert (await notices.all())[OTHER].newest < one.id
    assert await approval.publish(one.id, by=OTHER)


async def test_an_article_that_its_source_changed_is_not_published_as_an_editor_saw_it(
    desk: Desk, db: Database
) -> None:
    waiting, approval, source = await approving(desk, db, rss(item(1), item(2)))
    newest, first = await waiting.listed(limit=9)
    shown, listed = waits_as(newest), await waiting.list_as(newest.id, limit=9)
    await desk.again(source, rss(item(1), item(2, "Gucci shows its second collection")))
    with pytest.raises(ChangedMeanwhileError):
        await approval.publish(newest.id, by=EVA, seen=shown)
    with pytest.raises(ChangedMeanwhileError):
        await approval.publish_all(newest.id, by=EVA, seen=listed)
    assert await desk.titles() == []
    assert await approval.publish(first.id, by=EVA, seen=waits_as(first))
    listed = await waiting.list_as(newest.id, limit=9)
    assert await approval.publish_all(newest.id, by=EVA, seen=listed) == 1


async def test_what_no_editor_looks_at_for_two_days_goes_and_does_not_return(
    desk: Desk, db: Database
) -> None:
    waiting, approval, source = await approving(desk, db, rss(item(1), item(2)))
    seen, _ = await waiting.listed(limit=9)
    desk.now += DAY
    await waiting.looked_at([seen.id], desk.now)
    await approval.look(NOW + KEPT - HOUR, anybody)
    assert await waiting.count() == 2
    await approval.look(NOW + KEPT, anybody)
    assert [each.id for each in await waiting.listed(limit=9)] == [seen.id]
    assert (await desk.again(source)).waiting == 0
    assert await desk.titles() == []


async def test_decisions_can_be_undone_for_an_hour(desk: Desk, db: Database) -> None:
    journal = Journal(db, UNDOES)
    waiting, approval, _ = await approving(desk, db, rss(item(1)))
    (one,) = await waiting.listed(limit=9)
    number = await waiting.discard(one.id, by=EVA, now=desk.now)
    assert number is not None
    assert await journal.undo(number, person_id=OTHER, now=desk.now) is UndoOutcome.UNDONE
    assert await approval.publish(one.id, by=OTHER)
    (act, *_) = await journal.recent(limit=1)
    assert act.article_id is not None
    assert await journal.undo(act.number, person_id=EVA, now=desk.now) is UndoOutcome.UNDONE
    (article,) = await desk.articles.many([act.article_id])
    assert article.is_withdrawn
    assert await approval.publish(one.id, by=EVA)
    (article,) = await desk.articles.many([act.article_id])
    assert not article.is_withdrawn
    assert not article.backlog
    (act, *_) = await journal.recent(limit=1)
    late = desk.now + UNDO_FOR
    assert await journal.undo(act.number, person_id=EVA, now=late) is UndoOutcome.TOO_LATE
    await approval.look(late, anybody)
    assert await waiting.get(one.id) is None


async def test_articles_of_a_removed_source_are_not_published(desk: Desk, db: Database) -> None:
    waiting, approval, source = await approving(desk, db, rss(item(1)))
    (one,) = await waiting.listed(limit=9)
    await desk.sources.remove(source.id)
    await approval.publish(one.id, by=EVA)
    assert await desk.titles() == []
    assert await waiting.count() == 0
