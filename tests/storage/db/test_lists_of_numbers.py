"""Parameters that are lists of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Double, bindparam, select, text

from storage.db.dialect import NumberArray, among
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    from storage.db.database import Database


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
