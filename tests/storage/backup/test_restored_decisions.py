"""What editors withdrew, hid or showed again outlives the restore of a backup."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.articles.link_decisions import LinkDecision, every, note
from storage.backup.decision_list import NAME, DecisionList, read
from storage.backup.read import restore
from storage.backup.write import back_up
from storage.desk.amendments import Amendments
from storage.desk.corrections import Corrections
from storage.desk.journal import Journal
from storage.desk.undoing import UNDOES
from storage.model import ArticleState, Grade, Round, Taste
from storage.model.desk_model import UndoOutcome
from storage.retention import Keep, Retention
from tests.plugins.archive import FIRST, Archive, there
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from storage.db.database import Database
    from storage.model import Article

NOW = FIRST + timedelta(days=3)
EDITOR = 77
REASON = "The yacht was never built."
LINK = "https://www.daily.example/yacht?page=1"
HIDDEN, WITHDRAWN = ArticleState.HIDDEN, ArticleState.WITHDRAWN


class Desk:
    """An archive, its desk, and its list beside the backups."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.amendments = Amendments(archive.db)
        self.journal = Journal(archive.db, UNDOES)
        self.list = DecisionList(archive.db, folder)
        self.folder = folder

    async def withdraw(self, number: int) -> int:
        by = {"person_id": EDITOR, "now": NOW}
        return (await self.amendments.withdraw(number, REASON, **by)).act  # type: ignore[arg-type]

    async def hide(self, number: int) -> int:
        return (await self.amendments.hide(number, person_id=EDITOR, now=NOW)).act

    async def undo(self, act: int) -> None:
        done = await self.journal.undo(act, person_id=EDITOR, now=NOW)
        assert done is UndoOutcome.UNDONE

    async def back_up(self) -> Path:
        path = self.folder / "the.backup"
        await back_up(self.archive.db, path, NOW)
        return path

    async def restored(self, path: Path, to: Database) -> Archive:
        """Restore a backup with the list as it is now."""
        await self.list.keep_up()
        listed = read(self.list.path)
        assert listed.damaged == 0
        await restore(to, path, None, lambda _: lambda _: listed.decisions.values())
        return replace(self.archive, db=to, articles=type(self.archive.articles)(to))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The archive that is backed up."""
    folder = tmp_path / "old"
    folder.mkdir()
    database = await migrated(f"sqlite:///{folder}/onnews.db")
    archive = await Archive.on(database)
    await archive.store(
        archive.article("Yacht", link=LINK, categories=("motor",)),
        *(archive.article(each, minutes=1, categories=("motor",)) for each in ("Watch", "Car")),
    )
    yield Desk(archive, folder)
    await database.close()


async def of(archive: Archive, link: str = LINK) -> Article:
    (known,) = await archive.articles.known(0, (), [link])
    return there(await archive.articles.get(known.article_id))


async def shown(archive: Archive) -> set[str]:
    """Return the titles of what lists and searches show."""
    listed = await archive.articles.latest(Taste(frozenset({"motor"})), limit=9)
    found = [
        title for each in ("yacht", "watch", "car") for title in await archive.titles_for(each)
    ]
    assert {each.title for each in listed} == set(found)
    return set(found)


async def test_what_editors_decided_after_a_backup_holds_after_its_restore(
    desk: Desk, db: Database
) -> None:
    again = await desk.withdraw(3)
    path = await desk.back_up()
    await desk.withdraw(1)
    await desk.undo(await desk.hide(2))
    await desk.undo(again)
    await desk.hide(2)
    now = await desk.restored(path, db)
    assert await shown(now) == {"Car"}
    articles = await now.articles.many([1, 2, 3])
    assert [each.state for each in articles] == [WITHDRAWN, HIDDEN, None]
    assert await Amendments(db).reason(1) == REASON
    listed = await Corrections(db).listed(limit=9)
    assert [(each.article_id, each.grade, each.reason) for each in listed] == [
        (1, Grade.WITHDRAWN, REASON)
    ]


async def test_what_a_younger_backup_says_counts_before_an_older_line(
    desk: Desk, db: Database
) -> None:
    act = await desk.withdraw(1)
    await desk.list.keep_up()
    old = desk.list.path.read_bytes()
    await desk.undo(act)
    path = await desk.back_up()
    await desk.list.keep_up()
    desk.list.path.write_bytes(old)
    assert read(desk.list.path).decisions[LINK].state == WITHDRAWN
    await restore(db, path, None, lambda _: lambda _: read(desk.list.path).decisions.values())
    assert await shown(replace(desk.archive, db=db, articles=type(desk.archive.articles)(db))) == {
        *("Yacht", "Watch", "Car")
    }


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize(
    "link", [LINK, "http://daily.example/yacht?page=1", "https://daily.example/yacht/?page=1"]
)
async def test_what_was_withdrawn_comes_back_by_no_feed_and_no_import(
    desk: Desk, db: Database, link: str, *, imported: bool
) -> None:
    path = await desk.back_up()
    late = desk.archive.article("Late yacht", link=LINK.replace("yacht", "late"))
    await desk.archive.store(late)
    await desk.withdraw(4)
    now = await desk.restored(path, db)
    link = link.replace("yacht", "late")
    entry = now.article("Late yacht", minutes=9, link=link, categories=("motor",))
    other = now.article("Other yacht", minutes=9, link=f"{link}0", categories=("motor",))
    articles = (entry, other)
    round_ = Round(now.source.id, NOW, NOW, 3600, articles, backlog=imported, imported=imported)
    await now.articles.store_all([round_])
    assert (await of(now, link)).state == WITHDRAWN
    assert await Amendments(db).reason(4) == REASON
    assert await shown(now) == {"Yacht", "Watch", "Car", "Other yacht"}


async def test_what_was_withdrawn_stays_so_after_its_article_was_deleted_for_its_age(
    archive: Archive,
) -> None:
    db = archive.db
    article = archive.article("Yacht", link=LINK, categories=("motor",))
    await archive.store(article, archive.article("Car", minutes=1))
    await Amendments(db).withdraw(1, REASON, person_id=EDITOR, now=NOW)
    await Retention(db, Keep(0, 0, 1, 0)).prune(NOW)
    assert await archive.articles.get(1) is None
    await archive.store(article)
    assert (await of(archive)).state == WITHDRAWN
    assert await archive.titles_for("yacht") == []


async def test_a_decision_follows_an_article_to_its_new_link(archive: Archive) -> None:
    moved = LINK.replace("yacht", "new-yacht")
    await archive.store(archive.article("Yacht", link=LINK, guid="1"))
    act = (await Amendments(archive.db).hide(1, person_id=EDITOR, now=NOW)).act
    await archive.store(archive.article("Yacht", link=moved, guid="1"))
    decisions = {each.link: each.state for each in await archive.db.read(every)}
    assert decisions == {LINK: HIDDEN, moved: HIDDEN}
    await Journal(archive.db, UNDOES).undo(act, person_id=EDITOR, now=NOW)
    await archive.store(archive.article("Yacht", link=LINK, guid="1"))
    assert (await of(archive)).state is None


async def test_an_article_that_moves_to_a_withdrawn_link_is_withdrawn(archive: Archive) -> None:
    decision = LinkDecision(LINK, NOW, WITHDRAWN.value, REASON)
    await archive.db.write(lambda connection: note(connection, decision))
    old = archive.article("Yacht", link=f"{LINK}0", guid="1", categories=("motor",))
    await archive.store(old)
    assert await archive.titles_for("yacht") == ["Yacht"]
    await archive.store(replace(old, link=LINK))
    assert (await of(archive)).state == WITHDRAWN
    assert await archive.titles_for("yacht") == []


async def test_undoing_an_older_act_does_not_bring_back_what_was_withdrawn_after_the_backup(
    desk: Desk, db: Database
) -> None:
    by = {"person_id": EDITOR, "now": NOW}
    older = await desk.amendments.refile(1, ["style"], **by)  # type: ignore[arg-type]
    path = await desk.back_up()
    await desk.withdraw(1)
    await desk.restored(path, db)
    done = await Journal(db, UNDOES).undo(older.act, person_id=EDITOR, now=NOW)
    assert done is UndoOutcome.CHANGED_SINCE


async def test_the_last_word_counts_also_by_a_clock_that_is_behind(archive: Archive) -> None:
    await archive.publish("Yacht")
    ahead = NOW + timedelta(hours=1)
    act = (await Amendments(archive.db).hide(1, person_id=EDITOR, now=ahead)).act
    await Journal(archive.db, UNDOES).undo(act, person_id=EDITOR, now=NOW)
    (last,) = await archive.db.read(every)
    assert last.state is None
    assert last.at > ahead


async def test_a_list_mends_what_is_damaged_and_may_be_joined(desk: Desk) -> None:
    path = desk.list.path
    await desk.list.keep_up()
    assert read(path) == ({}, 0)
    await desk.withdraw(1)
    await desk.hide(2)
    await desk.list.keep_up()
    whole = path.read_bytes()
    # A full disk cut off the last line, which is written again.
    path.write_bytes(whole[:-20])
    assert (read(path).damaged, len(read(path).decisions)) == (1, 1)
    await desk.list.keep_up()
    assert read(path).damaged == 0
    both = {each.link: each for each in await desk.archive.db.read(every)}
    assert read(path).decisions == both
    await desk.list.keep_up()
    size = path.stat().st_size
    await DecisionList(desk.archive.db, desk.folder).keep_up()
    assert path.stat().st_size == size, "nothing is written twice"
    path.write_bytes(whole + whole)
    assert read(path) == (both, 0)
    for damaged in (
        whole.replace(b"yacht", b"yach"),
        whole.replace(b"withdrawn", b"shown", 1),
        whole[:60] + whole[-60:],
        b"\xff\x00 {}\n" + whole,
        b"",
    ):
        path.write_bytes(damaged)
        assert read(path).damaged, damaged
        await desk.list.keep_up()
        assert read(path) == (both, 0)
    path.unlink()
    await desk.list.keep_up()
    assert read(path).decisions == both
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in desk.folder.glob("*.txt")] == [NAME]


async def test_a_folder_that_cannot_be_written_is_named_once(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in the way").write_text("")
    broken = DecisionList(desk.archive.db, tmp_path / "in the way")
    await broken.keep_up()
    await broken.keep_up()
    assert caplog.text.count(f"{NAME} cannot be written") == 1
