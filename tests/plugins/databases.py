"""Fixtures: a fresh, migrated database for a test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from tests.plugins.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

TEMPLATE = "onnews_template"


async def _migrate(url: str) -> None:
    database = Database(url)
    await open_migrated(database)
    await database.close()


async def tell(server: str, *statements: str) -> None:
    """Run statements on a PostgreSQL server, outside a transaction."""
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
    """Have SQLite give rows backwards wherever a query leaves their order open.

    So whatever counts on an order that nobody asked for fails, and not on a bad day alone.
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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to make copies of."""
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
def postgresql_process() -> Iterator[Server]:
    """A PostgreSQL server of this run's own; whoever stops it starts it again."""
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a PostgreSQL server that has a migrated template database.

    TEST_DATABASE_URL names one whose user may create databases; without it, one is started.
    """
    named = os.environ.get("TEST_DATABASE_URL")
    if not named:
        server: Server = request.getfixturevalue("postgresql_process")
        named = server.url
    yield from _with_template(named)


@pytest.fixture
def mortal(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[Server]:
    """The server of `postgresql_url`, which a test may kill: it is up again afterwards."""
    del postgresql_url  # whose end needs the server: so this one ends before
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("a server that somebody else needs is not killed")
    server: Server = request.getfixturevalue("postgresql_process")
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
"""As long as a table is no larger, PostgreSQL plans as if it were empty."""
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""
COUNT_ANEW = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


class Databases:
    """Databases of one server, each a copy of the template.

    To copy one takes ten times longer than to empty it. So what a test leaves with the same tables
    and settings is emptied for the next one, where the server lets us; anything else is dropped.
    """

    def __init__(self, template: str) -> None:
        self._template = template
        self._admin = _named(template, "postgres")
        self._empty: list[str] = []
        self._likeness: str | None = None

    async def take(self) -> str:
        """The name of a database without a row in it."""
        if self._empty:
            return self._empty.pop()
        name = f"onnews_{secrets.token_hex(6)}"
        original = make_url(self._template).database
        await tell(self._admin, f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY FILE_COPY")
        if self._likeness is None:
            connection = await asyncpg.connect(_named(self._template, name))
            self._likeness = await connection.fetchval(LIKENESS)
            await connection.close()
        return name

    async def give_back(self, name: str) -> None:
        """Take back a database, whatever has become of it."""
        if await self._emptied(name):
            self._empty.append(name)
        else:
            await tell(self._admin, f"DROP DATABASE {name} WITH (FORCE)")

    async def drop(self) -> None:
        """Drop those that wait for another test."""
        await tell(self._admin, *(f"DROP DATABASE {name} WITH (FORCE)" for name in self._empty))

    async def _emptied(self, name: str) -> bool:
        try:
            connection = await asyncpg.connect(_named(self._template, name))
        except asyncpg.PostgresError:
            return False
        try:
            await connection.execute(END_OTHERS)
            if (
                await connection.fetchval(LIKENESS) != self._likeness
                or await connection.fetchval(LARGEST) > FEW_BYTES
            ):
                return False
            tables = [row[0] for row in await connection.fetch(TABLES)]
            # Without looking at references, and without triggers.
            await connection.execute(
                "; ".join(
                    [
                        "SET session_replication_role = replica",
                        # The server itself names them.
                        *(f"DELETE FROM {table}" for table in tables),  # noqa: S608
                        COUNT_ANEW,
                    ]
                )
            )
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()
        return True


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: str) -> Iterator[Databases]:
    """Where tests take their PostgreSQL databases from."""
    databases = Databases(postgresql_server)
    yield databases
    asyncio.run(databases.drop())


@pytest.fixture
async def postgresql_url(
    postgresql_databases: Databases, postgresql_server: str
) -> AsyncIterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    name = await postgresql_databases.take()
    yield _named(postgresql_server, name)
    await postgresql_databases.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: each test runs once on either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def lite(sqlite_url: str) -> AsyncIterator[Database]:
    """An open SQLite database without a row in it."""
    database = Database(sqlite_url)
    await open_migrated(database)
    yield database
    await database.close()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database without a row in it: each test runs once on either kind."""
    database = Database(database_url)
    await open_migrated(database)
    yield database
    await database.close()
