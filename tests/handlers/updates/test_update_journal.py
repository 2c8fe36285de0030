"""The journal of waiting updates: writing, and removal once they are answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from telegram import Update

from handlers.updates.update_journal import UpdateJournal
from handlers.updates.update_kinds import identity
from storage.db.key_value import KeyValue
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError
from storage.readers.begun_updates import BegunUpdates
from storage.readers.waiting_updates import WaitingUpdates

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from storage.db.database import Database
    from storage.readers.waiting_updates import WaitingUpdate

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


class Table:
    """The journal's table; a call ends when the test releases it."""

    def __init__(self) -> None:
        self.rows: set[int] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.away = False
        self.visits = 0

    async def change(self, keep: Sequence[WaitingUpdate], strike_off: Collection[int]) -> None:
        await self._visit()
        self.rows |= {row.update_id for row in keep}
        self.rows -= set(strike_off)

    async def _visit(self) -> None:
        self.visits += 1
        await self.open.wait()
        if self.away:
            raise DatabaseUnavailableError(DatabaseFailure("it is away", "Wait."))


def journal_in(table: Table) -> UpdateJournal:
    return UpdateJournal(cast("Any", table), cast("Any", None), BegunUpdates(None))


async def test_an_update_answered_during_a_removal_is_not_journaled_afterwards() -> None:
    table = Table()
    journal = journal_in(table)
    first, second, late = (Update(number) for number in (1, 2, 3))
    await journal.keep([first, second], NOW)
    table.open.clear()
    visits = []
    for visit in (
        journal.strike_off(first),
        journal.strike_off(second),
        journal.keep([late], NOW),
        journal.strike_off(late),
    ):
        visits.append(asyncio.create_task(visit))
        await asyncio.sleep(0)
    table.open.set()
    await asyncio.gather(*visits)
    assert table.rows == set()


async def test_the_next_process_knows_what_a_killed_one_had_answered(
    lite: Database, tmp_path: Path
) -> None:
    def journal() -> UpdateJournal:
        begun = BegunUpdates(tmp_path / "begun")
        return UpdateJournal(WaitingUpdates(lite), KeyValue(lite), begun)

    killed, next_one = journal(), journal()
    await killed.take_up(cast("Any", None), NOW)
    for number in (1, 2):
        killed.begin(Update(number), NOW)
    killed.end(Update(1))
    left = await next_one.take_up(cast("Any", None), NOW)
    assert [update.update_id for update in (*left.waiting, *left.begun)] == [2]
    assert [next_one.is_new(identity(Update(number))) for number in (1, 2, 3)] == [0, 0, 1]


async def test_a_removal_that_failed_in_an_outage_is_repeated_with_the_next() -> None:
    table = Table()
    journal = journal_in(table)
    first, second = Update(1), Update(2)
    await journal.keep([first, second], NOW)
    table.away = True
    await journal.strike_off(first)
    assert table.rows == {1, 2}
    table.away = False
    await journal.strike_off(second)
    assert table.rows == set()


async def test_updates_arriving_during_a_write_share_the_next_transaction() -> None:
    table = Table()
    journal = journal_in(table)
    table.open.clear()
    writing = []
    for number in range(50):
        writing.append(asyncio.create_task(journal.keep([Update(number)], NOW)))
        await asyncio.sleep(0)
    table.open.set()
    await asyncio.gather(*writing)
    assert table.rows == set(range(50))
    assert table.visits == 2


async def test_a_failed_transaction_journals_none_of_its_updates() -> None:
    table = Table()
    journal = journal_in(table)
    table.open.clear()
    table.away = True
    updates = [Update(number) for number in range(3)]
    writing = []
    for update in updates:
        writing.append(asyncio.create_task(journal.keep([update], NOW)))
        await asyncio.sleep(0)
    table.open.set()
    await asyncio.gather(*writing)
    assert not any(journal.has(update) for update in updates)
    table.away = False
    await journal.keep(updates, NOW)
    assert table.rows == {0, 1, 2}
