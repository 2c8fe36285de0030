"""Fixtures for a fresh, migrated database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bench.harness.postgresql import DatabaseServer
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.tables.table_version import OLDEST_PROGRAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
    from sqlalchemy.pool import ConnectionPoolEntry

TEMPLATE = "onnews_template"
CLEANER = "on-news tests"
"""The `application_name` of the sessions that empty databases, which outlive tests."""
MOST_STATEMENTS = 5_000
"""Compiled statements kept at most."""


async def migrated(url: str) -> Database:
    """Open a database once it has its tables."""
    database = Database(url)
    await open_migrated(database)
    return database


async def _migrate(url: str) -> None:
    await (await migrated(url)).close()


@asynccontextmanager
async def locked_file(path: Path | None) -> AsyncIterator[None]:
    """Hold a write lock on an SQLite file as another program.

    The lock is waited for in a thread: the bot under test may be amid a write, and ends it in the
    event loop.
    """
    assert path is not None
    with closing(sqlite3.connect(path, timeout=60, check_same_thread=False)) as other:
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield


async def tell(server: str, *statements: str) -> None:
    """Execute statements on a PostgreSQL server, outside a transaction."""
    engine = create_async_engine(
        make_url(server).set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session", autouse=True)
def backwards() -> Iterator[None]:
    """Make SQLite reverse rows whose order a query leaves open.

    Code that relies on an unrequested order then always fails.
    """

    def reverse(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        if "sqlite" in type(connection).__module__:
            cursor = connection.cursor()
            cursor.execute("PRAGMA reverse_unordered_selects = ON")
            cursor.close()

    event.listen(Engine, "connect", reverse)
    yield
    event.remove(Engine, "connect", reverse)


class Statements:
    """Compiled statements, shared by all engines of a kind.

    SQLAlchemy keeps them in each engine, so each test would compile all its statements again. That
    took a quarter of the time of tests with a database.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[Any, ...], Any] = {}

    def get(self, key: tuple[Any, ...]) -> object:
        """Return a compiled statement, or None."""
        return self._compiled.get(self._of_kind(*key))

    def __setitem__(self, key: tuple[Any, ...], compiled: object) -> None:
        if len(self._compiled) >= MOST_STATEMENTS:
            self._compiled.clear()
        self._compiled[self._of_kind(*key)] = compiled

    @staticmethod
    def _of_kind(dialect: Dialect, *statement: object) -> tuple[object, ...]:
        """Return a key for what the dialects of several engines have in common."""
        version = getattr(dialect, "server_version_info", None)
        return (type(dialect), dialect.statement_compiler, version, *statement)


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[Statements]:
    """Share compiled statements between the engines of all tests."""
    shared = Statements()

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=shared)

    event.listen(Engine, "engine_connect", share)
    yield shared
    event.remove(Engine, "engine_connect", share)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "onnews.db"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh, migrated SQLite file."""
    path = tmp_path / "onnews.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_process() -> Iterator[DatabaseServer]:
    """A PostgreSQL server for this run; tests that stop it start it again."""
    server = DatabaseServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a PostgreSQL server with a migrated template database.

    TEST_DATABASE_URL may name one whose user may create databases; otherwise one is started.
    """
    named = os.environ.get("TEST_DATABASE_URL")
    if not named:
        server: DatabaseServer = request.getfixturevalue("postgresql_process")
        named = server.url
    yield from _with_template(named)


@pytest.fixture
def mortal(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[DatabaseServer]:
    """The server of `postgresql_url`, which a test may kill; it is restarted afterwards."""
    del postgresql_url  # whose end needs the server: so this one ends before
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("a server that somebody else needs is not killed")
    server: DatabaseServer = request.getfixturevalue("postgresql_process")
    yield server
    if not server.is_running():
        server.start()


def _with_template(server: str) -> Iterator[str]:
    # Several workers may share one server.
    template = f"{TEMPLATE}_{secrets.token_hex(4)}"
    asyncio.run(tell(server, f"CREATE DATABASE {template}"))
    asyncio.run(_migrate(_named(server, template)))
    yield _named(server, template)
    asyncio.run(tell(server, f"DROP DATABASE {template}"))


# What a database is like, but for its rows: tables, what the planner knows of them, and settings.
LIKENESS = """
SELECT concat_ws(' ',
    (SELECT string_agg(version_num, ' ') FROM alembic_version),
    (SELECT number FROM changes WHERE topic = 'oldest program'),
    (SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid,
            a.attnotnull, a.atthasdef), ' ' ORDER BY c.relname, a.attnum))
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace),
    (SELECT md5(string_agg(concat_ws(' ', tgname, tgenabled), ' ' ORDER BY oid)) FROM pg_trigger),
    (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
    (SELECT count(*) FROM pg_statistic JOIN pg_class c ON c.oid = starelid
        WHERE c.relnamespace = 'public'::regnamespace),
    (SELECT count(*) FROM pg_db_role_setting)
)
"""
LARGEST = """
SELECT max(pg_relation_size(oid)) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
FEW_BYTES = 10 * 8192
"""Up to this table size, PostgreSQL plans as for an empty table."""
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND relname NOT IN ('alembic_version', 'changes') AND pg_relation_size(oid) > 0
"""
# Migrations write this one row.
KEEP_OLDEST = f"DELETE FROM changes WHERE topic <> '{OLDEST_PROGRAM}'"  # noqa: S608 - a fixed text
COUNT_ANEW = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


class Databases:
    """Databases of one server, each a copy of the template.

    Copying takes ten times longer than emptying. So a database with unchanged tables and settings
    is emptied for the next test, if the server allows it; any other is dropped. The connection that
    empties it stays open, in an event loop that runs only between tests, because connecting and
    reading the catalogue for the first time take longer than emptying.
    """

    def __init__(self, template: str) -> None:
        self._template = template
        self._admin = _named(template, "postgres")
        self._empty: list[str] = []
        self._likeness: str | None = None
        self._loop = asyncio.new_event_loop()
        self._cleaners: dict[str, Any] = {}

    def take(self) -> str:
        """Return the name of an empty database."""
        return self._empty.pop() if self._empty else self._loop.run_until_complete(self._copy())

    def give_back(self, name: str) -> None:
        """Take back a database in any condition."""
        self._loop.run_until_complete(self._give_back(name))

    def drop(self) -> None:
        """Drop the databases that are kept for other tests."""
        for name in self._empty:
            self._loop.run_until_complete(self._drop(name))
        self._loop.close()

    async def _copy(self) -> str:
        name = f"onnews_{secrets.token_hex(6)}"
        original = make_url(self._template).database
        await tell(self._admin, f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY FILE_COPY")
        if self._likeness is None:
            self._likeness = await (await self._cleaner(name)).fetchval(LIKENESS)
        return name

    async def _give_back(self, name: str) -> None:
        emptied = await self._emptied(name)
        if emptied is None:
            # The test may have killed the server, and with it the connection from before.
            emptied = await self._emptied(name)
        if emptied:
            self._empty.append(name)
        else:
            await self._drop(name)

    async def _drop(self, name: str) -> None:
        if name in self._cleaners:
            self._cleaners.pop(name).terminate()
        await tell(self._admin, f"DROP DATABASE {name} WITH (FORCE)")

    async def _cleaner(self, name: str) -> Any:  # noqa: ANN401  # asyncpg has no types
        if name not in self._cleaners:
            self._cleaners[name] = await asyncpg.connect(
                _named(self._template, name),
                server_settings={"application_name": CLEANER},
                max_cached_statement_lifetime=0,
            )
        return self._cleaners[name]

    async def _emptied(self, name: str) -> bool | None:
        """Empty a database. Return whether it is like the template, or None after an error."""
        try:
            cleaner = await self._cleaner(name)
            await cleaner.execute(END_OTHERS)
            if (
                await cleaner.fetchval(LIKENESS) != self._likeness
                or await cleaner.fetchval(LARGEST) > FEW_BYTES
            ):
                return False
            tables = [row[0] for row in await cleaner.fetch(TABLES)]
            # Without looking at references, and without triggers.
            await cleaner.execute(
                "; ".join(
                    [
                        "SET session_replication_role = replica",
                        # The server itself names them.
                        *(f"DELETE FROM {table}" for table in tables),  # noqa: S608
                        KEEP_OLDEST,
                        COUNT_ANEW,
                    ]
                )
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            if name in self._cleaners:
                self._cleaners.pop(name).terminate()
            return None
        return True


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: str) -> Iterator[Databases]:
    """The pool of PostgreSQL databases for tests."""
    databases = Databases(postgresql_server)
    yield databases
    databases.drop()


@pytest.fixture
def postgresql_url(postgresql_databases: Databases, postgresql_server: str) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    name = postgresql_databases.take()
    yield _named(postgresql_server, name)
    postgresql_databases.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def lite(sqlite_url: str) -> AsyncIterator[Database]:
    """An open, empty SQLite database."""
    database = await migrated(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
async def served(postgresql_url: str) -> AsyncIterator[Database]:
    """An open, empty PostgreSQL database."""
    database = await migrated(postgresql_url)
    yield database
    await database.close()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database; the test runs once on each kind."""
    database = await migrated(database_url)
    yield database
    await database.close()
