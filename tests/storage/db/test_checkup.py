"""The integrity check of a database, which changes nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage.db.checkup import check_up
from storage.db.outage import DatabaseUnavailableError
from storage.tables import schema
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database

PAGE = 4096


async def made(url: str) -> Database:
    database = await migrated(url)
    await database.close()
    return database


async def test_the_integrity_check_passes_a_sound_database(database_url: str) -> None:
    database = await made(database_url)
    for seconds in (60.0, None):
        found = await check_up(database, seconds=seconds)
        assert found.program.startswith(("SQLite 3.", "PostgreSQL "))
        assert (found.revision, found.foreign) == (schema.HEAD, False)
        assert (found.faults, found.read_whole) == ((), True)
        assert found.size > 100_000


async def test_an_integrity_check_out_of_time_says_so(database_url: str) -> None:
    found = await check_up(await made(database_url), seconds=0.0)
    assert (found.faults, found.read_whole) == ((), False)


async def test_tables_of_another_program_are_recognised(database_url: str) -> None:
    database = await migrated(database_url)
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    await database.close()
    found = await check_up(database, seconds=None)
    assert (found.revision, found.foreign) == (None, True)


def damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with closing(sqlite3.connect(path)) as there:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = there.execute(query, (table,)).fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\x55" * PAGE
    path.write_bytes(content)


async def test_a_damaged_file_is_reported_and_left_unchanged(sqlite_url: str) -> None:
    database = await made(sqlite_url)
    path = database.path
    assert path is not None
    damage(path, "articles")
    before = hashlib.sha256(path.read_bytes()).digest()
    for seconds in (60.0, None):
        assert (await check_up(database, seconds=seconds)).faults
    assert hashlib.sha256(path.read_bytes()).digest() == before
    damage(path, "alembic_version")
    with pytest.raises(DatabaseUnavailableError, match="restore a backup with `onnews restore`"):
        await check_up(database, seconds=None)
    path.write_text("This is a shopping list. " * 999)
    with pytest.raises(DatabaseUnavailableError, match="use `onnews restore` to read a backup"):
        await check_up(database, seconds=None)
