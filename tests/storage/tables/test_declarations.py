"""What tables declare about their rows is what the program does with them."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, update

from storage.backup.read import restore
from storage.backup.write import back_up
from storage.readers.privacy.export import Export
from storage.readers.privacy.forgetting import Forgetting, forget_those
from storage.readers.privacy.tombstones import Tombstones, forgotten_since
from storage.readers.subscribers import Subscribers
from storage.retention import Keep, Retention
from storage.tables.declaration import (
    Aged,
    Exported,
    Fate,
    ForEver,
    NotExported,
    UndeclaredError,
    Whose,
    WithRow,
    declaration_of,
    holds_chat_ids,
)
from storage.tables.schema import metadata
from tests.plugins.archive import FIRST
from tests.plugins.databases import migrated
from tests.storage.tables.rows_of_people import (
    ANNA,
    BERTO,
    BYSTANDERS,
    NAMES,
    Key,
    Row,
    fill,
    stored,
    tables_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Connection

    from storage.db.database import Database

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEN_DAYS = Keep(10, 10, 10, 10)
TABLES = pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
NAMES_A_PERSON = re.compile(
    r"(chat|person|people|editor|reader|user|manager|operator|owner|sender|author|about)_id|.*_by"
)
"""Names of columns that hold the id of a chat or a person."""


@TABLES
def test_every_table_has_a_declaration(table: Table) -> None:
    declaration = declaration_of(table)
    assert declaration.whose in Whose
    if isinstance(declaration.export, NotExported):
        assert declaration.export.reason


def test_a_table_without_a_declaration_is_refused() -> None:
    table = Table("bare", MetaData(), Column("chat_id", BigInteger, primary_key=True))
    with pytest.raises(UndeclaredError, match="bare"):
        declaration_of(table)


@TABLES
def test_every_column_that_names_a_chat_says_what_forgetting_makes_of_it(table: Table) -> None:
    declared = {each.column for each in declaration_of(table).forget}
    naming = {
        column.name
        for column in table.columns
        if NAMES_A_PERSON.fullmatch(column.name)
        or any(key.column.table.name == "subscribers" for key in column.foreign_keys)
    }
    assert naming <= declared
    if declaration_of(table).whose in {Whose.CHAT, Whose.EDITOR}:
        assert declared


@TABLES
def test_references_to_chats_are_deleted_or_cleared_by_the_database(table: Table) -> None:
    for each in declaration_of(table).forget:
        column = table.c[each.column]
        if each.fate is Fate.CLEARED:
            assert column.nullable
        if not holds_chat_ids(column):
            (key,) = column.foreign_keys
            assert key.ondelete == {Fate.DELETED: "CASCADE", Fate.CLEARED: "SET NULL"}[each.fate]
            assert declaration_of(key.column.table).whose is Whose.CHAT


@TABLES
def test_rows_that_are_kept_with_another_refer_to_it(table: Table) -> None:
    kept = declaration_of(table).kept
    if isinstance(kept, WithRow):
        keys = {key.column.table.name: key for key in table.foreign_keys}
        assert keys[kept.table].ondelete == "CASCADE"
    if isinstance(kept, Aged):
        assert {kept.column, *kept.only} <= set(table.c.keys())


async def test_an_export_has_what_the_tables_declare(db: Database) -> None:
    rows = await fill(db)
    document = await Export(db).of(ANNA, FIRST)
    (one,) = document.pop("subscriptions")
    text = json.dumps({**one, **document})
    assert NAMES[BERTO] not in text
    assert str(BERTO) not in text
    for table in tables_of(db.dialect):
        export = declaration_of(table).export
        texts = {f"{table.name}.{column.name}" for column in table.columns}
        # With the quote in front, since one table's name may end like another's.
        shown = {name for name in texts if f'"{name} {NAMES[ANNA]}' in text}
        if isinstance(export, NotExported):
            # Saved and shared stories are shown by title and link.
            assert shown <= {"articles.title", "articles.link"}, export.reason
            continue
        group, _, name = export.key.partition(".")
        found = document[group][name] if name else one[group]
        assert found, table.name
        if export.columns:
            assert shown <= {f"{table.name}.{name}" for name in export.columns}
            mine = [
                row
                for row in rows
                if row.table is table and row.chat_id == ANNA and _names(row, export, rows)
            ]
            assert len(found) == len(mine), table.name
            for name in set(export.columns) - {"article_id", "articles", "subscriber_id"}:
                assert [_plain(row.values[name]) for row in mine] == [each[name] for each in found]


def _names(row: Row, export: Exported, rows: list[Row]) -> bool:
    """Return whether a column by which a row is exported names Anna."""
    (her,) = (
        each.values["id"]
        for each in rows
        if each.table.name == "subscribers" and each.chat_id == ANNA
    )

    def hers(column: Column[Any]) -> set[Any]:
        """Return the values of a column that name her."""
        if holds_chat_ids(column):
            return {ANNA}
        (key,) = column.foreign_keys
        owner, name = key.column.table, key.column.name
        if owner.name == "subscribers":
            return {her}
        return {each.values[name] for each in rows if each.table is owner and each.chat_id == ANNA}

    return any(row.values[name] in hers(row.table.c[name]) for name in export.by)


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    return value.isoformat() if hasattr(value, "isoformat") else value


async def test_forgetting_does_what_the_tables_declare(db: Database) -> None:
    rows = await fill(db)
    before = await stored(db)
    assert await Forgetting(db).forget(ANNA)
    check_forgotten(rows, before, await stored(db))
    assert not await Forgetting(db).forget(ANNA)


async def test_a_group_that_moves_takes_over_what_the_tables_declare(db: Database) -> None:
    rows = await fill(db)
    ids = {row.chat_id: row.values["id"] for row in rows if row.table.name == "subscribers"}
    await Subscribers(db).move_chat(ANNA, BERTO)
    after = await stored(db)
    for row in rows:
        if row.chat_id != BERTO or row.forget is None:
            continue
        column = row.table.c[row.forget.column]
        if not any(key.column.table.name == "subscribers" for key in column.foreign_keys):
            continue
        moved = {**row.values, column.name: ids[ANNA]}
        key = tuple(moved[each.name] for each in row.table.primary_key)
        there = after.get((row.table.name, key))
        assert (there is not None) == row.forget.merged, row.table.name
        assert (row.table.name, row.key) not in after or row.key == key, row.table.name
    assert {values["chat_id"] for (name, _), values in after.items() if name == "subscribers"} == {
        BERTO,
        *BYSTANDERS.values(),
    }


def check_forgotten(
    rows: list[Row], before: dict[Key, dict[str, Any]], after: dict[Key, dict[str, Any]]
) -> None:
    """Check that Anna is forgotten as the tables declare, and nobody else."""
    expected = dict(before)
    for row in rows:
        key = (row.table.name, row.key)
        if row.chat_id != ANNA or row.forget is None:
            continue
        if row.forget.fate is Fate.CLEARED:
            expected[key] = expected[key] | {row.forget.column: None}
        else:
            del expected[key]
    made = {key for key in after if key not in before}
    assert {name for name, _ in made} == {"left_links"}, "the links that she shared"
    assert {key: after[key] for key in after if key not in made} == expected
    still = {
        key[0] for key, values in after.items() if str(ANNA) in json.dumps(values, default=str)
    }
    assert still == {"access"}, "what an operator decided"


async def test_a_backup_and_a_restore_do_what_the_tables_declare(
    db: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    rows = await fill(db)
    stones = Tombstones(tmp_path / "backups")
    stones.keep()
    file = stones.folder / "all.backup"
    header = await back_up(db, file, FIRST)
    held = {table.name for table in metadata.sorted_tables if declaration_of(table).backup}
    assert {part.name for part in header.parts} == held
    in_backup = {key: row for key, row in (await stored(db)).items() if key[0] in held}
    async with opened(sqlite_template, tmp_path / "whole.db") as new:
        await restore(new, file)
        assert await stored(new) == in_backup
    stones.add(ANNA, FIRST + DAY)
    async with opened(sqlite_template, tmp_path / "forgotten.db") as new:
        await restore(new, file, lambda header: forgotten_since([stones.folder], header.made))
        check_forgotten(
            [row for row in rows if row.table.name in held], in_backup, await stored(new)
        )


@asynccontextmanager
async def opened(template: Path, path: Path) -> AsyncIterator[Database]:
    """Open a new, empty database."""
    shutil.copy(template, path)
    database = await migrated(f"sqlite:///{path}")
    try:
        yield database
    finally:
        await database.close()


async def test_a_restore_forgets_strangers_and_bystanders_again(
    db: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    await fill(db)
    # Nothing but the rows that name her is left of somebody who was no reader.
    stranger = BYSTANDERS[ANNA]
    stones = Tombstones(tmp_path / "backups")
    stones.keep()
    file = stones.folder / "all.backup"
    await back_up(db, file, FIRST)
    stones.add(stranger, FIRST + DAY)
    async with opened(sqlite_template, tmp_path / "new.db") as new:
        await restore(new, file, lambda header: forgotten_since([stones.folder], header.made))
        left = await stored(new)
    assert str(stranger) not in json.dumps([*left.values()], default=str)


async def test_a_restore_asks_about_each_chat_that_any_column_names(db: Database) -> None:
    await fill(db)
    columns = [
        table.c[each.column]
        for table in tables_of(db.dialect)
        for each in (declaration_of(table).forget if declaration_of(table).backup else ())
    ]
    ids = {
        c: n for n, c in enumerate(columns, 1) if holds_chat_ids(c) and c.type.python_type is int
    }
    asked: set[int] = set()

    def is_forgotten(chat: int) -> bool:
        asked.add(chat)
        return False

    def work(connection: Connection) -> None:
        for column, number in ids.items():
            renamed = update(column.table).where(column == ANNA).values({column: number})
            assert connection.execute(renamed).rowcount, column
        forget_those(connection, is_forgotten)

    await db.write(work)
    assert asked >= {*ids.values()}


async def test_rows_are_deleted_when_the_tables_declare_it(db: Database) -> None:
    rows = await fill(db)
    aged = [
        (row, kept, TEN_DAYS.period(kept))
        for row in rows
        if isinstance(kept := declaration_of(row.table).kept, Aged) and not kept.rule
    ]
    for period in sorted({period for _, _, period in aged}):
        await Retention(db, TEN_DAYS).prune(FIRST + period - HOUR)
        left = await stored(db)
        for row, _, its_period in aged:
            assert its_period < period or (row.table.name, row.key) in left, row.table.name
        await Retention(db, TEN_DAYS).prune(FIRST + period + HOUR)
        left = await stored(db)
        for row, kept, its_period in aged:
            stays = any(row.values[name] != value for name, value in kept.only.items())
            if its_period == period:
                assert ((row.table.name, row.key) in left) == stays, row.table.name
    await Retention(db, TEN_DAYS).prune(FIRST + 900 * DAY)
    left = await stored(db)
    for row in rows:
        if isinstance(declaration_of(row.table).kept, ForEver):
            assert (row.table.name, row.key) in left, row.table.name
