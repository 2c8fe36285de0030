"""A standby, and what it logs about the process that it waits for."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text

from bot.serving.standby import Standby
from storage.db.database import Database
from storage.migrations import migrate
from storage.migrations.open_migrated import open_migrated
from storage.serving.lease import Lease
from storage.serving.liveness import Holder
from storage.serving.lock import MigrationLock

LONG_ENOUGH = 60
QUICK = 1.0


async def serving(database: Database) -> Lease:
    """Return the lease of a process that holds it and is frozen."""
    lease = Lease(database, seconds=QUICK)
    lease._me = str(replace(Holder.here(), boot="elsewhere"))
    assert await lease.secure()
    assert await lease.begin()
    return lease


async def test_a_frozen_process_that_holds_an_sqlite_file_is_named_once(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    mine, other = Database(sqlite_url), Database(sqlite_url)
    await open_migrated(mine)
    await open_migrated(other)
    frozen = await serving(mine)
    stop = asyncio.Event()
    standby = Standby(other, Lease(other, seconds=QUICK), stop)
    assert mine.path is not None
    with closing(sqlite3.connect(mine.path, isolation_level=None)) as amid:
        amid.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(standby.wait_until_alone())
        while "does not move" not in caplog.text:  # noqa: ASYNC110 - logging has no event for it
            await asyncio.sleep(0.001)
        assert not standby.serving
        await asyncio.sleep(0)
    assert await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert standby.serving
    assert caplog.text.count("does not move") == 1
    assert f"process {Holder.here().pid} holds the database" in caplog.text
    await standby.release()
    await frozen.release()
    await mine.close()
    await other.close()


@pytest.mark.parametrize("older", [False, True])
async def test_a_process_that_keeps_the_lock_of_migrations_is_named_once(
    database_url: str, caplog: pytest.LogCaptureFixture, *, older: bool
) -> None:
    mine, other = Database(database_url), Database(database_url)
    await open_migrated(mine)
    await open_migrated(other)
    if older:
        back = text("UPDATE alembic_version SET version_num = :it").bindparams(it=migrate.FIRST)
        await mine.write(lambda connection: connection.execute(back))
    frozen = MigrationLock(mine)
    assert await frozen.take()
    standby = Standby(other, Lease(other, seconds=QUICK), asyncio.Event())
    # The first look may be during somebody's short turn.
    looks = [await standby._take() for _ in range(4)]
    assert looks == [False] * 4
    assert caplog.text.count("does not move, resume it, or end it") == 1
    assert f"process {os.getpid()}" in caplog.text
    await frozen.release()
    await mine.close()
    await other.close()


async def test_a_standby_stops_at_once_when_asked(sqlite_url: str) -> None:
    mine, other = Database(sqlite_url), Database(sqlite_url)
    await open_migrated(mine)
    await open_migrated(other)
    leader = await serving(mine)
    stop = asyncio.Event()
    standby = Standby(other, Lease(other, seconds=QUICK), stop)
    waiting = asyncio.create_task(standby.wait_until_alone())
    stop.set()
    assert not await asyncio.wait_for(waiting, LONG_ENOUGH)
    assert not standby.serving
    await leader.release()
    await mine.close()
    await other.close()


async def test_a_hanging_database_ends_neither_the_serving_process_nor_a_standby(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)
    await open_migrated(database)
    lease = Lease(database, seconds=QUICK)
    standby = Standby(database, lease, asyncio.Event())
    tries = 0

    async def away(*_: object, **__: object) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(lease, "_look", away)
        waiting = asyncio.create_task(standby.wait_until_alone())
        while tries < 3:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)
    assert await asyncio.wait_for(waiting, LONG_ENOUGH)
    tries = 0
    with monkeypatch.context() as patch:
        patch.setattr(lease, "_change", away)
        while lease.is_valid or tries < 3:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        assert standby.serving
    await asyncio.wait_for(lease.permit(), LONG_ENOUGH)
    assert caplog.text.count("(nobody there); retrying") == 1
    await standby.release()
    await database.close()


async def test_a_standby_that_learns_that_nobody_sends_takes_a_free_lease_at_once(
    database_url: str,
) -> None:
    mine, other = Database(database_url), Database(database_url)
    await open_migrated(mine)
    await open_migrated(other)
    leader = await serving(mine)
    # It would look by itself only after longer than this test may last.
    lease = Lease(other, seconds=20 * LONG_ENOUGH)
    sharing = SimpleNamespace(no_sender=asyncio.Event(), may_send=True)
    standby = Standby(other, lease, asyncio.Event(), sharing=cast("Any", sharing))
    waiting = asyncio.create_task(standby.wait_until_alone())
    while lease.rival is None:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0.001)
    await leader.release()
    sharing.no_sender.set()
    assert await asyncio.wait_for(waiting, LONG_ENOUGH)
    await standby.release()
    await mine.close()
    await other.close()
