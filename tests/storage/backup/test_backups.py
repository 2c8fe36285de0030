"""Backups, written from one database and restored into another of either kind."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import stat
import sys
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    delete,
    insert,
    select,
    text,
)

from storage.articles.articles import Articles
from storage.backup import form
from storage.backup.form import DamagedError, NewerError
from storage.backup.read import RestoreError, restore
from storage.backup.write import BackupError, BrokenOffError, back_up, check
from storage.db.dialect import insert_new
from storage.db.key_value import KeyValue
from storage.migrations import migrate
from storage.model import ChatKind, Level
from storage.readers.saved import Saved
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from storage.tables import schema
from storage.tables.columns import Utc
from storage.tables.table_version import revision
from tests.plugins.archive import FIRST, Archive, registered
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection

    from storage.db.database import Database

ROOT = Path(__file__).parents[3]
LONG_ENOUGH = 120
NOW = FIRST + timedelta(days=3)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await migrated(url)
    try:
        yield database
    finally:
        await database.close()


async def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table in a backup."""

    def read(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in form.kept_tables()
        }

    return await database.read(read)


async def reader_with_everything(archive: Archive) -> int:
    """Create a reader who follows, mutes, saved and shared, and an unusual article."""
    await archive.store(
        archive.article("Plain", minutes=1, body="A body.", categories=("motor", "style")),
        archive.article('Quotes " and \\ and\nlines ¦ 高級時計 🎩', minutes=2, language="zh"),
    )
    await KeyValue(archive.db).put("a note", "its text")
    readers = Subscribers(archive.db)
    reader = await registered(readers, -(10**12), NOW, kind=ChatKind.GROUP, language="it")
    await readers.follow(reader.id, "motor", alerts=True)
    await readers.mute_word(reader.id, "élite")
    await readers.set_level(reader.id, 1, Level.OFF)
    await readers.set_level(reader.id, "motor", Level.LESS)
    await readers.set_level(reader.id, "style", Level.MORE)
    await readers.set_only_large(reader.id, "motor", on=True)
    await Saved(archive.db).add(reader.id, 1, NOW)
    await Shares(archive.db).link(reader.id, 2, NOW)
    return reader.id


async def test_a_backup_restores_identically_into_either_database(
    archive: Archive, tmp_path: Path, sqlite_template: Path, postgresql_url: str
) -> None:
    await reader_with_everything(archive)
    file = tmp_path / "all.backup"
    header = await back_up(archive.db, file, NOW)
    assert header.counts["articles"] == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shutil.copy(sqlite_template, tmp_path / "new.db")
    there = await content(archive.db)
    assert all(
        there[name]
        for name in ("meta", "articles", "bodies", "saved", "shares", "follows", "levels")
    )
    for url in (f"sqlite:///{tmp_path}/new.db", postgresql_url):
        if archive.db.dialect == "postgresql" and url == postgresql_url:
            continue  # that is where it comes from
        async with opened(url) as new:
            assert await restore(new, file) == header
            assert await content(new) == there
            assert [one.title for one in await Articles(new).search("body", limit=9)] == ["Plain"]
            # New rows are numbered from the last one on.
            other, fresh = await Subscribers(new).ensure(
                5, kind=ChatKind.PRIVATE, language="en", zone="UTC", digest_minute=0, now=NOW
            )
            assert fresh
            assert other.id == 2


LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])


@cache
def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(LETTERS, max_size=longest)


def rows_of(table: Table, there: dict[str, list[dict[str, Any]]]) -> st.SearchStrategy[Any]:
    """Insert some rows into a table whose parent rows exist."""

    def values(column: Column[Any]) -> st.SearchStrategy[Any]:
        for key in column.foreign_keys:
            return st.sampled_from([row[key.column.name] for row in there[key.column.table.name]])
        kind = column.type
        if isinstance(kind, Utc):
            found: st.SearchStrategy[Any] = st.datetimes(
                FIRST.replace(tzinfo=None), timezones=st.just(UTC)
            )
        elif isinstance(kind, Boolean):
            found = st.booleans()
        elif isinstance(kind, Integer):
            large = 64 if isinstance(kind, BigInteger) else 32
            bits = 16 if isinstance(kind, SmallInteger) else large
            found = st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
            if column.primary_key:
                # Leave room for later ids: the largest integer has no successor.
                found = st.integers(1, min(2**40, 2 ** (bits - 1) - 1))
        elif isinstance(kind, Double):
            found = st.floats(allow_nan=False, allow_infinity=False)
        else:
            found = texts(getattr(kind, "length", None) or 40)
        return found | st.none() if column.nullable else found

    parents = {key.column.table.name for column in table.columns for key in column.foreign_keys}
    if not all(there[name] for name in parents):
        return st.just([])
    row = st.fixed_dictionaries({column.name: values(column) for column in table.columns})
    return st.lists(row, max_size=4)


async def fill(database: Database, data: st.DataObject) -> None:
    there: dict[str, list[dict[str, Any]]] = {}
    async with database.writing() as connection:
        for table in form.kept_tables():
            if rows := data.draw(rows_of(table, there)):
                await connection.execute(insert_new(table, database.dialect), rows)
            found = await connection.execute(select(table))
            there[table.name] = [dict(row) for row in found.mappings()]


async def empty(database: Database) -> None:
    async with database.writing() as connection:
        for table in reversed(form.kept_tables()):
            await connection.execute(delete(table))


@pytest.fixture
def pair(sqlite_url: str, postgresql_url: str) -> tuple[str, str]:
    return sqlite_url, postgresql_url


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_archive_survives_a_round_trip_between_databases(
    data: st.DataObject, pair: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("over")

    async def over_and_back() -> None:
        async with opened(pair[0]) as lite, opened(pair[1]) as postgresql:
            await empty(lite)
            await empty(postgresql)
            await fill(lite, data)
            there = await content(lite)
            await back_up(lite, folder / "over", NOW)
            await restore(postgresql, folder / "over")
            assert await content(postgresql) == there
            await back_up(postgresql, folder / "back", NOW)
            assert gzip.decompress((folder / "back").read_bytes()) == gzip.decompress(
                (folder / "over").read_bytes()
            )
            await empty(lite)
            await restore(lite, folder / "back")
            assert await content(lite) == there

    asyncio.run(over_and_back())


def read(path: Path) -> dict[str, list[list[list[Any]]]]:
    """Return the batches of each table of a backup."""
    with path.open("rb") as file:
        return {part.name: [*batches] for part, batches in form.BackupReader(file).tables()}


def left_over(folder: Path) -> list[str]:
    """Return the names of all finished and unfinished backup files."""
    return [path.name for path in folder.iterdir() if "file" in path.name]


WRITER = """
import asyncio, itertools, sys
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from tests.plugins.archive import Archive

async def write(url):
    database = Database(url)
    await open_migrated(database)
    archive = await Archive.on(database)
    for number in itertools.count():
        await archive.store(*(archive.article(f"{number} {i}", body="its body") for i in range(9)))
        print(number, flush=True)

asyncio.run(write(sys.argv[1]))
"""


async def process(code: str, *words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, *words), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )


async def killed(child: Process) -> None:
    child.kill()
    await child.communicate()


async def test_a_backup_during_writes_is_a_consistent_snapshot(
    database_url: str, tmp_path: Path
) -> None:
    child = await process(WRITER, database_url)
    assert child.stdout is not None
    lines = child.stdout
    loop = asyncio.get_running_loop()

    def once_more_was_written() -> bool:
        asyncio.run_coroutine_threadsafe(lines.readline(), loop).result(LONG_ENOUGH)
        return False

    try:
        for _ in range(60):
            assert await asyncio.wait_for(lines.readline(), LONG_ENOUGH)
        async with opened(database_url) as db:
            header = await back_up(db, tmp_path / "file", NOW, once_more_was_written)
    finally:
        await killed(child)
    assert header.counts["articles"] >= 540
    assert header.counts["articles"] % 9 == 0
    assert header.counts["bodies"] == header.counts["articles"]
    found = read(tmp_path / "file")
    ids = [{row[0] for rows in found[name] for row in rows} for name in ("articles", "bodies")]
    assert len(found["articles"]) > 2  # so others wrote while it was read
    assert ids[0] == ids[1]


KILLED = """
import asyncio, signal, sys
from pathlib import Path
from storage.articles import store_rounds
from storage.backup.read import restore
from storage.backup.write import back_up
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from tests.plugins.archive import FIRST

def pause(*_):
    print("amid", flush=True)
    signal.pause()

async def main(what, url, file):
    database = Database(url)
    await open_migrated(database)
    if what == "back up":
        await back_up(database, Path(file), FIRST, pause)
    else:
        store_rounds.index_all = pause
        await restore(database, Path(file))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_backup_leaves_the_earlier_one_intact(
    sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    async with opened(sqlite_url) as db:
        await (await Archive.on(db)).publish("One")
        before = await back_up(db, file, NOW)
        child = await process(KILLED, "back up", sqlite_url, str(file))
        assert child.stdout is not None
        assert await asyncio.wait_for(child.stdout.readline(), LONG_ENOUGH) == b"amid\n"
        await killed(child)
        assert check(file) == before
        (left,) = (tmp_path / name for name in left_over(tmp_path) if name != "file")
        assert left.name.startswith(".unfinished-")
        with pytest.raises(DamagedError, match="is incomplete"):
            check(left)


async def test_a_killed_restoration_leaves_an_empty_database_that_can_be_filled(
    archive: Archive, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # From either database into another of its kind.
    await reader_with_everything(archive)
    await back_up(archive.db, tmp_path / "file", NOW)
    there = await content(archive.db)
    async with archive.db.writing() as connection:
        for table in reversed(form.kept_tables()):
            await connection.execute(delete(table))
        if archive.db.dialect == "sqlite":
            await connection.execute(text("DELETE FROM article_search"))
    url: str = request.getfixturevalue("database_url")
    child = await process(KILLED, "restore", url, str(tmp_path / "file"))
    assert child.stdout is not None
    assert await asyncio.wait_for(child.stdout.readline(), LONG_ENOUGH) == b"amid\n"
    await killed(child)
    assert not any((await content(archive.db)).values())
    await restore(archive.db, tmp_path / "file")
    assert await content(archive.db) == there


async def test_a_database_with_anything_in_it_is_left_alone(
    archive: Archive, tmp_path: Path
) -> None:
    await archive.publish("One")
    await back_up(archive.db, tmp_path / "file", NOW)
    there = await content(archive.db)
    with pytest.raises(RestoreError, match=r"not empty: it has .*articles"):
        await restore(archive.db, tmp_path / "file")
    assert await content(archive.db) == there


@pytest.fixture
async def file(sqlite_url: str, tmp_path: Path) -> Path:
    """Write a backup of one article, then empty the database."""
    path = tmp_path / "file"
    async with opened(sqlite_url) as db:
        await (await Archive.on(db)).publish("One")
        await back_up(db, path, NOW)
        await empty(db)
    return path


def test_a_file_that_was_cut_or_changed_anywhere_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for length in (*range(0, len(whole), 97), len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(DamagedError):
            check(file)
    for at in range(0, len(whole), 61):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            check(file)
        except (DamagedError, NewerError):
            continue
        assert at < 10  # what gzip writes down about the file itself
    file.write_bytes(whole + whole)
    with pytest.raises(DamagedError, match="data after its end"):
        check(file)


@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_line_of_brackets_is_refused_as_damage(file: Path, place: int) -> None:
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    lines[place] = b"[" * 100_000 + b"\n"
    file.write_bytes(gzip.compress(b"".join(lines)))
    with pytest.raises(DamagedError):
        check(file)


def rewritten(file: Path, old: str, new: str) -> None:
    """Change a backup's text as somebody could who knows the format."""
    lines = gzip.decompress(file.read_bytes()).decode().replace(old, new).splitlines(keepends=True)
    trailer = json.loads(lines.pop())
    trailer["sha256"] = sha256("".join(lines).encode()).hexdigest()
    file.write_bytes(gzip.compress("".join([*lines, form.encode(trailer), "\n"]).encode()))


def test_a_row_that_was_changed_by_hand_is_refused(file: Path) -> None:
    rewritten(file, '"One"', '"Two"')
    with pytest.raises(DamagedError, match="checksum"):
        check(file)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"revision":"', '"revision":"9'), ('"format":1', '"format":2')],
    ids=["tables", "format"],
)
async def test_a_backup_of_a_newer_version_is_refused(
    sqlite_url: str, file: Path, old: str, new: str
) -> None:
    rewritten(file, old, new)
    async with opened(sqlite_url) as db:
        with pytest.raises(NewerError):
            await restore(db, file)


async def test_a_backup_with_unknown_tables_is_refused(sqlite_url: str, file: Path) -> None:
    rewritten(file, '"bodies"', '"alembic_version"')
    async with opened(sqlite_url) as db:
        with pytest.raises(RestoreError, match="not one of ON News"):
            await restore(db, file)
        assert not any((await content(db)).values())


async def test_an_older_backup_is_migrated(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.writing() as connection:
        await connection.run_sync(migrate.to_nothing)
        await connection.run_sync(lambda sync: migrate.to_revision(sync, migrate.FIRST))
        old = MetaData()
        await connection.run_sync(lambda sync: old.reflect(sync, only=["meta"]))
        await connection.execute(insert(old.tables["meta"]).values(key="a", value="note"))
    with monkeypatch.context() as patch:
        patch.setattr("storage.backup.write.HEAD", migrate.FIRST)
        patch.setattr(form, "kept_tables", lambda: (schema.meta,))
        await back_up(db, tmp_path / "old", NOW)
    async with db.writing() as connection:
        await connection.run_sync(migrate.to_head)
    await restore(db, tmp_path / "old")
    assert await KeyValue(db).get("a") == "note"
    async with db.reading() as connection:
        assert await connection.run_sync(revision) == schema.HEAD
    await (await Archive.on(db)).publish("Findable")
    assert [one.title for one in await Articles(db).search("findable", limit=9)] == ["Findable"]


async def test_a_backup_of_an_earlier_revision_is_refused_with_what_to_do(
    sqlite_url: str, file: Path
) -> None:
    rewritten(file, f'"revision":"{schema.HEAD}"', '"revision":"0039"')
    async with opened(sqlite_url) as db:
        with pytest.raises(RestoreError, match=r"revision is 0039.*run the version of commit"):
            await restore(db, file)
        assert not any((await content(db)).values())


async def test_a_stopped_or_failed_backup_leaves_no_file(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(BrokenOffError):
        await back_up(archive.db, tmp_path / "file", NOW, lambda: True)
    with pytest.raises(BackupError, match=r"cannot be written \(No such file"):
        await back_up(archive.db, tmp_path / "nowhere" / "file", NOW)
    assert not left_over(tmp_path)


async def test_the_snapshot_ends_before_the_file_is_verified(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await archive.publish("Gold rises")
    snapshot, is_open = archive.db.snapshot, False

    async def watched(work: Callable[[Connection], object]) -> object:
        nonlocal is_open
        is_open = True
        try:
            return await snapshot(work)
        finally:
            is_open = False

    seen: list[bool] = []

    def note() -> bool:
        seen.append(is_open)
        return False

    monkeypatch.setattr(archive.db, "snapshot", watched)
    await back_up(archive.db, tmp_path / "file", NOW, note, nice=10)
    assert {*seen[: len(seen) // 2]} == {True}
    assert {*seen[len(seen) // 2 :]} == {False}


async def test_a_table_is_read_a_few_rows_at_a_time(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "ROWS", 20)
    async with db.writing() as connection:
        await connection.execute(
            insert(schema.meta), [{"key": f"{number:03}", "value": ""} for number in range(90)]
        )

    def sizes(connection: Connection) -> list[int]:
        part = form.part_of(schema.meta, 90)
        return [len(batch) for batch in form.batches(connection, part)]

    assert await db.snapshot(sizes) == [20, 20, 20, 20, 10]


def test_every_column_type_can_be_backed_up() -> None:
    parts = [form.part_of(table, 0) for table in form.kept_tables()]
    assert {kind for part in parts for _, kind in part.columns} <= form.TYPES
    assert all(part.key for part in parts)
    assert "article_search" not in {part.name for part in parts}
