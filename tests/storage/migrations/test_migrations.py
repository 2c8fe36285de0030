from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage.migrations import migrate
from storage.migrations.open_migrated import open_migrated
from storage.tables import schema
from tests.plugins.archive import Archive
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database

# SQLAlchemy cannot read back an index on an expression of SQLite, so those are not compared.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression", "ignore:autogenerate skipping metadata"
)


def test_the_tables_are_at_the_newest_migration() -> None:
    script = ScriptDirectory.from_config(migrate.configuration())
    assert script.get_heads() == [schema.HEAD]


def differences(connection: Connection) -> list[Any]:
    """Return what Alembic would change to match the code."""

    def included(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:  # noqa: ANN401, FBT001 - Alembic's signature
        del reflected, other
        only = thing.info.get("only") if kind in {"table", "index"} else None
        if kind != "table" or connection.dialect.name == "postgresql":
            return only in {None, connection.dialect.name}
        # SQLite keeps the search table and its helpers itself and cannot describe them.
        search = str(name).startswith("article_search")
        return not search and only is None

    options = {"compare_type": True, "compare_server_default": True, "include_object": included}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, schema.metadata))


async def test_a_migrated_database_has_the_tables_that_the_code_expects(db: Database) -> None:
    async with db.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_comparing_tables_notices_a_missing_index(db: Database) -> None:
    async with db.writing() as connection:
        await connection.execute(text("DROP INDEX ix_follows_category_subscriber_id"))
        found = await connection.run_sync(differences)
    assert "add_index" in {difference[0] for difference in found}


async def test_partial_indexes_are_partial_in_the_database_too(db: Database) -> None:
    table = "sqlite_master" if db.dialect == "sqlite" else "pg_indexes"
    columns = "name, sql" if db.dialect == "sqlite" else "indexname, indexdef"
    async with db.reading() as connection:
        rows = await connection.execute(text(f"SELECT {columns} FROM {table}"))  # noqa: S608 - two fixed texts
        found = {row[0]: row[1] for row in rows}
    due = "ix_subscribers_next_at" if db.dialect == "sqlite" else "ix_subscribers_next_at_id"
    assert "WHERE (next_at IS NOT NULL)" in found[due].replace(
        "WHERE next_at IS NOT NULL", "WHERE (next_at IS NOT NULL)"
    )
    assert "WHERE alerts" in found["ix_follows_category_subscriber_id"]


async def test_downgrading_removes_every_table(db: Database) -> None:
    from alembic import command  # noqa: PLC0415 - nothing else here needs it

    async with db.writing() as connection:
        await connection.run_sync(
            lambda sync: command.downgrade(migrate.configuration(sync), "base")
        )
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await connection.run_sync(migrate.to_head)
    assert names == ["alembic_version"]


async def to(db: Database, revision: str) -> None:
    """Migrate to a revision, up or down."""
    from alembic import command  # noqa: PLC0415 - few tests need it

    def go(connection: Connection) -> None:
        config = migrate.configuration(connection)
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)

    async with db.writing() as connection:
        await connection.run_sync(go)


async def test_articles_from_before_kinds_of_stories_have_none(db: Database) -> None:
    archive = await Archive.on(db)
    await archive.publish("Gold")
    await to(db, "0041")
    await to(db, "head")
    (article,) = await archive.articles.many([1])
    assert (article.title, article.story_kind, article.weight) == ("Gold", None, None)
    async with db.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_older_sqlite_can_search_too(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 42, 0))
    database = await migrated(sqlite_url)
    await to(database, "base")
    await to(database, "head")
    archive = await Archive.on(database)
    stored = await archive.publish("Gold", "Silver")
    async with database.writing() as connection:
        words = await connection.execute(text("SELECT count(words) FROM article_search"))
        assert words.scalar() == 2
        await connection.execute(text("DELETE FROM articles WHERE id = :id"), {"id": stored.new[0]})
    assert await archive.titles_for("gold") == []
    assert await archive.titles_for("silver") == ["Silver"]
    await database.close()


@pytest.mark.parametrize("revision", ["0007", "0021", "0039"])
async def test_tables_of_an_earlier_revision_are_refused_untouched_with_what_to_do(
    database_url: str, revision: str
) -> None:
    database = await migrated(database_url)
    async with database.writing() as connection:
        await connection.execute(
            text("UPDATE alembic_version SET version_num = :it"), {"it": revision}
        )
    await database.close()
    commit = migrate.LAST_WITH_ALL_STEPS
    with pytest.raises(
        migrate.MigrationError, match=rf"revision is {revision}.*Nothing .*commit {commit} once"
    ):
        await open_migrated(database)


async def test_a_failed_migration_leaves_the_database_as_it_was(db: Database) -> None:
    async with db.writing() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    try:
        async with db.writing() as connection:
            await connection.run_sync(migrate.to_head)  # the tables are there: it fails
    except Exception as error:  # noqa: BLE001 - each driver has its own
        assert "already exists" in str(error)  # noqa: PT017 - what is tested comes after
    async with db.reading() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert "alembic_version" not in names
    assert "articles" in names
