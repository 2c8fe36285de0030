from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.database import Database, DatabaseError
from storage.lock import ServingLock, wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

import pytest


@pytest.fixture
async def other(database_url: str, db: Database) -> AsyncIterator[Database]:
    """The same archive as a second process has it open."""
    del db
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


async def test_only_one_has_the_lock_until_it_is_let_go(db: Database, other: Database) -> None:
    first, second = ServingLock(db), ServingLock(other)
    assert await first.take()
    assert await first.take()
    assert not await second.take()
    assert await first.held()
    assert not await second.held()
    await first.release()
    assert not await first.held()
    assert await second.take()
    await second.release()


async def test_who_waits_has_it_as_soon_as_it_is_free(db: Database, other: Database) -> None:
    first, second = ServingLock(db), ServingLock(other)
    assert await first.take()
    waiting = asyncio.create_task(wait_for(second, asyncio.Event(), 0.01))
    await asyncio.sleep(0)
    assert not waiting.done()
    await first.release()
    assert await waiting
    await second.release()


async def test_who_is_told_to_stop_waits_no_longer(db: Database, other: Database) -> None:
    first, second, stop = ServingLock(db), ServingLock(other), asyncio.Event()
    assert await first.take()
    waiting = asyncio.create_task(wait_for(second, stop, 60))
    await asyncio.sleep(0)
    stop.set()
    assert not await waiting
    await first.release()


async def test_a_lock_that_cannot_be_had_at_all_says_what_to_do(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.path is not None
    database.path.with_name("onnews.db.lock").mkdir()
    with pytest.raises(DatabaseError, match=r"onnews\.db\.lock cannot be locked .*its folder"):
        await ServingLock(database).take()


async def test_a_lost_connection_loses_the_lock(postgresql_url: str) -> None:
    mine, other = Database(postgresql_url), Database(postgresql_url)
    await mine.open()
    await other.open()
    lock, next_ = ServingLock(mine), ServingLock(other)
    assert await lock.take()
    async with other.read() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    assert not await lock.held()
    assert await next_.take()
    await next_.release()
    await mine.close()
    await other.close()
