"""Queries that every reader waits for use an index."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, text

from storage.articles.articles import Articles
from storage.db.database import Database
from storage.ledger.delivery_stats import Ledger
from storage.ledger.plans import Plans
from storage.migrations.open_migrated import open_migrated
from storage.model import Taste
from storage.readers.subscribers import Subscribers
from storage.sources.sources import SourceActivity, Sources
from storage.tables.schema import metadata
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

TASTE = Taste(
    follows=frozenset({"gucci", "style"}),
    muted_categories=frozenset({"motor"}),
    muted_words=frozenset({"gold"}),
    languages=frozenset({"en"}),
)

QUERIES: dict[str, Callable[[Database], Awaitable[object]]] = {
    "latest": lambda db: Articles(db).latest(Taste(), limit=5),
    "latest in a language": lambda db: Articles(db).latest(
        Taste(languages=frozenset({"lv"})), limit=5
    ),
    "search in a language": lambda db: Articles(db).search(
        "gold", languages=frozenset({"lv"}), limit=5
    ),
    "a day's deliveries": lambda db: Ledger(db).day(FIRST, FIRST + timedelta(days=1)),
    "latest for a taste": lambda db: Articles(db).latest(TASTE, limit=5),
    "candidates": lambda db: Articles(db).candidates(TASTE, place_from=0, place_to=9, since=FIRST),
    "candidates of a first edition": lambda db: Articles(db).first_candidates(
        TASTE, place_to=9, since=FIRST, most=400
    ),
    "many": lambda db: Articles(db).many([1, 2]),
    "siblings": lambda db: Articles(db).siblings([1, 2]),
    "search": lambda db: Articles(db).search("gold", limit=5),
    "known": lambda db: Articles(db).known(1, ["g"], ["l"]),
    "explain": lambda db: Articles(db).explain("https://daily.example/1"),
    "week_counts": lambda db: Articles(db).week_counts(FIRST),
    "week_counts in a language": lambda db: Articles(db).week_counts(FIRST, frozenset({"lv"})),
    "number_of_large": lambda db: Articles(db).number_of_large(
        "gucci", Taste(), weight=1.5, since=FIRST
    ),
    "recent": lambda db: Articles(db).recent(FIRST),
    "newest_id": lambda db: Articles(db).newest_id(),
    "awaited": lambda db: Plans(db).awaited([1, 2]),
    "alert_tastes": lambda db: Plans(db).alert_tastes(["gucci"]),
    "due sources": lambda db: Sources(db).due(FIRST),
    "find a subscriber": lambda db: Subscribers(db).find(1, 0),
}


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    await open_migrated(database)
    archive = await Archive.on(database)
    await archive.store(archive.article("Gold", link="https://daily.example/1"))
    yield database
    await database.close()


async def plans_of(
    database: Database, ask: Callable[[Database], Awaitable[object]]
) -> dict[str, str]:
    """Run a query, and return the steps of SQLite's plans for it, each with its statement."""
    asked: list[tuple[str, Any]] = []

    def listen(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        asked.append((call[2], call[3]))

    event.listen(Engine, "before_cursor_execute", listen)
    await ask(database)
    event.remove(Engine, "before_cursor_execute", listen)
    assert asked
    steps: dict[str, str] = {}
    async with database.reading() as connection:
        for statement, values in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps |= {step: statement for *_, step in plan}
    return steps


@pytest.mark.parametrize("name", QUERIES)
async def test_no_readers_query_scans_a_whole_table(database: Database, name: str) -> None:
    for step, statement in (await plans_of(database, QUERIES[name])).items():
        what, _, where = step.partition(" ")
        # A common table expression has its own name.
        table = where.split()[0] in metadata.tables
        walks = what == "SCAN" and table and "INDEX" not in step
        # FTS5 is asked by its own index.
        assert not walks or "article_search VIRTUAL TABLE" in step, (step, statement)


QUESTIONS: dict[str, tuple[str, Callable[[Database], Awaitable[object]]]] = {
    "titles of a round": (
        "USING INDEX ix_articles_title_start (source_id=? AND <expr>=?)",
        lambda db: Articles(db).titled(1, ["Gold", "Silver"]),
    ),
    "when sources had news": (
        "USING COVERING INDEX ix_articles_published_id (published>?)",
        lambda db: SourceActivity(db).times(FIRST),
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_what_rounds_and_operators_ask_needs_only_an_index(
    database: Database, name: str
) -> None:
    index, ask = QUESTIONS[name]
    plans = await plans_of(database, ask)
    assert any(index in step for step in plans), plans


async def test_due_subscribers_are_found_by_the_partial_index(database: Database) -> None:
    query = "EXPLAIN QUERY PLAN SELECT id FROM subscribers WHERE next_at <= :now ORDER BY next_at"
    async with database.reading() as connection:
        plan = await connection.execute(text(query), {"now": str(FIRST + timedelta(days=1))})
        assert "ix_subscribers_next_at" in " ".join(row[3] for row in plan)
