"""PostgreSQL reads on in the queues of planning and sending without reading the rest of them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, text

from storage.db.database import Database
from storage.ledger.deliveries import Deliveries
from storage.ledger.plans import DueDecision, Plans
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind
from storage.readers.subscribers import Subscribers
from tests.plugins.archive import FIRST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

WAITING, AT_ONCE = 20_000, 20
DUE = """
INSERT INTO subscribers (
    chat_id, thread_id, kind, state, language, zone, digest_minute, days, layout, empty_note,
    next_at, place, taste_key, created
)
SELECT
    1 + number, 0, kind, state, language, zone, digest_minute, days, layout, empty_note,
    :due, place, taste_key, created
FROM subscribers, generate_series(1, CAST(:waiting AS integer)) AS number
"""
PLANNED = """
INSERT INTO deliveries (
    subscriber_id, key, kind, due, state, place_from, place_to, taste_key, language, layout,
    not_before
)
SELECT id, number, 'edition', :due, 'planned', 0, 9, taste_key, language, layout, :due
FROM subscribers, generate_series(1, CAST(:waiting AS integer)) AS number
"""


def most_rows(step: dict[str, Any]) -> float:
    """Return the most rows that a step of a plan, or one below it, passed on or left out."""
    rows: float = step["Actual Rows"] + step.get("Rows Removed by Filter", 0)
    most: float = max(rows * step["Actual Loops"], *map(most_rows, step.get("Plans", [])), 0)
    return most


@pytest.fixture
async def queue(postgresql_url: str) -> AsyncIterator[Database]:
    """A database with a reader, as many others who are due, and as many deliveries that wait."""
    database = Database(postgresql_url)
    await open_migrated(database)
    await Subscribers(database).ensure(
        1, kind=ChatKind.PRIVATE, language="en", zone="UTC", digest_minute=480, now=FIRST
    )
    async with database.writing() as connection:
        for statement in (PLANNED, DUE):
            await connection.execute(text(statement), {"due": FIRST, "waiting": WAITING})
        await connection.execute(text("ANALYZE deliveries, subscribers"))
    yield database
    await database.close()


async def rows_read(
    database: Database, table: str, ask: Callable[[], Awaitable[object]]
) -> list[float]:
    """Return the most rows that a step of the plan of each statement about a table reads."""
    asked: list[tuple[str, Any]] = []

    def listen(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        if call[2].startswith("SELECT") and f"FROM {table}" in call[2]:
            asked.append((call[2], call[3]))

    event.listen(Engine, "before_cursor_execute", listen)
    await ask()
    event.remove(Engine, "before_cursor_execute", listen)
    found = []
    async with database.reading() as connection:
        for statement, values in asked:
            plan = await connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values
            )
            found.append(most_rows(plan.scalar_one()[0]["Plan"]))
    return found


async def test_each_reading_of_what_waits_reads_only_what_it_returns(queue: Database) -> None:
    ledger, now = Deliveries(queue), FIRST + timedelta(minutes=1)
    first = await ledger.peek(now, limit=AT_ONCE)
    second = await ledger.peek(now, limit=AT_ONCE, after=first.cursor)
    assert [row.id for row in second] == [row.id + AT_ONCE for row in first]
    for cursor in (None, first.cursor):
        ask = partial(ledger.peek, now, limit=AT_ONCE, after=cursor)
        assert await rows_read(queue, "deliveries", ask) == [AT_ONCE]


@pytest.mark.parametrize("turned", [False, True])
async def test_planning_some_reads_only_these(queue: Database, *, turned: bool) -> None:
    later = DueDecision(next_at=FIRST, due=None)
    ask = partial(Plans(queue).plan, FIRST, lambda _: later, limit=AT_ONCE, turned=turned)
    assert await rows_read(queue, "subscribers", ask) == [AT_ONCE]
