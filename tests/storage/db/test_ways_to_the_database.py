"""A function goes to a thread, an awaited statement to aiosqlite, and nothing past them."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import aiosqlite
from sqlalchemy import text

from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated

ROOT = Path(__file__).parents[3]
OPENED = re.compile(r"\b(?:sqlite3\.connect|create_engine|create_async_engine)\(")
PLACES = {
    "news/old_archive/xml_items.py",
    "storage/db/postgres.py",
    "storage/db/sqlite/engines.py",
    "storage/db/sqlite/file.py",
    "storage/db/sqlite/threads.py",
    "storage/migrations/migrate.py",
}
"""The files that open a connection; docs/decisions/0008 says what for."""


async def test_aiosqlite_serves_awaited_statements_and_sessions(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await open_migrated(database)
    async with database.writing() as writer, database.reading() as reader:
        session = await database.session()
        for connection in (writer, reader, session):
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, aiosqlite.Connection)
            assert await connection.scalar(text("SELECT 40 + 2")) == 42
        await session.close()
    await database.close()


async def test_a_function_runs_in_a_thread_of_its_own(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await open_migrated(database)
    for way in (database.read, database.write, database.search, database.snapshot):
        ran = await way(lambda _: threading.current_thread().name)
        assert ran.startswith(("reader", "writer"))
    await database.close()


def test_no_other_file_opens_a_connection() -> None:
    floors = ("bot", "handlers", "digest", "news", "templates", "storage", "workers")
    files = [file for floor in floors for file in (ROOT / floor).rglob("*.py")]
    found = {str(each.relative_to(ROOT)) for each in files if OPENED.search(each.read_text())}
    assert found == PLACES
