"""A primary that dies, freezes or accepts no more writes while a standby of it is promoted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, make_url, select

from storage.db import postgres
from storage.db.database import Database
from storage.db.outage import DatabaseUnavailableError, Outage, patiently
from storage.serving.lease import Lease, LeaseLostError
from storage.tables.schema import meta
from tests.plugins.databases import tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bench.harness.postgresql import DatabaseServer

LONG_ENOUGH = 120.0
QUICK = 2.5
"""Seconds of a lease, whose renewal then waits for half a second."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until an outage is noticed and until its end is."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.1, "steady": 0.0})
    monkeypatch.setattr(postgres, "LASTING", 0.2)
    monkeypatch.setattr(postgres, "PROBE", LONG_ENOUGH)


@pytest.fixture
def standby(mortal: DatabaseServer) -> Iterator[DatabaseServer]:
    made = mortal.standby()
    yield made
    made.remove()


@pytest.fixture
async def database(
    mortal: DatabaseServer, standby: DatabaseServer, postgresql_url: str
) -> AsyncIterator[Database]:
    """A database whose address names the primary and its standby."""
    name = make_url(postgresql_url).database
    hosts = f"{mortal.folder},{standby.folder}"
    # Longer than the test may last: a host that is silent is not waited for.
    found = Database(f"postgresql://postgres@/{name}?host={hosts}&connect_timeout=600")
    await found.open()
    yield found
    await found.close()


async def put(database: Database, key: str) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(meta).values(key=key, value=key))


async def has(database: Database, key: str) -> bool:
    async with database.reading() as connection:
        return (
            await connection.execute(select(meta.c.key).where(meta.c.key == key))
        ).first() is not None


async def refused(database: Database) -> DatabaseUnavailableError:
    """Write until that fails."""
    number = 0
    while True:
        try:
            await put(database, f"refused {(number := number + 1)}")
        except DatabaseUnavailableError as error:
            return error


async def renewed(lease: Lease) -> None:
    """Renew a lease, as often as it takes."""
    while True:
        try:
            return await lease.renew()
        except LeaseLostError:
            raise
        except Exception:  # noqa: BLE001 - it is tried again after any error, as a standby does
            await asyncio.sleep(0.01)


async def arrived(standby: DatabaseServer, database: Database, key: str) -> None:
    """Wait until a key has reached the standby."""
    there = Database(f"postgresql://postgres@/{database.address.database}?host={standby.folder}")
    await there.open()
    while not await has(there, key):  # noqa: ASYNC110 - the standby has no event for it
        await asyncio.sleep(0.01)
    await there.close()


@pytest.mark.parametrize("fate", ["killed", "frozen", "read-only"])
async def test_the_promoted_standby_is_used_from_then_on(
    mortal: DatabaseServer,
    standby: DatabaseServer,
    database: Database,
    fate: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lease = Lease(database, seconds=QUICK)
    assert await lease.secure()
    assert await lease.begin()
    async with asyncio.timeout(LONG_ENOUGH):
        await put(database, "before")
        await arrived(standby, database, "before")
        if fate == "killed":
            mortal.kill()
        elif fate == "frozen":
            monkeypatch.setattr(postgres, "ANSWER", 0.5)
            mortal.freeze()
        else:
            # As a managed database does with a primary that is about to be replaced.
            await tell(mortal.url, "ALTER SYSTEM SET default_transaction_read_only = on")
            await tell(mortal.url, "SELECT pg_reload_conf()")
        try:
            error = await refused(database)
            await tell(standby.url, "SELECT pg_promote()")
            await error.over()
            await patiently(lambda: put(database, "after"))
            assert await has(database, "before")
            await renewed(lease)
            await arrived(standby, database, "after")
        finally:
            if fate == "frozen":
                mortal.thaw()
            if fate == "read-only":
                off = "SET default_transaction_read_only = off"
                await tell(mortal.url, off, "ALTER SYSTEM RESET default_transaction_read_only")
                await tell(mortal.url, "SELECT pg_reload_conf()")
    await lease.release()
