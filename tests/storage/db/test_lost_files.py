"""An SQLite file that is deleted or replaced under a running process."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from storage.db.database import Database, DatabaseUnavailableError
from storage.db.lost_file import FileFate, LostFile, OpenFile
from storage.db.outage import DatabaseFailure, Outage, patiently
from storage.migrations.open_migrated import open_migrated
from storage.serving.lease import Lease
from storage.serving.lock import ServingLock
from storage.tables.schema import meta

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

LONG_ENOUGH = 120


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time until a database counts as available, and until the next try."""
    monkeypatch.setattr(Outage.__init__, "__kwdefaults__", {"every": 0.02, "steady": 0.0})
    monkeypatch.setattr("storage.db.kept_file.AGAIN", 0.0)


class Archive:
    """A file, the process that serves it, and the losses that it reports."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self.database = database
        self.heard: asyncio.Queue[LostFile] = asyncio.Queue()
        database.on_lost_file(self.heard.put)

    async def put(self, key: str) -> None:
        await self.database.at_once(
            lambda connection: connection.execute(insert(meta).values(key=key, value=key))
        )

    async def keys(self) -> set[str]:
        found = await self.database.look(
            lambda connection: connection.execute(select(meta.c.key)).scalars().all()
        )
        return {key for key in found if len(key) == 1}

    async def hear(self) -> LostFile:
        return await asyncio.wait_for(self.heard.get(), LONG_ENOUGH)

    async def trouble_with(self, words: str) -> DatabaseFailure:
        """Return the error of using the database, once it contains these words."""
        async with asyncio.timeout(LONG_ENOUGH):
            while (failure := self.database.failure) is None or words not in str(failure):  # noqa: ASYNC110 - it says of no change
                await asyncio.sleep(0.01)
        return failure


@pytest.fixture
async def archive(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Archive]:
    path = tmp_path / "var" / "onnews.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    await open_migrated(database)
    database.fence = 1
    archive = Archive(path, database)
    await archive.put("a")
    await archive.keys()
    yield archive
    await database.close()


def keys_in(path: Path) -> set[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as there:
        return {key for (key,) in there.execute("SELECT key FROM meta") if len(key) == 1}


def delete_all(path: Path) -> None:
    for file in path.parent.glob("onnews.db*"):
        file.unlink()


def delete_alone(path: Path) -> None:
    path.unlink()


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def empty(path: Path) -> None:
    """Leave an empty file, as opening a missing name does."""
    path.unlink()
    path.touch()


@pytest.mark.parametrize("how", [delete_alone, delete_all, delete_folder, empty])
async def test_a_deleted_file_is_restored_completely(
    archive: Archive, how: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    how(archive.path)
    await patiently(lambda: archive.put("b"))
    assert await archive.keys() == {"a", "b"}
    assert keys_in(archive.path) == {"a", "b"}
    assert archive.path.stat().st_mode & 0o077 == 0
    assert await archive.hear() == LostFile(archive.path, FileFate.DELETED, archive.path)
    assert f"the database file {archive.path} was deleted while ON News ran" in caplog.text
    assert f"{archive.path} was restored with all its content" in caplog.text
    assert not list(archive.path.parent.glob("*.saved-*"))
    # A second time, and a reader notices it too.
    how(archive.path)
    assert await patiently(archive.keys) == {"a", "b"}
    await archive.hear()
    await archive.database.close()
    assert keys_in(archive.path) == {"a", "b"}
    assert archive.heard.empty()


async def test_a_replaced_file_is_saved_and_its_replacement_kept(
    archive: Archive, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other, isolation_level=None)) as there:
        there.execute("CREATE TABLE meta (key, value)")
        there.execute("INSERT INTO meta VALUES ('z', '')")
    other.replace(archive.path)
    for use in (archive.keys, lambda: archive.put("b")):
        with pytest.raises(DatabaseUnavailableError) as caught:
            await use()
        assert "another file was put in the place of the database file" in caught.value.reason
    lost = await archive.hear()
    assert lost.fate is FileFate.REPLACED
    assert lost.saved is not None
    assert keys_in(lost.saved) == {"a"}
    failure = await archive.trouble_with(str(lost.saved))
    assert failure.advice == f"Its content is in {lost.saved}."
    # The log of the one before is gone: SQLite would have written it into the other one.
    assert keys_in(archive.path) == {"z"}
    await archive.database.close()
    assert keys_in(archive.path) == {"z"}
    assert [each.name for each in archive.path.parent.glob("*.saved-*")] == [lost.saved.name]


async def test_a_database_whose_file_was_moved_is_restored_completely(archive: Archive) -> None:
    moved = archive.path.with_name("moved.db")
    archive.path.rename(moved)
    await patiently(lambda: archive.put("b"))
    assert keys_in(moved) == {"a"}
    assert await archive.keys() == {"a", "b"}


async def test_a_failed_rescue_of_the_file_is_retried(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, save = asyncio.Event(), OpenFile.save
    full.set()

    def save_if_there_is_room(file: OpenFile) -> Path:
        if full.is_set():
            raise OSError(28, "No space left on device")
        return save(file)

    monkeypatch.setattr(OpenFile, "save", save_if_there_is_room)
    archive.path.unlink()
    with pytest.raises(DatabaseUnavailableError):
        await archive.put("b")
    lost = await archive.hear()
    assert lost.problem == "No space left on device"
    failure = await archive.trouble_with("cannot be saved (No space left on device)")
    assert "Do not stop it before" in failure.advice
    full.clear()
    await patiently(lambda: archive.put("b"))
    assert keys_in(archive.path) == {"a", "b"}
    assert (await archive.hear()).saved == archive.path


async def test_a_file_on_an_absent_disk_is_waited_for(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = archive.path.with_name("elsewhere.db")
    with monkeypatch.context() as unmounted:
        unmounted.setattr(OpenFile, "_is_same_disk", lambda _: False)
        archive.path.rename(elsewhere)
        with pytest.raises(DatabaseUnavailableError, match="the disk of the database file"):
            await archive.put("b")
        assert (await archive.hear()).fate is FileFate.AWAY
        assert not archive.path.exists()
        elsewhere.rename(archive.path)
    await patiently(lambda: archive.put("b"))
    assert keys_in(archive.path) == {"a", "b"}


async def test_a_standby_continues_with_the_restored_file(
    archive: Archive,
) -> None:
    standby = Archive(archive.path, Database(f"sqlite:///{archive.path}"))
    await open_migrated(standby.database)
    try:
        assert await standby.keys() == {"a"}
        archive.path.unlink()
        with pytest.raises(DatabaseUnavailableError) as caught:
            await standby.keys()
        assert not archive.path.exists()
        assert "The process that serves restores it" in caught.value.advice
        await patiently(lambda: archive.put("b"))
        assert await patiently(standby.keys) == {"a", "b"}
        assert standby.heard.empty()
    finally:
        await standby.database.close()


async def test_the_lease_and_its_lock_return_with_the_restored_file(
    archive: Archive,
) -> None:
    lock = ServingLock(archive.database)
    lease = Lease(archive.database, lock)
    assert await lease.secure()
    assert await lease.begin()
    shutil.rmtree(archive.path.parent)
    with pytest.raises(DatabaseUnavailableError):
        await lease.renew()
    assert not lock.is_taken
    await patiently(lease.renew)
    assert lease.is_valid
    assert lock.is_taken
    rival = Database(f"sqlite:///{archive.path}")
    assert not await ServingLock(rival).take()
    await lease.release()
