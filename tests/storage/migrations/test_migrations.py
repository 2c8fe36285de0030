from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage.db.database import Database
from storage.ledger.delivery_stats import Ledger
from storage.migrations import migrate
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind, DeliveryKind, DeliveryState, Level, Taste
from storage.readers.subscribers import Subscribers
from storage.tables import schema
from tests.plugins.archive import FIRST, Archive
from tests.storage.ledger_book import book

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection


def test_the_tables_are_at_the_newest_migration() -> None:
    script = ScriptDirectory.from_config(migrate.configuration())
    assert script.get_heads() == [schema.HEAD]


def differences(connection: Connection) -> list[Any]:
    """What Alembic would change to make the database as the code expects it."""

    def included(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:  # noqa: ANN401, FBT001 - Alembic's signature
        del thing, reflected, other
        # SQLite keeps the search table and its helpers itself and cannot describe them.
        search = kind == "table" and str(name).startswith("article_search")
        return not (search and connection.dialect.name == "sqlite")

    options = {"compare_type": True, "compare_server_default": True, "include_object": included}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, schema.metadata))


async def test_a_migrated_database_has_the_tables_that_the_code_expects(db: Database) -> None:
    async with db.write() as connection:
        assert await connection.run_sync(differences) == []


async def test_what_is_compared_tells_a_missing_index(db: Database) -> None:
    async with db.write() as connection:
        await connection.execute(text("DROP INDEX ix_subscribers_next_at"))
        found = await connection.run_sync(differences)
    assert "add_index" in {difference[0] for difference in found}


async def test_partial_indexes_are_partial_in_the_database_too(db: Database) -> None:
    table = "sqlite_master" if db.dialect == "sqlite" else "pg_indexes"
    columns = "name, sql" if db.dialect == "sqlite" else "indexname, indexdef"
    async with db.read() as connection:
        rows = await connection.execute(text(f"SELECT {columns} FROM {table}"))  # noqa: S608 - two fixed texts
        found = {row[0]: row[1] for row in rows}
    assert "WHERE (next_at IS NOT NULL)" in found["ix_subscribers_next_at"].replace(
        "WHERE next_at IS NOT NULL", "WHERE (next_at IS NOT NULL)"
    )
    assert "WHERE alerts" in found["ix_follows_category_subscriber_id"]


async def test_the_way_down_leaves_nothing(db: Database) -> None:
    from alembic import command  # noqa: PLC0415 - nothing else here needs it

    async with db.write() as connection:
        await connection.run_sync(
            lambda sync: command.downgrade(migrate.configuration(sync), "base")
        )
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await connection.run_sync(migrate.to_head)
    assert names == ["alembic_version"]


async def to(db: Database, revision: str) -> None:
    """Go back, or forward, to a revision."""
    from alembic import command  # noqa: PLC0415 - few tests need it

    def go(connection: Connection) -> None:
        config = migrate.configuration(connection)
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)

    async with db.write() as connection:
        await connection.run_sync(go)


async def test_what_is_in_an_older_archive_is_found_and_counted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The revision before searches in windows, with articles and deliveries in it."""
    db = archive.db
    ledger = await book(db)
    for seconds in (1, 2, 3, 4, 5, 6, 3_000):
        await ledger.row(after=seconds, attempts=1)
    await ledger.row(minutes=20, state=DeliveryState.FAILED, error="blocked")
    await ledger.row(state=DeliveryState.PLANNED, after=None)
    await archive.store(
        archive.article("Gold", standfirst="and silver", body="古驰手袋 " * 300),
        archive.article("Silver"),
    )
    before = await Ledger(db).day(FIRST, FIRST + timedelta(days=1))
    monkeypatch.setattr("storage.words.windows.WINDOW", 1)
    await to(db, "0001")
    async with db.read() as connection:
        words = await connection.execute(text("SELECT count(*) FROM article_search"))
        assert words.scalar() == 2
    monkeypatch.setattr(migrate, "AT_ONCE", 2)
    monkeypatch.setattr(migrate, "SAID", 2)
    with caplog.at_level("INFO"):
        await to(db, "head")
    assert await archive.titles_for("silver") == ["Silver", "Gold"]
    assert await archive.titles_for("手袋") == ["Gold"]
    assert await Ledger(db).day(FIRST, FIRST + timedelta(days=1)) == before
    assert "deliveries counted: 4 of 9" in caplog.text
    async with db.write() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_older_sqlite_keeps_the_words_and_finds_them(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    await open_migrated(database)
    archive = await Archive.on(database)
    stored = await archive.publish("Gold", "Silver")
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 42, 0))
    await to(database, "0001")
    await to(database, "head")
    async with database.write() as connection:
        words = await connection.execute(text("SELECT count(words) FROM article_search"))
        assert words.scalar() == 2
        await connection.execute(text("DELETE FROM articles WHERE id = :id"), {"id": stored.new[0]})
    assert await archive.titles_for("gold") == []
    assert await archive.titles_for("silver") == ["Silver"]
    await database.close()


async def test_when_the_last_edition_was_due_is_taken_from_an_older_ledger(db: Database) -> None:
    ledger = await book(db)
    await ledger.row()
    await ledger.row(minutes=30)
    await ledger.row(minutes=40, kind=DeliveryKind.ALERT)
    await to(db, "0008")
    await to(db, "head")
    reader = await Subscribers(db).get(ledger.subscriber_id)
    assert reader is not None
    assert reader.edition_at == FIRST + timedelta(minutes=30)
    assert (reader.evening_minute, reader.silent, reader.silent_alerts) == (None, False, False)
    assert reader.alerts_a_day == 5
    async with db.write() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_failed_migration_leaves_the_database_as_it_was(db: Database) -> None:
    async with db.write() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    try:
        async with db.write() as connection:
            await connection.run_sync(migrate.to_head)  # the tables are there: it fails
    except Exception as error:  # noqa: BLE001 - each driver has its own
        assert "already exists" in str(error)  # noqa: PT017 - what is tested comes after
    async with db.read() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert "alembic_version" not in names
    assert "articles" in names


async def test_what_was_muted_is_off_and_back(db: Database) -> None:
    """The revision before there was less and more, with mutes in it."""
    readers = Subscribers(db)
    reader, _ = await readers.ensure(
        1, kind=ChatKind.PRIVATE, language="it", zone="UTC", digest_minute=480, now=FIRST
    )
    await readers.set_level(reader.id, "china", Level.OFF)
    before = await readers.mute_word(reader.id, "gold")
    await readers.set_level(reader.id, "motor", Level.LESS)
    await readers.set_level(reader.id, 7, Level.OFF)
    await to(db, "0010")
    async with db.read() as connection:
        muted = {tuple(row) for row in await connection.execute(text("SELECT * FROM mutes"))}
        specs = list((await connection.execute(text("SELECT spec FROM tastes"))).scalars())
    assert muted == {
        (reader.id, "category", "china"),
        (reader.id, "word", "gold"),
    }
    assert not any("less" in spec or "sources" in spec for spec in specs)
    await to(db, "head")
    # What that program does not know is forgotten; the rest is the same, under the same key.
    assert await readers.get(reader.id) == before
    back = await readers.set_level(reader.id, "china", Level.NORMAL)
    assert back.taste == Taste(muted_words=frozenset({"gold"}))
