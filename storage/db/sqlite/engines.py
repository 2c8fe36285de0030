"""SQLite's connections: engines for the event loop, over aiosqlite, and how each one is prepared.

Each awaited statement makes four round trips to the driver's thread, and after each waits for the
loop. `threads` runs whole functions with one round trip.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine, ExceptionContext, FromClause
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import ConnectionPoolEntry

READERS = 4
BUSY_SECONDS = 5
"""Seconds that a statement waits for a lock of another process.

ON News never writes for that long at a time, so the file then counts as locked, and is tried again
once it is free.
"""
LOOK = 2.0
"""Seconds that a read-only connection waits for a lock of another process."""
PROBE = 0.2
"""Seconds that a probe waits for a lock of another process."""
ROOM = 1 << 18
"""Bytes that must fit on the disk for a probe to succeed."""
COMMITTED = "FULL"
"""SQLite's `synchronous` for connections that write: with FULL each commit waits for the disk.

In WAL mode, NORMAL may lose the last commits in a power failure: readers would then get again what
was delivered just before.
"""
AGAIN = 0.01
"""Seconds between two attempts where SQLite itself does not wait."""


def url_of(path: Path) -> URL:
    """Return SQLAlchemy's URL of an existing SQLite file; a connection never creates the file."""
    return URL.create(
        "sqlite+aiosqlite",
        database=path.absolute().as_uri(),
        query={"mode": "rw", "uri": "true"},
    )


def engine_for(url: URL, *, begin: str | None, size: int) -> AsyncEngine:
    """Return an engine for the event loop, with `size` connections at most.

    `begin` is the statement that begins a transaction; None for connections that only read.
    """
    engine = create_async_engine(
        url, pool_timeout=BUSY_SECONDS, **options_of(begin=begin, size=size)
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def keep(context: ExceptionContext) -> None:
        # If closed while a statement runs, the connection would stay open, and hold its lock, as
        # long as anything refers to that statement. It must be rolled back first.
        if begin and isinstance(context.original_exception, asyncio.CancelledError):
            context.is_disconnect = False

    prepare(engine.sync_engine, begin)
    return engine


def lasting(path: Path, patience: float) -> AsyncEngine:
    """Return an engine of a single connection for one use that lasts, outside the pools.

    Its statements are committed one by one. A power failure may lose the last of them. A statement
    waits `patience` seconds for a lock of another process.
    """
    engine = create_async_engine(
        url_of(path),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": patience},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    return engine


def options_of(*, begin: str | None, size: int) -> dict[str, Any]:
    """Return the options of an engine, for the loop or for threads; see `engine_for`."""
    reading = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    return {
        "pool_size": size,
        "max_overflow": 0,
        "connect_args": {"timeout": BUSY_SECONDS},
        **({} if begin else reading),
    }


class _WithHints(SQLiteCompiler):
    """A compiler that writes `INDEXED BY` for hints, which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        del table
        return text


def prepare(engine: Engine, begin: str | None) -> None:
    """Set up each connection that an engine makes; see `engine_for`."""
    engine.dialect.statement_compiler = _WithHints

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        connection.isolation_level = None  # this module sends BEGIN, not the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA synchronous = {COMMITTED if begin else 'NORMAL'}")
        cursor.execute("PRAGMA temp_store = MEMORY")
        if begin is None:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    if begin is not None:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)


def read_only(path: Path) -> sqlite3.Connection:
    """Open a connection that only reads a file, which may be damaged, foreign or in use."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOOK, check_same_thread=False
    )


def read_only_engine(path: Path) -> Engine:
    """Return an engine of connections as `read_only` opens them, for a database that is closed."""
    return create_engine("sqlite://", creator=lambda: read_only(path), poolclass=NullPool)


def failed_disk(error: DBAPIError) -> bool:
    """Return whether an error means that the file can no longer be read or written."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def probe(path: Path, *, write: bool) -> None:
    """Try to use a file, leaving it unchanged; with `write` it must be writable.

    It raises OSError if the disk is full, sqlite3.Error for any other reason.
    """
    if write:
        # A transaction that is rolled back may stay in SQLite's memory and never reach the disk.
        with tempfile.TemporaryFile(dir=path.parent) as room:
            room.write(bytes(ROOM))
            room.flush()
            os.fsync(room.fileno())
    there = f"{path.absolute().as_uri()}?mode=rw"
    with closing(
        sqlite3.connect(there, uri=True, timeout=PROBE, isolation_level=None)
    ) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if write:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")


def turn_on_wal(connection: sqlite3.Connection) -> None:
    """Turn on WAL, waiting if another process is doing so for a new file.

    SQLite does not wait here on its own. If two processes both hold the read lock and want to
    upgrade it, one gets SQLITE_BUSY at once. After `BUSY_SECONDS` it raises
    sqlite3.OperationalError.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        else:
            return
        time.sleep(AGAIN)
