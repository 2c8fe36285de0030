"""Texts that the program stores for its next run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import insert, text

from storage.db.key_value import KeyValue
from storage.tables.schema import meta
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from storage.db.database import Database

LONG_ENOUGH = 60
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_a_text_replaces_the_one_with_the_same_key(db: Database) -> None:
    notes = KeyValue(db)
    assert await notes.get("colour") is None
    await notes.put("colour", "red")
    await notes.put("colour", "blue")
    assert await notes.get("colour") == "blue"


async def test_two_processes_may_store_a_new_key_at_the_same_moment(postgresql_url: str) -> None:
    database = await migrated(postgresql_url)
    notes = KeyValue(database)
    async with database.writing() as other:
        await other.execute(insert(meta).values(key="colour", value="red"))
        putting = asyncio.create_task(notes.put("colour", "blue"))
        async with asyncio.timeout(LONG_ENOUGH), database.reading() as looking:
            while not await looking.scalar(WAITING):  # noqa: ASYNC110 - nothing there could wake us
                await asyncio.sleep(0.005)
    await asyncio.wait_for(putting, LONG_ENOUGH)
    assert await notes.get("colour") == "blue"
    await database.close()
