from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from storage.database import Database


async def test_it_opens(db: Database) -> None:
    async with db.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM articles"))).scalar() == 0
