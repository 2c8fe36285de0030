from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.db.database import Database
from storage.db.sqlite.engines import READERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

NOTE = text("INSERT INTO meta (key, value) VALUES (:key, 'x')")


async def keys(database: Database) -> list[str]:
    async with database.reading() as connection:
        rows = await connection.execute(text("SELECT key FROM meta WHERE value = 'x' ORDER BY key"))
        return list(rows.scalars())


def note(key: str) -> Callable[[Connection], int]:
    return lambda connection: connection.execute(NOTE, {"key": key}).rowcount


async def test_a_function_at_once_is_committed_or_rolled_back_as_a_whole(db: Database) -> None:
    def twice(connection: Connection) -> None:
        note("b")(connection)
        note("a")(connection)

    assert await db.write(note("a")) == 1
    with pytest.raises(IntegrityError):
        await db.write(twice)
    with pytest.raises(DBAPIError, match="nowhere"):
        await db.write(lambda connection: connection.execute(text("SELECT 1 FROM nowhere")))
    assert await keys(db) == ["a"]


async def test_a_writer_waits_for_a_cancelled_one_to_finish(lite: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        note("a")(connection)
        begun.set()
        go_on.wait()

    task = asyncio.create_task(lite.write(slow))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    next_ = asyncio.create_task(lite.write(note("b")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    assert not next_.done()
    # Nor does cancelling it once more leave a transaction to itself.
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await next_ == 1
    assert await keys(lite) == ["a", "b"]


async def test_a_write_cancelled_before_its_turn_does_not_start(lite: Database) -> None:
    go_on = threading.Event()
    asked: list[str] = []
    holding = [asyncio.create_task(lite.read(lambda _: go_on.wait())) for _ in range(READERS)]
    for _ in range(5):
        await asyncio.sleep(0)
    task = asyncio.create_task(lite.read(lambda _: asked.append("late")))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.gather(*holding)
    await lite.read(lambda _: asked.append("later"))
    assert asked == ["later"]


async def test_at_once_on_a_closed_database_raises(sqlite_url: str) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await Database(sqlite_url).write(lambda _: None)
