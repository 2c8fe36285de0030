"""The meaning of each driver error. The integrity check of a database, which changes nothing."""

from __future__ import annotations

import errno
import hashlib
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionLeftError

from storage.db.address import parse
from storage.db.checkup import check_up
from storage.db.failures import failure_of
from storage.db.outage import DatabaseUnavailableError, OutageScope
from storage.tables import schema
from tests.plugins.archive import there
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database

SERVER = parse("postgresql://u:s3cret@db.example/news")
FILE = parse("sqlite:///var/onnews.db")


class SaidError(Exception):
    """A server's error, with its code."""

    def __init__(self, code: str, words: str = "s3cret words") -> None:
        super().__init__(words)
        self.sqlstate = code


class Coded(sqlite3.OperationalError):
    """An SQLite error, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__("words")
        self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("error", "reason", "scope"),
    [
        (SaidError("57P01"), "was lost", OutageScope.ALL),
        (SaidError("57P03"), "is not ready yet", OutageScope.ALL),
        (SaidError("53300"), "has no connection left", OutageScope.ALL),
        (SaidError("53100"), "is full", OutageScope.WRITES),
        (SaidError("25006"), "accepts no writes", OutageScope.WRITES),
        (SaidError("08006"), "was lost", OutageScope.ALL),
        (SaidError("XX000"), "was lost", OutageScope.ALL),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"),
            "refused",
            OutageScope.ALL,
        ),
        (
            OSError("Multiple exceptions: [Errno 111] one, [Errno 111] two"),
            "refused",
            OutageScope.ALL,
        ),
        (
            socket.gaierror(-2, "Name or service not known"),
            "unknown host name",
            OutageScope.ALL,
        ),
        (TimeoutError(), "it does not answer", OutageScope.ALL),
        (NoConnectionLeftError("QueuePool limit"), "every connection is in use", OutageScope.ALL),
        (OperationalError("SELECT", {}, SaidError("57P02")), "was lost", OutageScope.ALL),
    ],
)
def test_errors_of_a_troubled_server_are_outages(
    error: Exception, reason: str, scope: OutageScope
) -> None:
    failure = there(failure_of(error, SERVER, write=True))
    assert reason in failure.reason
    assert (failure.scope, failure.passes) == (scope, True)
    assert "s3cret" not in f"{failure.reason} {failure.advice}"


@pytest.mark.parametrize("code", ["28P01", "28000", "3D000"])
def test_errors_that_need_an_operator_are_not_outages(code: str) -> None:
    failure = there(failure_of(SaidError(code), SERVER, write=False))
    assert not failure.passes


def test_a_server_without_a_line_for_this_machine_is_told_from_a_wrong_password() -> None:
    words = 'no pg_hba.conf entry for host "10.0.0.1", user "u", database "news", {}'
    advice = []
    for encryption in ("SSL encryption", "no encryption"):
        failure = failure_of(SaidError("28000", words.format(encryption)), SERVER, write=False)
        assert failure is not None
        assert not failure.passes
        assert "accepts no connection from here (no pg_hba.conf entry" in failure.reason
        advice.append(failure.advice)
    assert ["sslmode=require" in each for each in advice] == [False, True]


@pytest.mark.parametrize(
    ("code", "reason", "scope"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program has locked", OutageScope.WRITES),
        (sqlite3.SQLITE_FULL, "is full", OutageScope.WRITES),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot be used", OutageScope.WRITES),
        (sqlite3.SQLITE_CANTOPEN, "cannot be used", OutageScope.ALL),
        (sqlite3.SQLITE_CORRUPT, "is damaged", OutageScope.ALL),
    ],
)
def test_errors_of_a_troubled_file_are_outages(code: int, reason: str, scope: OutageScope) -> None:
    failure = there(failure_of(OperationalError("COMMIT", {}, Coded(code)), FILE, write=True))
    assert reason in failure.reason
    assert failure.scope is scope


def test_every_full_disk_error_stops_only_writes() -> None:
    failure = there(failure_of(OSError(errno.ENOSPC, "No space left on device"), FILE, write=True))
    assert (failure.scope, failure.passes) == (OutageScope.WRITES, True)
    assert "is full" in failure.reason


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed")),
        ProgrammingError("SELECT", {}, SaidError("42703")),
        SaidError("40P01"),
        ValueError("ours"),
        KeyError("ours"),
    ],
)
def test_a_bug_is_not_an_outage(error: Exception) -> None:
    assert failure_of(error, SERVER, write=True) is None
    assert failure_of(error, FILE, write=True) is None


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
