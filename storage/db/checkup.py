"""A read-only check of a database: its kind, its size, its revision and its damage."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.db.failures import failure_of
from storage.db.outage import DatabaseUnavailableError
from storage.db.sqlite import engines
from storage.db.sqlite.damage import MOST_FAULTS, faults_in
from storage.tables import schema
from storage.tables.table_version import (
    TableVersion,
    has_our_tables,
    revision,
    table_version,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database

_CANCELLED = "57014"
"""PostgreSQL's error code for a statement that exceeded its timeout."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """The result of checking a database.

    Attributes:
        program: The database program with its version, such as `SQLite 3.46.1`.
        size: Size in bytes.
        revision: The revision of the tables; None where there are no tables of ON News.
        foreign: Whether another program has made tables with the names of ON News's tables.
        faults: Damage found, a line each; at most `MOST_FAULTS`.
        read_whole: Whether the time was enough to check everything.
        oldest_program: The oldest revision whose program works on the tables; None for that of the
            tables alone.
    """

    program: str
    size: int
    revision: str | None
    foreign: bool
    faults: tuple[str, ...] = ()
    read_whole: bool = True
    oldest_program: str | None = None

    @property
    def fits(self) -> bool:
        """Whether this program works on the tables as they are."""
        return TableVersion(self.revision, self.oldest_program or self.revision).fits


async def check_up(database: Database, *, seconds: float | None) -> Checkup:
    """Check a database without changing it. It need not be open; an SQLite file must exist.

    `seconds` are spent looking for damage; None reads everything. DatabaseError means that it
    cannot be read, now or at all.
    """
    if (path := database.path) is not None:
        try:
            return await asyncio.to_thread(_check_up_file, path, seconds)
        except (DBAPIError, sqlite3.Error, OSError) as error:
            failure = failure_of(error, database.address, write=False)
            if failure is None:
                raise
            raise DatabaseUnavailableError(failure) from None
    await database.open()
    try:
        return await _check_up_server(database, seconds)
    finally:
        await database.close()


def _check_up_file(path: Path, seconds: float | None) -> Checkup:
    log = path.with_name(f"{path.name}-wal")
    size = sum(each.stat().st_size for each in (path, log) if each.exists())
    with engines.read_only_engine(path).connect() as there:
        found = revision(there)
        foreign = found is None and has_our_tables(there)
    with closing(engines.read_only(path)) as driver:
        faults, whole = faults_in(driver, seconds)
    program = f"SQLite {sqlite3.sqlite_version}"
    return Checkup(program, size, found, foreign, faults, whole)


async def _check_up_server(database: Database, seconds: float | None) -> Checkup:
    """Check PostgreSQL by reading every row, since it has no check of its own."""
    async with database.reading() as connection:
        version = await connection.scalar(text("SHOW server_version"))
        size = await connection.scalar(text("SELECT pg_database_size(current_database())"))
        at = await connection.run_sync(table_version)
        found = at.revision
        foreign = found is None and await connection.run_sync(has_our_tables)
    checkup = Checkup(f"PostgreSQL {str(version).split()[0]}", int(size or 0), found, foreign)
    checkup = replace(checkup, oldest_program=at.oldest_program)
    if not at.fits:
        return checkup
    faults: list[str] = []
    until = None if seconds is None else time.monotonic() + seconds
    for table in schema.metadata.sorted_tables:
        left = None if until is None else until - time.monotonic()
        whole = left is None or left > 0
        try:
            if whole:
                await _read_all(database, table.name, left)
        except DBAPIError as error:
            whole = getattr(error.orig, "sqlstate", None) != _CANCELLED
            if whole:
                faults.append(f"{table.name}: {str(error.orig).partition(': ')[2] or error.orig}")
        if not whole or len(faults) == MOST_FAULTS:
            return replace(checkup, faults=tuple(faults), read_whole=whole)
    return replace(checkup, faults=tuple(faults))


async def _read_all(database: Database, table: str, seconds: float | None) -> None:
    """Read every value of a table, including long values that are stored apart."""
    limit = 0 if seconds is None else max(int(seconds * 1000), 1)
    async with database.writing() as connection:
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        await connection.execute(text(f"SET LOCAL statement_timeout = {limit}"))
        await connection.execute(
            text(f'SELECT sum(length("{table}"::text)) FROM "{table}"')  # noqa: S608  # a table of ours
        )
