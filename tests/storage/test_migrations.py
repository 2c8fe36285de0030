from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage import migrate, schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database import Database


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
