"""A database of an older version: who may migrate it, and which copy is kept."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import text

from bot.cli.terminal import NO_RESTART
from storage.db.database import Database
from storage.migrations import migrate
from storage.migrations.open_migrated import open_migrated
from storage.serving.lease import Lease
from storage.serving.liveness import Holder
from storage.sources.sources import Sources
from storage.tables import schema
from storage.tables.table_version import has_our_tables, note_oldest_program
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.bot.conftest import Terminal

ROOT = Path(__file__).parents[3]
OLDER = migrate.FIRST


@pytest.fixture
async def older(database_url: str) -> Database:
    """Return a closed database of the first version with a source in it."""
    database = await migrated(database_url)
    async with database.writing() as connection:
        await connection.run_sync(
            lambda sync: command.downgrade(migrate.configuration(sync), OLDER)
        )
        await connection.execute(text("INSERT INTO meta (key, value) VALUES ('kept', 'well')"))
    await database.close()
    return database


async def revision(database: Database) -> str | None:
    await database.open()
    try:
        return await database.revision()
    finally:
        await database.close()


def url(database: Database) -> str:
    if database.path is not None:
        return f"sqlite:///{database.path}"
    (server,) = database._address.servers
    return server


async def test_a_dry_run_says_what_a_migration_would_do_and_does_nothing(
    terminal: Terminal, older: Database
) -> None:
    path = older.path
    before = path.read_bytes() if path is not None else b""
    printed = await terminal.run("migrate", "--dry-run", DATABASE_URL=url(older))
    assert f"from revision {OLDER} to {schema.HEAD}" in printed
    assert "0041  No tables by which replicas shared the sources out" in printed
    assert ("would be kept in" in printed) == (path is not None)
    assert await revision(older) == OLDER
    if path is not None:
        assert path.read_bytes() == before
        assert not migrate.copy_of(path, OLDER).exists()


async def test_a_migration_keeps_the_file_as_it_was(terminal: Terminal, older: Database) -> None:
    printed = await terminal.run("migrate", DATABASE_URL=url(older))
    assert f"is at revision {schema.HEAD} now" in printed
    assert await revision(older) == schema.HEAD
    again = await terminal.run("migrate", DATABASE_URL=url(older))
    assert "is up to date" in again
    if older.path is None:
        return
    copy = migrate.copy_of(older.path, OLDER)
    assert str(copy) in printed
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (OLDER,)
        assert kept.execute("SELECT value FROM meta WHERE key = 'kept'").fetchone() == ("well",)
        assert kept.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_no_command_changes_the_tables_under_a_process_that_serves(
    terminal: Terminal, older: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PATIENCE", 0.0)
    serving = Database(url(older))
    await serving.open()
    lease = Lease(serving, seconds=0.5)
    assert await lease.secure()
    assert await lease.begin()
    try:
        printed = await terminal.run("sources", "pause", "1", status=1, DATABASE_URL=url(older))
        assert printed.count("\n") == 1
        assert "Nothing was changed" in printed
        assert f"revision {OLDER}" in printed
        assert f"Process {Holder.here().name} is using the database" in printed
        dry = await terminal.run("migrate", "--dry-run", DATABASE_URL=url(older))
        assert "has to be stopped first" in dry
        assert await serving.revision() == OLDER
    finally:
        await lease.release()
        await serving.close()
    await open_migrated(older)
    assert await older.revision() == schema.HEAD
    await older.close()


async def test_a_standby_of_a_newer_version_changes_the_tables_only_when_it_serves(
    terminal: Terminal, older: Database
) -> None:
    serving = Database(url(older))
    await serving.open()
    lease = Lease(serving, seconds=3600.0)
    assert await lease.secure()
    assert await lease.begin()
    standby = await terminal.start("run", DATABASE_URL=url(older))
    try:
        assert standby.stdout is not None
        printed = b""
        while b"waits as its standby" not in printed:
            printed = await standby.stdout.readline()
            assert printed, "it ended"
        assert await serving.revision() == OLDER
        await lease.release()
        while b"serves the archive from now on" not in printed:
            printed = await standby.stdout.readline()
            assert printed, "it ended"
        assert await serving.revision() == schema.HEAD
        standby.send_signal(signal.SIGTERM)
        await standby.communicate()
        assert standby.returncode == 0
    finally:
        if standby.returncode is None:
            standby.kill()
            await standby.wait()
        await serving.close()


async def test_a_database_of_a_newer_version_is_one_clear_line_and_no_reason_to_restart(
    terminal: Terminal, database_url: str
) -> None:
    database = await migrated(database_url)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.run_sync(lambda sync: note_oldest_program(sync, "9999"))
    await database.close()
    printed = await terminal.run("run", status=NO_RESTART, DATABASE_URL=database_url)
    assert printed.count("\n") == 1
    assert "newer version" in printed
    unit = (ROOT / "deploy/systemd/onnews.service").read_text()
    assert f"RestartPreventExitStatus={NO_RESTART}" in unit


async def test_a_copy_that_cannot_be_kept_leaves_the_tables_as_they_were(
    older: Database, caplog: pytest.LogCaptureFixture
) -> None:
    if older.path is None:
        pytest.skip("a copy is kept of a file")
    migrate.copy_of(older.path, OLDER).mkdir()
    with pytest.raises(migrate.MigrationError, match="nothing was changed"):
        await open_migrated(Database(url(older)))
    assert await revision(older) == OLDER
    assert not list(older.path.parent.glob("*.new"))
    assert "is kept in" not in caplog.text


async def test_a_dry_run_makes_no_file(terminal: Terminal) -> None:
    printed = await terminal.run("migrate", "--dry-run")
    assert "the first start creates it" in printed
    assert not (terminal.folder / "onnews.db").exists()


async def emptied(url: str) -> Database:
    """Return an open database without tables."""
    database = await migrated(url)
    async with database.writing() as connection:
        await connection.run_sync(migrate.to_nothing)
    return database


async def test_tables_that_another_process_makes_meanwhile_are_no_other_programs(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await emptied(postgresql_url)
    seen: list[Connection] = []

    async def make() -> None:
        other = await migrated(postgresql_url)
        await other.close()

    def look(connection: Connection) -> bool:
        if not seen:
            seen.append(connection)
            with ThreadPoolExecutor(1) as another:
                another.submit(asyncio.run, make()).result()
        return has_our_tables(connection)

    monkeypatch.setattr(migrate, "has_our_tables", look)
    assert await migrate.steps_for(database) == ()
    await database.close()


async def test_two_simultaneous_first_starts_both_succeed(
    terminal: Terminal, postgresql_url: str
) -> None:
    await (await emptied(postgresql_url)).close()
    for address in (terminal.env["DATABASE_URL"], postgresql_url):
        both = [
            await terminal.start(
                *("sources", "add", f"Paper {number}", f"https://paper.example/{number}"),
                "--unchecked",
                DATABASE_URL=address,
            )
            for number in range(2)
        ]
        for each in both:
            output, _ = await each.communicate()
            assert each.returncode == 0, output.decode()
        database = await migrated(address)
        found = [source.url for source in await Sources(database).all()]
        await database.close()
        assert len(found) == len(set(found)) > 0


READING = (
    ("sources", "list"),
    ("sources", "export", "-", "--format", "toml"),
    ("deliveries",),
    ("digest", "cost"),
    ("digest", "preview", "--for", "1"),
    ("explain", "1"),
    ("backup", "-"),
)


async def test_a_reading_command_leaves_an_older_database_unchanged(
    terminal: Terminal, older: Database
) -> None:
    path = older.path
    before = path.read_bytes() if path is not None else b""
    for words in READING:
        printed = await terminal.run(*words, status=1, DATABASE_URL=url(older))
        assert f"of an older version (revision {OLDER}; this one needs {schema.HEAD})" in printed
        assert "`onnews migrate` updates them" in printed
        assert await revision(older) == OLDER, words
        if path is not None:
            assert path.read_bytes() == before, words
