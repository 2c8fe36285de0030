from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage.db.database import Database, DatabaseError
from storage.migrations.open_migrated import open_migrated
from storage.serving.lock import ServingLock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def other(database_url: str, db: Database) -> AsyncIterator[Database]:
    """Open the same archive as another process."""
    del db
    database = Database(database_url)
    await open_migrated(database)
    yield database
    await database.close()


async def test_only_one_process_holds_the_lock(db: Database, other: Database) -> None:
    first, second = ServingLock(db), ServingLock(other)
    assert await first.take()
    assert await first.take()
    assert not await second.take()
    assert first.is_taken
    assert not second.is_taken
    assert await second.owner() == await first.owner()
    await first.release()
    assert not first.is_taken
    assert await second.take()
    await second.release()


async def test_an_impossible_lock_says_what_to_do(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.path is not None
    database.path.with_name("onnews.db.lock").mkdir()
    with pytest.raises(DatabaseError, match=r"onnews\.db\.lock cannot be locked .*its folder"):
        await ServingLock(database).take()


async def test_only_the_frozen_process_loses_its_session(postgresql_url: str) -> None:
    frozen, next_ = Database(postgresql_url), Database(postgresql_url)
    await open_migrated(frozen)
    await open_migrated(next_)
    lock, successor = ServingLock(frozen), ServingLock(next_)
    assert await lock.take()
    assert lock.session_id is not None
    assert not await successor.force(lock.session_id + 1)
    assert await successor.is_held_by(lock.session_id, None)
    assert not await successor.is_held_by(lock.session_id + 1, None)
    assert await successor.force(lock.session_id)
    async with next_.read() as connection:
        held = await connection.scalar(
            text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    assert held == 1
    await lock.release()
    await successor.release()
    await frozen.close()
    await next_.close()
