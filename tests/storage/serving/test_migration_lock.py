from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from storage.db.database import Database
from storage.db.outage import DatabaseError
from storage.db.silent_sessions import END_SILENT
from storage.migrations.open_migrated import open_migrated
from storage.serving.lock import MigrationLock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def other(database_url: str, db: Database) -> AsyncIterator[Database]:
    """The same archive as a second process has it open."""
    del db
    database = Database(database_url)
    await open_migrated(database)
    yield database
    await database.close()


async def test_only_one_process_holds_the_lock_until_it_releases_it(
    db: Database, other: Database
) -> None:
    first, second = MigrationLock(db), MigrationLock(other)
    assert await first.take()
    assert await first.take()
    assert not await second.take()
    assert (await second.holder() or "").split()[0] == str(os.getpid())
    await first.release()
    assert await second.take()
    await second.release()


async def test_a_lock_is_kept_while_sessions_of_frozen_processes_are_ended(
    postgresql_url: str,
) -> None:
    one, two = Database(postgresql_url), Database(postgresql_url)
    await open_migrated(one)
    await open_migrated(two)
    mine, theirs = MigrationLock(one), MigrationLock(two)
    assert await mine.take()
    await two.write(lambda connection: connection.execute(END_SILENT, {"seconds": 0.0}))
    assert not await theirs.take()
    await mine.release()
    assert await theirs.take()
    await theirs.release()
    await one.close()
    await two.close()


async def test_a_lock_file_that_cannot_be_locked_says_what_to_do(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.path is not None
    database.path.with_name("onnews.db.lock").mkdir()
    with pytest.raises(DatabaseError, match=r"onnews\.db\.lock cannot be locked .*its folder"):
        await MigrationLock(database).take()
