"""Rules for every test file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from storage.tables.schema import meta

if TYPE_CHECKING:
    from storage.db.database import Database

FILES = sorted(Path(__file__).parent.rglob("*.py"))
OTHER_TESTS = re.compile(r"^(?:from|import) tests\.(?:\w+\.)*test_", re.MULTILINE)
CLOCK = re.compile(r"^(?!def |async def |class )\S.*\b(?:now\(|today\(|time\.time\()", re.MULTILINE)


def test_test_modules_import_no_other_test_module() -> None:
    assert [path.name for path in FILES if OTHER_TESTS.search(path.read_text())] == []


def test_importing_a_test_module_reads_no_clock() -> None:
    assert [path.name for path in FILES if CLOCK.search(path.read_text())] == []


async def test_sqlite_reverses_unordered_rows_in_tests(lite: Database) -> None:
    async with lite.writing() as connection:
        await connection.execute(insert(meta), [{"key": key, "value": ""} for key in "abc"])
        rows = (await connection.execute(select(meta.c.key))).scalars().all()
    assert rows == ["c", "b", "a"]
    assert await lite.read(lambda reader: reader.scalars(select(meta.c.key)).all()) == rows
