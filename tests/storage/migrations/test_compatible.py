"""Migrations that serve older programs: what they declare, and the statements that still run."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from storage.articles.held_articles import as_json, from_json
from storage.migrations import migrate
from storage.model import NewArticle
from storage.tables import schema
from tests.plugins.archive import FIRST
from tests.storage.migrations.recorded_statements import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG_ENOUGH = 60.0


def test_every_migration_names_the_oldest_program_that_it_serves() -> None:
    script = ScriptDirectory.from_config(migrate.configuration())
    for step in script.walk_revisions():
        assert step.module.oldest_program <= step.revision, step.path


def test_the_oldest_program_is_that_of_the_last_migration_which_serves_no_older_one() -> None:
    assert migrate.oldest_program("0040") == "0033"
    assert "0041" <= migrate.oldest_program() <= schema.HEAD


async def test_the_statements_of_the_oldest_program_run_on_the_newest_tables(
    postgresql_url: str,
) -> None:
    connection = await asyncpg.connect(postgresql_url)
    wrong = []
    for statement, values in statements(migrate.oldest_program()):
        try:
            await run(connection, statement, values)
        except asyncpg.PostgresError as error:
            wrong.append(f"{type(error).__name__}: {error}\n{statement}\n{values}")
    await connection.close()
    assert not wrong, f"{len(wrong)} fail, such as {wrong[0]}"


async def test_a_column_that_an_older_program_does_not_fill_is_noticed(postgresql_url: str) -> None:
    connection = await asyncpg.connect(postgresql_url)
    await connection.execute("ALTER TABLE tastes ADD COLUMN novelty text NOT NULL")
    failed = set()
    for statement, values in statements(migrate.oldest_program()):
        if statement.startswith("INSERT INTO tastes"):
            with pytest.raises(asyncpg.NotNullViolationError):
                await run(connection, statement, values)
            failed.add(statement)
    await connection.close()
    assert failed


def test_an_article_waits_for_an_editor_with_the_fields_that_the_oldest_program_reads() -> None:
    article = NewArticle("1", "https://a.example/1", "Gold", "", None, None, None, None, FIRST, ())
    newer = {"story_kind", "kind_certainty", "weight"}
    of_0041 = {each.name for each in fields(NewArticle)} - newer
    assert migrate.oldest_program() == "0041"
    assert set(json.loads(as_json(article))) == of_0041
    assert from_json(as_json(replace(article, weight=2.5))) == article


async def run(
    connection: asyncpg.Connection[asyncpg.Record], statement: str, values: Sequence[object]
) -> None:
    """Run a statement and take it back. The rows that it refers to need not be there."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.fetch(statement, *values, timeout=LONG_ENOUGH)
    except asyncpg.ForeignKeyViolationError:
        pass
    finally:
        await transaction.rollback()
