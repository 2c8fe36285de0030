"""An SQLite file that is deleted or replaced under the process that has it open."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from storage.db.outage import DatabaseUnavailableError, Outage, patiently
from storage.db.sqlite.damage import LostFileError
from storage.db.sqlite.file import OpenFile
from storage.serving.lease import Lease
from storage.tables.schema import meta
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from storage.db.database import Database

LONG_ENOUGH = 120


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice at once that a database is well again."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.02, "steady": 0.0})


class Archive:
    """A database in a file of its own."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self.database = database

    async def put(self, key: str) -> None:
        await self.database.write(
            lambda connection: connection.execute(insert(meta).values(key=key, value=key))
        )

    async def keys(self) -> set[str]:
        found = await self.database.read(
            lambda connection: connection.execute(select(meta.c.key)).scalars().all()
        )
        return {key for key in found if len(key) == 1}


@pytest.fixture
async def archive(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Archive]:
    path = tmp_path / "var" / "onnews.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    database = await migrated(f"sqlite:///{path}")
    archive = Archive(path, database)
    await archive.put("a")
    await archive.keys()
    yield archive
    await database.close()


def keys_in(path: Path) -> set[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as there:
        return {key for (key,) in there.execute("SELECT key FROM meta") if len(key) == 1}


def delete_alone(path: Path) -> None:
    path.unlink()


def delete_all(path: Path) -> None:
    for file in path.parent.glob("onnews.db*"):
        file.unlink()


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def empty(path: Path) -> None:
    """Leave what opening a missing name creates."""
    path.unlink()
    path.touch()


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


@pytest.mark.parametrize("how", [delete_alone, delete_all, delete_folder, empty, move])
async def test_a_deleted_file_is_not_reopened_and_ends_the_process_with_advice(
    archive: Archive, how: Callable[[Path], None]
) -> None:
    how(archive.path)
    for use in (archive.keys, lambda: archive.put("b")):
        with pytest.raises(DatabaseUnavailableError) as caught:
            await use()
        assert "was deleted while ON News ran" in caught.value.reason
        assert not caught.value.passes
    error = await asyncio.wait_for(archive.database.unusable(), LONG_ENOUGH)
    assert isinstance(error, LostFileError)
    assert str(error).startswith(f"The database file {archive.path} was deleted")
    assert "`onnews restore FILE`" in str(error)
    await archive.database.close()
    # No log is left that SQLite would apply to a file put there later.
    assert not list(archive.path.parent.glob("onnews.db-*"))


async def test_a_file_deleted_under_a_running_statement_ends_the_process_too(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look before a use has passed, so SQLite's own error is the first that is noticed."""
    with monkeypatch.context() as passed:
        passed.setattr(OpenFile, "failure", lambda _self: None)
        archive.path.unlink()
        with pytest.raises(DatabaseUnavailableError):
            await archive.database.snapshot(
                lambda connection: connection.execute(select(meta.c.key))
            )
    assert not archive.path.exists()
    error = await asyncio.wait_for(archive.database.unusable(), LONG_ENOUGH)
    assert str(error).startswith(f"The database file {archive.path} was deleted")


async def test_a_file_put_in_the_place_of_another_is_left_as_it_is(
    archive: Archive, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other, isolation_level=None)) as there:
        there.execute("CREATE TABLE meta (key, value)")
        there.execute("INSERT INTO meta VALUES ('z', '')")
    other.replace(archive.path)
    with pytest.raises(DatabaseUnavailableError, match="was replaced by another file"):
        await archive.put("b")
    assert isinstance(
        await asyncio.wait_for(archive.database.unusable(), LONG_ENOUGH), LostFileError
    )
    await archive.database.close()
    assert keys_in(archive.path) == {"z"}
    assert not list(archive.path.parent.glob("onnews.db-*"))


async def test_a_file_on_a_missing_disk_works_again_after_the_disk_returns(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = archive.path.with_name("elsewhere.db")
    with monkeypatch.context() as unmounted:
        unmounted.setattr(OpenFile, "_is_same_disk", lambda _: False)
        archive.path.rename(elsewhere)
        with pytest.raises(DatabaseUnavailableError, match="the disk of the database file"):
            await archive.put("b")
        assert not archive.path.exists()
        elsewhere.rename(archive.path)
    await patiently(lambda: archive.put("b"))
    assert keys_in(archive.path) == {"a", "b"}


async def test_no_process_asks_for_the_lease_in_another_file(archive: Archive) -> None:
    archive.database.fence = 1
    lease = Lease(archive.database)
    assert await lease.secure()
    assert await lease.begin()
    shutil.rmtree(archive.path.parent)
    with pytest.raises(DatabaseUnavailableError):
        await lease.renew()
    assert not archive.path.exists()
