"""A search: from the newest windows of the archive back, until a page is full or time is up."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import case, func, select, text
from sqlalchemy.exc import DBAPIError

from storage.articles import article_filters, newest
from storage.articles.article_filters import EVERYTHING, SearchFilter
from storage.model import Article
from storage.tables.schema import articles, bodies
from storage.words import search_words, windows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Executable, Row, TextClause

    from storage.words.search_words import Phrase

FEW = 500
"""Articles in the wanted languages up to which they are read one by one, without the index."""
AT_ONCE = 64
"""Windows at most in one statement."""
FEW_WINDOWS = 2
"""Number of windows up to which all are searched, without narrowing by the longest word."""
MANY = 500
"""Articles with a word; a word in as many no longer counts as rare."""
BEFORE = 1_000
"""Articles read at most to find the last one first seen before a search's start date.

Imported articles among them are skipped, since their ids do not show when they were published.
"""
BATCH = 50
"""Articles read between two looks at the clock when reading one by one."""
SECONDS = 0.08
"""Seconds that a search may take from its first statement on."""
STEPS = 2_000
"""SQLite's steps between two looks at the clock; they take far less than a millisecond."""
CANCELED = "57014"
"""PostgreSQL's error code for a cancelled statement."""

# The planner takes every word in a window as equally frequent: it would scan whole tables, or spend
# a tenth of a second on compiling the query.
_PLAIN_PLAN = text(
    "SELECT set_config('statement_timeout', :milliseconds, true),"
    " set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
)


class SearchResult(list[Article]):
    """The articles that a search found, in display order."""

    __slots__ = ("cut",)

    def __init__(self, found: Sequence[Article] = (), *, cut: bool = False) -> None:
        super().__init__(found)
        self.cut = cut
        """Whether the time ran out before everything relevant was searched."""


@dataclass(slots=True)
class PersonsSearches:
    """The running and waiting searches of one person."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    newest_asked: object = None
    waiting: int = 0


class SearchTurns:
    """Runs one search of each person at a time; of those that wait, only the newest."""

    def __init__(self) -> None:
        self._of: dict[int, PersonsSearches] = {}

    @asynccontextmanager
    async def of(self, whose: int | None) -> AsyncIterator[bool]:
        """Wait for this person's turn. Yield False if they have started a newer search since."""
        if whose is None:
            yield True
            return
        searches = self._of.setdefault(whose, PersonsSearches())
        me = searches.newest_asked = object()
        searches.waiting += 1
        try:
            async with searches.lock:
                yield searches.newest_asked is me
        finally:
            searches.waiting -= 1
            if not searches.waiting:
                del self._of[whose]


class Search:
    """A search within a time limit, by default `SECONDS`.

    It finds articles in one of the languages, or in an unknown one; no languages mean all.
    """

    def __init__(
        self,
        phrases: tuple[Phrase, ...],
        languages: frozenset[str] = frozenset(),
        *,
        only: SearchFilter = EVERYTHING,
        limit: int,
        offset: int = 0,
        within: Limit | None = None,
    ) -> None:
        self._phrases = phrases
        self._languages = languages
        self._only = only
        self._offset = offset
        self._enough = offset + limit
        self._limit = within or Limit(SECONDS)
        self._found: list[int] = []
        self._events: set[int] = set()
        """Events of the articles found so far, each of which appears once."""
        self.cut = False
        """Whether the time ran out before the page was full or the whole archive searched."""

    def ids(self, connection: Connection) -> list[int]:
        """Return the ids of one page of articles, in order."""
        try:
            if not self._in_few(connection):
                self._in_windows(connection)
        except OutOfTimeError:
            self.cut = True
        return self._found[self._offset : self._enough]

    def _in_windows(self, connection: Connection) -> None:
        last: int | None = connection.execute(select(func.max(articles.c.id))).scalar()
        if last is None:
            return
        first = self._first_window(connection)
        for windows_back in backwards(windows.window_of(last)):
            part = range(max(windows_back.start, first), windows_back.stop)
            if not part:
                return
            self._found += self._in(connection, part)
            if len(self._found) >= self._enough:
                return

    def _first_window(self, connection: Connection) -> int:
        """Return the first window that can contain articles published since the search's date."""
        if self._only.since is None:
            return 0
        # Articles published later are seen later, and ids grow as articles are seen. An imported
        # article does not show when it came; if very many are imported, only the last `BEFORE`
        # articles are considered.
        before = (
            select(articles.c.id, articles.c.imported)
            .where(articles.c.first_seen < self._only.since)
            .order_by(articles.c.first_seen.desc(), articles.c.id.desc())
            .limit(BEFORE)
            .subquery()
        )
        last = select(func.max(before.c.id)).where(~before.c.imported)
        number: int | None = connection.execute(last).scalar()
        return 0 if number is None else windows.window_of(number)

    def _in(self, connection: Connection, part: range) -> list[int]:
        among = self._with_the_longest(connection, part)
        if not among:
            return []
        wanted = select(articles.c.id).where(
            _hits(connection.dialect.name, self._phrases, among),
            *article_filters.in_languages(self._languages),
            *self._only.conditions(),
        )
        ordered = wanted.add_columns(article_filters.EVENT).order_by(
            _rank(self._phrases), articles.c.published.desc(), articles.c.id.desc()
        )
        missing = self._enough - len(self._found)
        most = 2 * missing + newest.COPIES
        while True:
            rows = self._limit.rows(connection, ordered.limit(most))
            found = self._each_event_once((row[0], row[1]) for row in rows)
            if len(found) >= missing or len(rows) < most:
                self._events.update(found.values())
                return list(found)[:missing]
            most *= 4

    def _each_event_once(self, found: Iterable[tuple[int, int]]) -> dict[int, int]:
        """Return article id → event of the first article of each event not found before."""
        events: dict[int, int] = {}
        for number, event in found:
            if event not in self._events:
                events.setdefault(event, number)
        return {number: event for event, number in events.items()}

    def _with_the_longest(self, connection: Connection, part: range) -> Sequence[int]:
        """Return the windows that contain the longest of several phrases, if few do; else all.

        Both databases collect all articles of each word before they intersect them. The longest
        phrase is probably the rarest.
        """
        if len(self._phrases) == 1 or len(part) <= FEW_WINDOWS:
            return part
        longest = max(self._phrases, key=lambda phrase: sum(map(len, phrase.tokens)))
        hits = select(articles.c.id).where(_hits(connection.dialect.name, (longest,), part))
        found = self._limit.rows(connection, hits.limit(MANY))
        if len(found) == MANY:
            return part
        return sorted({windows.window_of(row[0]) for row in found})

    def _in_few(self, connection: Connection) -> bool:
        """Search the articles of some languages one by one; return False if they are many.

        A word that is frequent, but rare in these languages, would otherwise be looked up in every
        window.
        """
        if not self._languages:
            return False
        few = newest.of_languages(self._languages, FEW + 1)
        of_languages = self._limit.rows(
            connection,
            select(few.c.id, few.c.published, article_filters.EVENT).join_from(
                few, articles, few.c.id == articles.c.id
            ),
        )
        if len(of_languages) > FEW:
            return False
        event_of = {row[0]: row[2] for row in of_languages}
        order = [row[0] for row in sorted(of_languages, key=lambda row: (row[1], row[0]))][::-1]
        ranked: list[tuple[int, int]] = []
        try:
            for start in range(0, len(order), BATCH):
                ranked += self._matching(connection, order[start : start + BATCH])
        finally:
            # Sorting is stable: within a rank the newest stay first.
            by_rank = [number for _, number in sorted(ranked, key=lambda one: one[0])]
            once = self._each_event_once((number, event_of[number]) for number in by_rank)
            self._found = list(once)
        return True

    def _matching(self, connection: Connection, ids: list[int]) -> list[tuple[int, int]]:
        query = (
            select(articles.c.id, articles.c.title, articles.c.standfirst, bodies.c.body)
            .join_from(articles, bodies, isouter=True)
            .where(articles.c.id.in_(ids), articles.c.state.is_(None), *self._only.conditions())
        )
        texts = {row[0]: row[1:] for row in self._limit.rows(connection, query)}
        found: list[tuple[int, int]] = []
        for number in ids:
            self._limit.check()
            title, standfirst, body = (
                search_words.joined_tokens(field_text or "")
                for field_text in texts.get(number, ("", "", ""))
            )
            if search_words.matches(self._phrases, title):
                found.append((0, number))
            elif search_words.matches(self._phrases, title, standfirst):
                found.append((1, number))
            elif search_words.matches(self._phrases, title, standfirst, body):
                found.append((2, number))
        return found


def backwards(last: int) -> Iterator[range]:
    """Yield the windows from the newest back, in ranges that double in size.

    If some windows do not fill a page, the words are rare enough to read as many more at once. The
    first range has two windows, because the newest may be almost empty.
    """
    end, size = last + 1, 2
    while end > 0:
        begin = max(end - size, 0)
        yield range(begin, end)
        size = min(max(last + 1 - begin, 2), AT_ONCE)
        end = begin


def _rank(phrases: tuple[Phrase, ...]) -> ColumnElement[int]:
    in_title, on_top = (article_filters.at_top(phrases, in_first=first) for first in (True, False))
    return case((in_title, 0), (on_top, 1), else_=2)


def _hits(dialect: str, phrases: tuple[Phrase, ...], part: Sequence[int]) -> ColumnElement[bool]:
    """Return a condition: an article of these windows, which are in order, has all phrases."""
    if dialect == "sqlite":
        query = text("SELECT rowid FROM article_search WHERE words MATCH :query")
        return articles.c.id.in_(query.bindparams(query=windows.fts5(phrases, part)))
    hits = "SELECT article_id FROM article_search WHERE words @@ CAST(:query AS tsquery)"
    values: dict[str, object] = {"query": windows.tsquery(phrases, part)}
    if any(len(phrase.tokens) > 1 for phrase in phrases):
        # Long texts are few and have their own index.
        hits += (
            " UNION SELECT article_id FROM article_search WHERE long"
            " AND article_id >= :first AND article_id < :last"
            " AND words @@ CAST(:parts AS tsquery)"
        )
        values |= {
            "parts": windows.tsquery_of_parts(phrases),
            "first": part[0] * windows.WINDOW,
            "last": (part[-1] + 1) * windows.WINDOW,
        }
    # An array, so that the planner's wrong estimate of its size does no harm.
    found: TextClause = text(f"articles.id = ANY (ARRAY ({hits}))").bindparams(**values)
    return cast("ColumnElement[bool]", found)


class OutOfTimeError(Exception):
    """The search has used up its time."""


class Limit:
    """The time limit in seconds of one search, counted from its first statement."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None

    @property
    def left(self) -> float:
        """Seconds left; 0 if the time is over."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        return max(self._until - now, 0.0)

    def check(self) -> None:
        """Raise OutOfTimeError if no time is left."""
        if not self.left:
            raise OutOfTimeError

    def rows(
        self, connection: Connection, query: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return a query's rows if it finishes in time.

        After an OutOfTimeError the connection must not be used further.
        """
        self.check()
        try:
            if connection.dialect.name == "sqlite":
                with self._called_by(connection):
                    return connection.execute(query, values).all()
            milliseconds = str(max(int(self.left * 1000), 1))
            connection.execute(_PLAIN_PLAN, {"milliseconds": milliseconds})
            return connection.execute(query, values).all()
        except DBAPIError as error:
            if _broken_off(error.orig):
                raise OutOfTimeError from None
            raise

    @contextmanager
    def _called_by(self, connection: Connection) -> Iterator[None]:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(f"{driver!r} is no connection to SQLite")
        driver.set_progress_handler(lambda: not self.left, STEPS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)


def _broken_off(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return getattr(error, "sqlstate", None) == CANCELED
