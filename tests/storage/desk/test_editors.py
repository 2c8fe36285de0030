"""Editors, the journal of what was done, and undoing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.desk.editors import Editors
from storage.desk.journal import UNDO_FOR, Journal
from storage.desk.undoing import UNDOES
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, Rights, UndoOutcome
from storage.readers.privacy.export import Export

if TYPE_CHECKING:
    from storage.db.database import Database

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
OPERATOR, PERSON = 42, 2**40
WRITES = Rights(write=True)


async def test_rights_are_given_changed_and_taken_away(db: Database) -> None:
    editors = Editors(db)
    assert await editors.rights(PERSON) == NO_RIGHTS
    await editors.give(PERSON, ALL_RIGHTS, by=OPERATOR, now=NOW)
    await editors.give(PERSON, WRITES, by=7, now=NOW + timedelta(hours=1))
    (one,) = await editors.all()
    assert (one.rights, one.added_by, one.added) == (WRITES, OPERATOR, NOW)
    await editors.give(PERSON, NO_RIGHTS, by=OPERATOR, now=NOW)
    assert await editors.all() == []


async def test_each_act_is_in_the_journal_and_can_be_undone_within_an_hour(db: Database) -> None:
    editors, journal = Editors(db), Journal(db, UNDOES)
    await editors.give(PERSON, ALL_RIGHTS, by=OPERATOR, now=NOW)
    number = await editors.give(PERSON, WRITES, by=OPERATOR, now=NOW)
    act = await journal.act(number)
    assert act is not None
    assert (act.person_id, act.about_id, act.at) == (OPERATOR, PERSON, NOW)
    assert (act.before["publish"], act.after["publish"]) == (True, False)
    late = NOW + UNDO_FOR
    assert await journal.undo(number, person_id=7, now=late) is UndoOutcome.TOO_LATE
    in_time = late - timedelta(seconds=1)
    assert await journal.undo(number, person_id=7, now=in_time) is UndoOutcome.UNDONE
    assert await editors.rights(PERSON) == ALL_RIGHTS
    assert await journal.undo(number, person_id=7, now=in_time) is UndoOutcome.ALREADY
    newest, undone, _ = await journal.recent(limit=9)
    assert (newest.kind, newest.person_id, newest.after) == ("undo", 7, {"act": number})
    assert undone.undone == in_time
    assert await journal.count() == 3


async def test_an_act_is_not_undone_over_a_later_one(db: Database) -> None:
    editors, journal = Editors(db), Journal(db, UNDOES)
    first = await editors.give(PERSON, ALL_RIGHTS, by=OPERATOR, now=NOW)
    await editors.give(PERSON, WRITES, by=OPERATOR, now=NOW)
    outcome = await journal.undo(first, person_id=OPERATOR, now=NOW)
    assert outcome is UndoOutcome.CHANGED_SINCE
    assert await editors.rights(PERSON) == WRITES
    act = await journal.act(first)
    assert act is not None
    assert act.undone is None
    assert await journal.count() == 2
    for number in (99, (await journal.recent(limit=1))[0].number + 1):
        outcome = await journal.undo(number, person_id=OPERATOR, now=NOW)
        assert outcome is UndoOutcome.NOT_POSSIBLE


async def test_an_export_has_an_editors_rights_and_acts(db: Database) -> None:
    await Editors(db).give(PERSON, WRITES, by=OPERATOR, now=NOW)
    desk = (await Export(db).of(PERSON, NOW))["desk"]
    assert desk["rights"] == [
        {"may_write": True, "may_publish": False, "added": "2026-11-24T09:00:00+00:00"}
    ]
    assert [each["kind"] for each in desk["acts"]] == ["editor"]
    assert (await Export(db).of(OPERATOR, NOW))["desk"]["rights"] == []
    assert (await Export(db).of(5, NOW))["desk"] is None
