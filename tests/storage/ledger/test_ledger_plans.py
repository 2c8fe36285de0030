"""SQLite uses the right index for the ledger, whatever `ANALYZE` recorded. PostgreSQL reads on in
the queues of planning and sending without reading the rest of them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, text

from storage.ledger.deliveries import Deliveries
from storage.ledger.delivery_stats import Ledger
from storage.ledger.plans import DueDecision, Plans
from storage.model import DeliveryKind, DeliveryState, Settlement
from storage.readers import preferences
from storage.readers.subscribers import Subscribers
from storage.retention import Keep, Retention
from storage.tables.columns import utc_text
from storage.tables.reader_schema import subscribers
from tests.plugins.archive import FIRST, registered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.db.database import Database

READERS, DAYS, TASTES = 400, 6, 3
NOW = FIRST + timedelta(days=DAYS, minutes=1)

BY_STATE = "ix_deliveries_state_not_before"
ITSELF = "INTEGER PRIMARY KEY"
WHOLE = {
    *("SCAN deliveries", "SCAN subscribers"),
    # So SQLite calls the search of a least value, which reads all rows too.
    *("SEARCH deliveries", "SEARCH subscribers"),
}

ASKED: dict[str, tuple[str, Callable[[Database], Awaitable[object]]]] = {
    "read what waits": (BY_STATE, lambda db: Deliveries(db).peek(NOW, limit=9)),
    "read what waits, on from there": (
        BY_STATE,
        lambda db: Deliveries(db).peek(NOW, limit=9, after=(FIRST, 3)),
    ),
    "read what is urgent": (BY_STATE, lambda db: Deliveries(db).peek(NOW, limit=9, urgent=True)),
    "read alerts": (
        BY_STATE,
        lambda db: Deliveries(db).peek(NOW, limit=9, kind=DeliveryKind.ALERT),
    ),
    "when the next may go": (BY_STATE, lambda db: Deliveries(db).next_time()),
    "since when one waits": (BY_STATE, lambda db: Plans(db).waiting_since()),
    "whether one is in flight": (BY_STATE, lambda db: Deliveries(db).is_sending()),
    "what was in flight": (BY_STATE, lambda db: Deliveries(db).recover()),
    "a day": (BY_STATE, lambda db: Ledger(db).day(FIRST, FIRST + timedelta(days=9))),
    "the hours to come": (BY_STATE, lambda db: Ledger(db).ahead(NOW, NOW + timedelta(days=1))),
    "tastes of nobody": (BY_STATE, preferences.sweep),
    "a taste of nobody": (
        BY_STATE,
        lambda db: db.write(lambda connection: preferences.drop_unused(connection, {"k1"})),
    ),
    "claim": (ITSELF, lambda db: Deliveries(db).commit(claim=[1, 2], now=NOW)),
    "settle": (
        ITSELF,
        lambda db: Deliveries(db).commit(settle=[Settlement(1, DeliveryState.SENT)], now=NOW),
    ),
    "let go of what is old": (
        ITSELF,
        lambda db: Retention(db, Keep(1, 0, 0, 0)).prune(FIRST + timedelta(days=3)),
    ),
    "plan what is late": (ITSELF, lambda db: Plans(db).plan_late([2401, 2402], NOW)),
}


@pytest.fixture
async def ledger(lite: Database) -> Database:
    """A ledger of some days, all sent, of readers with few tastes."""
    reader = await registered(Subscribers(lite), 1, FIRST)
    async with lite.writing() as connection:
        same = ", ".join(each.name for each in subscribers.c if each.name not in {"id", "chat_id"})
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        more = f"INSERT INTO subscribers (id, chat_id, {same})"
        await connection.exec_driver_sql(
            f"{numbers} {more} SELECT n.i + ?, n.i + ?, {same} FROM n, subscribers",  # noqa: S608
            (READERS, reader.id, reader.id),
        )
        await connection.exec_driver_sql(
            f"{numbers} INSERT INTO tastes (key, spec) SELECT 'k' || n.i, spec FROM n, tastes",  # noqa: S608
            (TASTES,),
        )
        # One taste has no subscriber.
        await connection.exec_driver_sql(
            "UPDATE subscribers SET taste_key = 'k' || (1 + id % ?)", (TASTES - 1,)
        )
    for day in range(DAYS):
        await plan(lite, day, DeliveryState.SENT)
    return lite


async def plan(database: Database, day: int, state: DeliveryState) -> None:
    """Plan an edition for everybody."""
    due = utc_text(FIRST + timedelta(days=day))
    async with database.writing() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO deliveries (subscriber_id, key, kind, due, state, place_from, place_to, "
            "taste_key, language, layout, part, not_before) "
            "SELECT id, ?, 'edition', ?, ?, 0, 9, taste_key, language, layout, 1, ? "
            "FROM subscribers",
            (str(day), due, state.value, due),
        )


@pytest.mark.parametrize("analyzed", ["never", "while nothing waits", "while editions wait"])
async def test_ledger_queries_use_the_index_whatever_the_statistics(
    ledger: Database, analyzed: str
) -> None:
    if analyzed == "while nothing waits":
        await analyze(ledger)
    await plan(ledger, DAYS, DeliveryState.PLANNED)
    if analyzed == "while editions wait":
        await analyze(ledger)
    for what, (index, ask) in ASKED.items():
        asked: list[tuple[str, Any]] = []

        def listen(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
            asked.append((call[2], call[3]))  # noqa: B023 - heard within this turn

        event.listen(Engine, "before_cursor_execute", listen)
        await ask(ledger)
        event.remove(Engine, "before_cursor_execute", listen)
        ways = [way for each in asked for way in await ways_to(ledger, *each)]
        assert any(f"{index} (" in way for way in ways), (what, ways)
        assert index == BY_STATE or not any(BY_STATE in way for way in ways), (what, ways)
        # The latest editions are read in the order of their ids, up to a number.
        assert what == "the hours to come" or not WHOLE.intersection(ways), (what, ways)


async def analyze(database: Database) -> None:
    async with database.writing() as connection:
        await connection.exec_driver_sql("ANALYZE")


async def ways_to(database: Database, statement: str, values: Any) -> list[str]:  # noqa: ANN401
    """Return SQLite's query plan of a statement about deliveries."""
    if "deliveries" not in statement.replace("delivery_", ""):
        return []
    async with database.reading() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return [step for *_, step in plan]


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
async def queue(served: Database) -> Database:
    """A database with a reader, as many others who are due, and as many deliveries that wait."""
    await registered(Subscribers(served), 1, FIRST, zone="UTC")
    async with served.writing() as connection:
        for statement in (PLANNED, DUE):
            await connection.execute(text(statement), {"due": FIRST, "waiting": WAITING})
        await connection.execute(text("ANALYZE deliveries, subscribers"))
    return served


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
