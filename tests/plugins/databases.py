"""Fixtures: a fresh, migrated database for a test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.database import Database
from tests.plugins.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

TEMPLATE = "onnews_template"


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.open()
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


@pytest.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    url = make_url(postgresql_server)
    name = f"onnews_{secrets.token_hex(6)}"
    admin = _named(postgresql_server, "postgres")
    await tell(admin, f"CREATE DATABASE {name} TEMPLATE {url.database} STRATEGY FILE_COPY")
    yield _named(postgresql_server, name)
    await tell(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: each test runs once on either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database without a row in it: each test runs once on either kind."""
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()
