"""The database: opening it, its transactions, lists of numbers, rows read by name."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Double, bindparam, func, insert, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from storage.db.backoff import Backoff
from storage.db.bulk import insert_each
from storage.db.database import Database
from storage.db.dataclass_rows import columns_of, reader_of
from storage.db.dialect import NumberArray, among
from storage.db.outage import DatabaseError
from storage.db.sqlite.engines import COMMITTED
from storage.db.sqlite.file import prepare_file
from storage.migrations.open_migrated import open_migrated
from storage.model import NewSource
from storage.sources.sources import Sources
from storage.tables.columns import Utc
from storage.tables.ledger_schema import deliveries
from storage.tables.schema import meta
from storage.tables.table_version import note_oldest_program
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection


PASSWORD = "s3cret/word"
YEAR_1 = datetime(1, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[3]

days = st.timedeltas(timedelta(days=3), timedelta(days=3_650_000))
moments = st.builds(lambda since, zone: (YEAR_1 + since).astimezone(zone), days, st.timezones())


async def refusal(url: str) -> str:
    """Return the error of opening this database."""
    with pytest.raises(DatabaseError) as caught:
        await open_migrated(Database(url))
    assert caught.value.__cause__ is None
    return str(caught.value)


LONG_ENOUGH = 60


async def values(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list((await connection.execute(select(meta.c.value).order_by(meta.c.key))).scalars())


async def put(database: Database, key: str) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(meta).values(key=key, value=key))


def in_sqlite(moment: datetime) -> str:
    kept = Utc().process_bind_param(moment, sqlite.dialect())
    assert isinstance(kept, str)
    return kept


@given(moments)
def test_a_time_reads_back_from_sqlite_unchanged(moment: datetime) -> None:
    kept = in_sqlite(moment)
    assert len(kept) == 27
    back = Utc().process_result_value(kept, sqlite.dialect())
    assert back == moment.astimezone(UTC)
    assert back.tzinfo is UTC


@given(moments, moments)
def test_times_sort_chronologically_in_sqlite(one: datetime, two: datetime) -> None:
    assert (in_sqlite(one) < in_sqlite(two)) == (one.astimezone(UTC) < two.astimezone(UTC))


def test_a_time_without_a_zone_is_refused() -> None:
    for dialect in (sqlite.dialect(), postgresql.dialect()):  # type: ignore[no-untyped-call]
        with pytest.raises(ValueError, match="without a zone"):
            Utc().process_bind_param(datetime(2026, 6, 1), dialect)  # noqa: DTZ001 - on purpose


async def test_a_time_in_any_zone_is_stored_in_utc(db: Database) -> None:
    there = datetime(2026, 6, 1, 8, 0, 0, 123456, timezone(timedelta(hours=5, minutes=45)))
    source = await Sources(db).add(NewSource("Daily", "https://daily.example/"), there)
    assert source.added == there
    assert source.added.utcoffset() == timedelta(0)


async def test_a_failed_block_is_rolled_back(db: Database) -> None:
    async def fail() -> None:
        async with db.writing() as connection:
            await connection.execute(insert(meta).values(key="a", value="a"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    await put(db, "b")
    assert await values(db) == ["b"]


async def test_readers_see_only_committed_data(db: Database) -> None:
    async with db.writing() as connection, db.reading() as reader:
        await connection.execute(insert(meta).values(key="a", value="a"))
        assert (await reader.execute(select(meta.c.key))).all() == []
    assert await values(db) == ["a"]


async def test_a_read_connection_cannot_write_on_sqlite(sqlite_url: str) -> None:
    database = await migrated(sqlite_url)
    async with database.reading() as connection:
        with pytest.raises(DBAPIError, match="readonly"):
            await connection.execute(insert(meta).values(key="a", value="a"))
    await database.close()


async def test_sqlite_commits_wait_for_the_disk(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Imported before the fixtures of the run set it to OFF.
    monkeypatch.setattr("storage.db.sqlite.engines.COMMITTED", COMMITTED)
    database = await migrated(sqlite_url)
    asked, full = text("PRAGMA synchronous"), 2
    async with database.writing() as connection:
        assert (await connection.execute(asked)).scalar() == full
    assert await database.write(lambda writer: writer.execute(asked).scalar()) == full
    await database.close()


async def test_a_cancelled_writer_releases_the_lock(db: Database) -> None:
    async def write_for_ever() -> None:
        async with db.writing() as connection:
            await connection.execute(insert(meta).values(key="a", value="a"))
            for _ in range(1_000_000):
                await connection.execute(select(meta))

    for turn in range(20):
        task = asyncio.create_task(write_for_ever())
        for _ in range(10 * turn):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(put(db, f"b{turn:02}"), 120)
    assert await values(db) == [f"b{turn:02}" for turn in range(20)]


async def test_a_cancelled_reader_does_not_harm_the_next(db: Database) -> None:
    for turn in range(20):
        tasks = [asyncio.create_task(values(db)) for _ in range(8)]
        for _ in range(5 * turn):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await put(db, f"b{turn:02}")
        assert len(await values(db)) == turn + 1


async def test_an_abandoned_connection_is_closed_once_opened(tmp_path: Path) -> None:
    for turn in range(20):
        database = await migrated(f"sqlite:///{tmp_path}/onnews.db")
        tasks = [asyncio.create_task(values(database)) for _ in range(8)]
        for _ in range(turn):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
    left = [thread for thread in threading.enumerate() if "_connection_worker" in thread.name]
    for thread in left:
        await asyncio.to_thread(thread.join, LONG_ENOUGH)
    assert not any(thread.is_alive() for thread in left)


async def test_concurrent_writers_and_readers_never_see_a_locked_database(db: Database) -> None:
    async def write(number: int) -> None:
        for turn in range(5):
            await put(db, f"{number:03}-{turn}")

    async def read() -> None:
        for _ in range(10):
            await values(db)

    await asyncio.gather(*(write(number) for number in range(20)), *(read() for _ in range(20)))
    assert len(await values(db)) == 100


async def test_writers_of_two_processes_never_see_a_locked_database(database_url: str) -> None:
    """Two `Database` objects share only the database, as two processes do."""
    both = [Database(database_url) for _ in range(2)]
    await asyncio.gather(*(open_migrated(database) for database in both))

    async def write(number: int) -> None:
        for turn in range(5):
            await put(both[number % 2], f"{number:03}-{turn}")
            await values(both[(number + 1) % 2])

    await asyncio.gather(*(write(number) for number in range(20)))
    assert len(await values(both[0])) == 100
    for database in both:
        await database.close()


async def test_two_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    both = [Database(f"sqlite:///{tmp_path}/deep/down/onnews.db") for _ in range(4)]
    await asyncio.gather(*(open_migrated(database) for database in both))
    await put(both[0], "a")
    assert await values(both[1]) == ["a"]
    for database in both:
        await database.close()


def test_many_processes_can_create_the_same_file(tmp_path: Path) -> None:
    # Two at once met in one of some forty tries before it was waited for.
    for number in range(60):
        path = tmp_path / str(number) / "onnews.db"
        together = threading.Barrier(4)

        def make(path: Path = path, together: threading.Barrier = together) -> None:
            together.wait()
            prepare_file(path).close()

        with ThreadPoolExecutor(4) as threads:
            for made in [threads.submit(make) for _ in range(4)]:
                made.result()


async def test_opening_and_closing_are_idempotent(db: Database) -> None:
    await open_migrated(db)
    await put(db, "a")
    await db.close()
    await db.close()
    with pytest.raises(RuntimeError, match="not open"):
        db.reading()
    with pytest.raises(RuntimeError, match="not open"):
        await put(db, "b")
    await open_migrated(db)
    assert await values(db) == ["a"]


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///{}"])
async def test_the_driver_in_an_address_does_not_matter(tmp_path: Path, url: str) -> None:
    database = Database(url.format(tmp_path / "onnews.db"))
    assert (database.dialect, database.path) == ("sqlite", tmp_path / "onnews.db")
    await open_migrated(database)
    await database.close()


def test_the_file_of_a_postgresql_address_is_none() -> None:
    for scheme in ("postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg2"):
        database = Database(f"{scheme}://user:{PASSWORD}@host/name")
        assert (database.dialect, database.path) == ("postgresql", None)
        assert PASSWORD not in repr(database)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "onnews.db",
        "mysql://user:s3cret@host/name",
        "sqlite://",
        "sqlite:///:memory:",
        "x://:s3cret@",
        "postgresql://user:s3cret@host:99999/name",
    ],
)
def test_a_wrong_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"sqlite:///var/onnews\.db") as caught:
        Database(url)
    assert "s3cret" not in str(caught.value)


async def test_a_file_that_is_not_a_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database at all. " * 100)
    before = path.read_bytes()
    assert "is not an SQLite database" in await refusal(f"sqlite:///{path}")
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = await refusal(f"sqlite:///{tmp_path}/file/under/onnews.db")
    assert f"{tmp_path}/file/under" in message
    assert "DATABASE_URL" in message


async def test_a_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in await refusal(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write to every folder"
)
async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)  # noqa: ASYNC240 - a file of the test's own
    assert "may write" in await refusal(f"sqlite:///{tmp_path}/onnews.db")


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "onnews.db"
    database = await migrated(f"sqlite:///{path}")
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    await database.close()
    assert "another program" in await refusal(f"sqlite:///{path}")


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    database = await migrated(database_url)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.run_sync(lambda sync: note_oldest_program(sync, "9999"))
    await database.close()
    message = await refusal(database_url)
    assert "newer version" in message
    assert "9999" in message


@pytest.fixture
async def locked_url(postgresql_url: str) -> AsyncIterator[str]:
    """The address of a database whose user may not create anything."""
    database = await migrated(postgresql_url)
    async with database.writing() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
        await connection.execute(text(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'"))
    yield (
        make_url(postgresql_url)
        .set(username="guest", password=PASSWORD)
        .render_as_string(hide_password=False)
    )
    async with database.writing() as connection:
        await connection.execute(text("DROP ROLE guest"))
    await database.close()


async def test_missing_rights_to_create_tables_are_reported(locked_url: str) -> None:
    message = await refusal(locked_url)
    assert "may create tables" in message
    assert PASSWORD not in message


async def test_a_missing_database_is_named(postgresql_url: str) -> None:
    url = make_url(postgresql_url).set(database="nowhere", password=PASSWORD)
    message = await refusal(url.render_as_string(hide_password=False))
    assert "createdb nowhere" in message
    assert PASSWORD not in message


async def test_an_unknown_database_user_is_reported(postgresql_url: str) -> None:
    url = make_url(postgresql_url).set(username="nobody", password=PASSWORD)
    message = await refusal(url.render_as_string(hide_password=False))
    assert "refuses the user name or password" in message
    assert PASSWORD not in message


async def test_an_unreachable_server_is_named(closed_port: int) -> None:
    message = await refusal(f"postgresql://user:{PASSWORD}@127.0.0.1:{closed_port}/name")
    assert "PostgreSQL runs" in message
    assert PASSWORD not in message


def test_an_up_to_date_database_is_opened_without_loading_alembic(sqlite_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from storage.db.database import Database\n"
        f"asyncio.run(Database({sqlite_url!r}).open())\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=120)  # noqa: S603 - our own interpreter and program


async def test_sqlite_reverses_unordered_rows_in_tests(lite: Database) -> None:
    async with lite.writing() as connection:
        await connection.execute(insert(meta), [{"key": key, "value": ""} for key in "abc"])
        rows = (await connection.execute(select(meta.c.key))).scalars().all()
    assert rows == ["c", "b", "a"]
    assert await lite.read(lambda reader: reader.scalars(select(meta.c.key)).all()) == rows


def test_each_pause_is_longer_by_the_factor_up_to_the_limit() -> None:
    backoff = Backoff(first=1.0, longest=60.0)
    assert [backoff.pause(retries) for retries in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert Backoff(first=1.0, longest=3600.0, factor=8.0).pause(4) == 3600.0


@given(retries=st.integers())
def test_a_pause_is_never_shorter_than_the_first_nor_longer_than_the_longest(retries: int) -> None:
    assert 0.5 <= Backoff(first=0.5, longest=30.0).pause(retries) <= 30.0


async def test_no_new_connection_asks_postgresql_for_the_type_of_a_list(served: Database) -> None:
    asked: list[str] = []

    def hear(record: Any) -> None:  # noqa: ANN401  # asyncpg has no types
        asked.append(record.query)

    query = select(deliveries.c.id).where(among(deliveries.c.id, "ids", served.dialect))
    async with served.reading() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_query_logger(hear)
        assert not (await connection.execute(query, {"ids": [1, 2]})).all()
        await driver.fetch("SELECT 1")
        await connection.execute(text("SELECT 2"))
        driver.remove_query_logger(hear)
    assert asked == ["SELECT 1"]


@pytest.mark.parametrize("numbers", [[], [-3, 0, 2**40], [0.1, 1e-300, -2.5e20]])
async def test_a_list_of_numbers_arrives_whole(served: Database, numbers: list[float]) -> None:
    each = text("SELECT unnest(:numbers)").bindparams(
        bindparam("numbers", type_=NumberArray(Double()))
    )
    async with served.reading() as connection:
        assert [*(await connection.execute(each, {"numbers": numbers})).scalars()] == numbers


@dataclass(frozen=True, slots=True)
class Note:
    """A row of the table `meta`, its fields in another order than the columns."""

    length: int
    value: str
    key: str


QUERY = select(*columns_of(Note, meta, {"length": func.length(meta.c.value)}), func.length("abc"))
note = reader_of(Note, {"value": str.upper})


async def test_rows_are_written_and_read_by_the_names_of_their_columns(db: Database) -> None:
    def both(connection: Connection) -> list[Note]:
        insert_each(connection, meta, [{"value": "first", "key": "a"}, {"key": "b", "value": "2"}])
        rows = connection.execute(QUERY.where(meta.c.key.in_(["a", "b"])).order_by(meta.c.key))
        return [note(row) for row in rows]

    assert await db.write(both) == [Note(5, "FIRST", "a"), Note(1, "2", "b")]


async def test_a_row_without_a_column_that_the_first_row_has_is_refused(db: Database) -> None:
    with pytest.raises(KeyError, match="value"):
        await db.write(
            lambda connection: insert_each(
                connection, meta, [{"key": "a", "value": "1"}, {"key": "b"}]
            )
        )


def test_a_field_without_a_column_is_refused() -> None:
    with pytest.raises(KeyError, match="length"):
        columns_of(Note, meta)
