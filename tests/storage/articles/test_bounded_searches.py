"""A search reads no more of the archive than needed, and ends when its time is over. What a word
or phrase would find if it were followed, before it is. Queries that every reader waits for use
an index.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, select, text, update

from storage.articles import searching
from storage.articles.article_filters import SearchFilter
from storage.articles.articles import Articles
from storage.articles.searching import Limit, OutOfTimeError, Search, SearchTurns, backwards
from storage.db.connections import SEARCHES
from storage.ledger.delivery_stats import Ledger
from storage.ledger.plans import Plans
from storage.model import Taste
from storage.model.article_model import EventLink
from storage.readers.subscribers import Subscribers
from storage.sources.sources import SourceActivity, Sources
from storage.tables.schema import articles, metadata
from storage.words import search_words, windows
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sqlalchemy import Connection

    from storage.db.database import Database


ENDLESS = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 - i FROM n) SELECT count(*) FROM n"
)


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW", 4)


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """Record the queries of the search index."""
    found: list[str] = []

    def listen(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        if "article_search" in call[2]:
            found.append(" ".join(map(str, call[3])))

    event.listen(Engine, "before_cursor_execute", listen)
    yield found
    event.remove(Engine, "before_cursor_execute", listen)


def looked_at(asked: list[str]) -> set[int]:
    """Return the windows that were searched."""
    return {window for window in range(99) if any(windows.mark(window) in each for each in asked)}


async def many(archive: Archive) -> None:
    """Store 41 articles in windows 0 to 10; only the oldest has the word tourbillon."""
    await archive.store(
        archive.article("An old tourbillon of gold"),
        *(archive.article(f"Gold {n}", minutes=n) for n in range(1, 41)),
    )


@pytest.mark.usefixtures("small_windows")
async def test_a_search_stops_at_the_window_that_fills_its_page(
    archive: Archive, asked: list[str]
) -> None:
    await many(archive)
    asked.clear()
    assert await archive.titles_for("gol", limit=5) == [f"Gold {n}" for n in range(40, 35, -1)]
    assert looked_at(asked) == {9, 10}


@pytest.mark.usefixtures("small_windows")
async def test_a_rare_word_is_found_in_the_oldest_window(
    archive: Archive, asked: list[str]
) -> None:
    await many(archive)
    asked.clear()
    assert await archive.titles_for("tourb gold") == ["An old tourbillon of gold"]
    # Windows 9 and 10, then 7 and 8, then 3 to 6, in which the longest word is not; then the rest.
    assert [looked_at([each]) for each in asked] == [
        {9, 10},
        {7, 8},
        {3, 4, 5, 6},
        {0, 1, 2},
        {0},
    ]
    assert "gold" not in asked[2]


@pytest.mark.usefixtures("small_windows")
async def test_pages_of_a_search_follow_each_other_across_windows(archive: Archive) -> None:
    await many(archive)
    pages = [
        article.title
        for offset in range(0, 42, 6)
        for article in await archive.articles.search("gold", limit=6, offset=offset)
    ]
    assert len(set(pages)) == 41
    assert pages == await archive.titles_for("gold", limit=99)


@pytest.mark.usefixtures("small_windows")
async def test_a_search_since_a_day_starts_at_that_days_ids(
    archive: Archive, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    day = FIRST + timedelta(days=1)
    await archive.store(*(archive.article(f"Gold {n}", minutes=n) for n in range(16)))
    await archive.store(
        *(archive.article(f"New gold {n}", minutes=1440 + n) for n in range(8)), now=day
    )

    async def first_looked_at() -> int:
        asked.clear()
        found = await archive.articles.search("gold", only=SearchFilter(since=day), limit=99)
        assert [one.title for one in found] == [f"New gold {n}" for n in range(7, -1, -1)]
        return min(looked_at(asked))

    async def import_but(number: int) -> None:
        async with archive.db.writing() as connection:
            old = update(articles).where(articles.c.id <= 16)
            await connection.execute(old.values(imported=articles.c.id != number))

    assert await first_looked_at() == 4
    await import_but(8)
    assert await first_looked_at() == 2
    monkeypatch.setattr(searching, "BEFORE", 8)
    assert await first_looked_at() == 0
    await import_but(0)
    assert await first_looked_at() == 0


@given(st.integers(1, 10**12), st.tuples(st.text(), st.text(), st.text()))
def test_indexed_words_carry_the_window_marks_of_searches(
    number: int, fields: tuple[str, str, str]
) -> None:
    cut = [search_words.joined_tokens(field) for field in fields]
    marked = [windows.marked(windows.window_of(number), field) for field in cut]
    indexed = windows._in_fts5(number, cut).decode()
    assert indexed.split() == search_words.between(*marked).split()


def test_windows_are_searched_once_each_from_the_newest() -> None:
    for last in (0, 1, 2, 500):
        parts = list(backwards(last))
        assert [window for part in parts for window in reversed(part)] == list(range(last, -1, -1))
        assert max(map(len, parts)) <= searching.AT_ONCE


async def test_a_statement_over_its_time_is_cancelled(db: Database) -> None:
    def endless(connection: Connection) -> None:
        with pytest.raises(OutOfTimeError):
            Limit(0.02).rows(connection, ENDLESS)

    await db.search(endless)
    # The connection is as good as before.
    for _ in range(SEARCHES):
        assert await db.search(lambda connection: connection.execute(text("SELECT 1")).scalar())


class TwoStatements(Limit):
    """A clock that allows two statements."""

    asked = 0

    def check(self) -> None:
        self.asked += 1
        if self.asked > 2:
            raise OutOfTimeError


@pytest.mark.usefixtures("small_windows")
async def test_a_search_over_its_time_returns_partial_results(archive: Archive) -> None:
    await many(archive)
    limited = Search(search_words.phrases("gold"), limit=30, within=TwoStatements(60))
    found = await archive.db.search(limited.ids)
    assert limited.cut
    assert found == list(range(41, 27, -1))


async def test_a_complete_search_is_not_marked_as_partial(archive: Archive) -> None:
    await archive.publish("Gold")
    assert not (await archive.articles.search("gold", limit=5)).cut
    assert not (await archive.articles.search("zzz", limit=5)).cut
    assert not (await archive.articles.search("", limit=5)).cut


async def test_searches_do_not_delay_latest(sqlite_archive: Archive) -> None:
    await sqlite_archive.publish("Gold")
    go_on = threading.Event()
    held = [
        asyncio.create_task(sqlite_archive.db.search(lambda _: go_on.wait()))
        for _ in range(5 * SEARCHES)
    ]
    try:
        assert await sqlite_archive.articles.begun() is not None
        assert not any(task.done() for task in held)
    finally:
        go_on.set()
        await asyncio.gather(*held)


@pytest.fixture
async def sqlite_archive(lite: Database) -> Archive:
    return await Archive.on(lite)


async def test_one_search_of_a_person_runs_and_the_newest_waits() -> None:
    turns, go_on, order = SearchTurns(), asyncio.Event(), list[tuple[str, bool]]()

    async def ask(name: str, whose: int | None) -> None:
        async with turns.of(whose) as mine:
            order.append((name, mine))
            if name == "first":
                await go_on.wait()

    tasks = [
        asyncio.create_task(ask(name, whose))
        for name, whose in (
            *(("first", 7), ("second", 7), ("third", 7), ("of another", 8)),
            ("of nobody", None),
        )
    ]
    await asyncio.wait(tasks[3:])
    assert order == [("first", True), ("of another", True), ("of nobody", True)]
    go_on.set()
    await asyncio.gather(*tasks)
    assert order[3:] == [("second", False), ("third", True)]
    assert not turns._of


async def test_a_search_displaced_by_a_newer_one_is_marked_as_partial(archive: Archive) -> None:
    await archive.publish("Gold")
    found = await asyncio.gather(
        *(archive.articles.search("gold", limit=5, whose=7) for _ in range(3))
    )
    assert [(len(each), each.cut) for each in found] == [(1, False), (0, True), (1, False)]


async def test_articles_of_a_rare_language_are_scanned_by_language(
    archive: Archive, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await archive.store(
        archive.article("Gold in the body", language="lv", body="Pure gold.", minutes=9),
        archive.article("Below", language="lv", standfirst="gold and more", minutes=8),
        archive.article("Gold first", language="lv", minutes=1),
        archive.article("Gold later", minutes=2),
        archive.article("Nothing", language="lv", standfirst="marigold"),
        *(archive.article(f"Gold {n}", language="en", minutes=n) for n in range(9)),
    )
    latvian = frozenset({"lv"})
    asked.clear()
    read = await archive.articles.search("gold", languages=latvian, limit=9)
    assert not asked
    assert [each.title for each in read] == [
        "Gold in the body",
        "Gold later",
        "Gold first",
        "Below",
    ]
    monkeypatch.setattr(searching, "FEW", 4)
    looked_up = await archive.articles.search("gold", languages=latvian, limit=9)
    assert asked
    assert looked_up == read


async def test_a_deleted_article_leaves_the_search_index(archive: Archive) -> None:
    stored = await archive.store(archive.article("Gold one", body="x"), archive.article("Gold two"))
    async with archive.db.writing() as connection:
        await connection.execute(delete(articles).where(articles.c.id == stored.new[0]))
    assert await archive.titles_for("gold") == ["Gold two"]
    key = "rowid" if archive.db.dialect == "sqlite" else "article_id"
    condition = (
        f"words MATCH '\"{windows.mark(0)}gold\"'"
        if archive.db.dialect == "sqlite"
        else f"words @@ '{windows.mark(0)}gold'::tsquery"
    )
    async with archive.db.reading() as connection:
        rows = await connection.execute(text(f"SELECT {key} FROM article_search WHERE {condition}"))  # noqa: S608 - the test's own
        assert list(rows.scalars()) == [stored.new[1]]


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 43), reason="SQLite keeps the words then")
async def test_the_index_on_sqlite_keeps_no_copy_of_the_words(sqlite_archive: Archive) -> None:
    async with sqlite_archive.db.reading() as connection:
        names = set((await connection.execute(text("SELECT name FROM sqlite_master"))).scalars())
    assert "article_search_data" in names
    assert "article_search_content" not in names


LONG = "".join(chr(0x4E00 + n * 7919 % 9_000) for n in range(20_000))
"""A Chinese text in which no pair of characters occurs twice."""


async def test_a_phrase_is_found_at_the_end_of_a_long_text(archive: Archive) -> None:
    body = f"{LONG}古驰{LONG[::-1]}的" + "新的" * 400 + "手袋"
    await archive.store(
        archive.article("Long", body=body, language="zh"), archive.article("Short", body="古 x 驰")
    )
    for query in ("古驰", "手袋", "的手袋", "古驰 手袋", LONG[18_000:18_020]):
        assert await archive.titles_for(query) == ["Long"], query
    for query in ("驰古", "袋手", "古手"):
        assert await archive.titles_for(query) == [], query


def test_the_index_of_a_long_repetitive_text_is_limited() -> None:
    words, long = windows.tsvector(0, "gold " * 100_000, "", " ".join(map(str, range(200_000))))
    assert long
    assert len(words) < 3_000_000


async def test_the_longest_text_can_be_stored_and_found(archive: Archive) -> None:
    words = " ".join(f"w{n:x}" for n in range(150_000))
    await archive.store(archive.article("Endless", body=f"{words} " + "gold " * 20_000))
    assert await archive.titles_for("w0-w1") == ["Endless"]


async def test_articles_by_language_use_the_index(archive: Archive) -> None:
    await archive.publish(*(f"Gold {number}" for number in range(300)))
    query = select(articles.c.id).where(articles.c.language == "lv")
    ordered = query.order_by(articles.c.published.desc(), articles.c.id.desc()).limit(5)

    def plan(connection: Connection) -> str:
        words = "EXPLAIN QUERY PLAN"
        if archive.db.dialect == "postgresql":
            words = "EXPLAIN"
            # Or the plan would depend on when the server last counted the rows by itself.
            connection.exec_driver_sql("ANALYZE articles")
        compiled = ordered.compile(connection, compile_kwargs={"literal_binds": True})
        return str(connection.exec_driver_sql(f"{words} {compiled}").all())

    async with archive.db.writing() as connection:
        assert "ix_articles_language_published_id" in await connection.run_sync(plan)


async def found(archive: Archive, word: str, taste: Taste, most: int = 3) -> tuple[int, list[str]]:
    num, articles = await archive.articles.with_word(word, taste, since=FIRST, most=most)
    return num, [article.title for article in articles]


async def test_a_word_matches_as_if_it_were_followed_and_not_as_a_search_does(
    archive: Archive,
) -> None:
    first = archive.article("A creative director leaves")
    await archive.store(
        archive.article("The creative director of old", minutes=-1),
        first,
        archive.article("Creative directors meet", minutes=1),
        archive.article("A director, creative", minutes=2),
        archive.article("In its text", minutes=3, body="The creative director."),
        archive.article("In its summary", minutes=4, standfirst="Its CREATIVE Director."),
        archive.article("Une creative director", minutes=5, language="fr"),
        archive.article("A creative director of cars", minutes=6, categories=("motor",)),
        archive.article("No rumour: a creative director", minutes=7),
    )
    new = (await archive.articles.latest(Taste(), limit=9))[-2]
    assert new.title == first.title
    report = archive.article("He leaves: a creative director elsewhere", minutes=8)
    await archive.store(report, events={report.link: EventLink(new.event)})
    everything = Taste()
    assert await found(archive, "Creative  director", everything) == (
        5,
        [report.title, "No rumour: a creative director", "A creative director of cars"],
    )
    taste = Taste(
        languages=frozenset({"en"}),
        muted_categories=frozenset({"motor"}),
        muted_words=frozenset({"rumour"}),
    )
    matched = [report.title, "In its summary"]
    assert await found(archive, "creative director", taste) == (2, matched)
    assert await found(archive, "creative director", taste, most=1) == (2, matched[:1])
    assert await found(archive, "night train", everything) == (0, [])


async def test_a_word_in_other_letters_matches_in_every_language(archive: Archive) -> None:
    await archive.store(archive.article("徐家汇的新店", language="zh"))
    assert await found(archive, "徐家汇", Taste(languages=frozenset({"en"}))) == (
        1,
        ["徐家汇的新店"],
    )


async def test_a_word_matches_without_accents_and_in_korean_before_a_particle(
    archive: Archive,
) -> None:
    await archive.store(archive.article("에르메스는 새 가방을"), archive.article("Hermès’ bag"))
    for word in ("에르메스", "hermes", "Hermès"):
        assert (await found(archive, word, Taste()))[0] == 1


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
async def database(lite: Database) -> Database:
    archive = await Archive.on(lite)
    await archive.store(archive.article("Gold", link="https://daily.example/1"))
    return lite


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
