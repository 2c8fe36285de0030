"""One search: from the newest windows of the archive back, until a page is full or time is over."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from sqlalchemy import case, func, select, text

from storage.articles import article_filters, newest
from storage.articles.article_filters import EVERYTHING, SearchFilter
from storage.articles.search_limit import SECONDS, Limit, OutOfTimeError
from storage.model import Article
from storage.tables.schema import articles, bodies
from storage.words import search_words, windows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, TextClause

    from storage.words.search_words import Phrase

FEW = 500
"""Articles of some languages that are rather read one by one than looked for among all others."""
AT_ONCE = 64
"""The most windows that one statement looks at."""
FEW_WINDOWS = 2
"""Windows that are looked at whole, whichever words are asked for."""
MANY = 500
"""Articles with a word from which on it is no longer rare."""
BEFORE = 1_000
"""Articles seen before the day asked for, among which one that was not imported is looked for."""
BATCH = 50
"""Articles of few that are read between two looks at the clock."""


class SearchResult(list[Article]):
    """What a search found, in the order in which it is shown."""

    __slots__ = ("cut",)

    def __init__(self, found: Sequence[Article] = (), *, cut: bool = False) -> None:
        super().__init__(found)
        self.cut = cut
        """Whether its time was over before everything was looked at that could be shown here."""


@dataclass(slots=True)
class PersonsTurn:
    """One person's searches."""

    alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    newest_asked: object = None
    waiting: int = 0


class SearchTurns:
    """Of each person one search at a time; of those that wait meanwhile, the newest."""

    def __init__(self) -> None:
        self._of: dict[int, PersonsTurn] = {}

    @asynccontextmanager
    async def of(self, whose: int | None) -> AsyncIterator[bool]:
        """Wait for a person's turn; False where that person has asked for something else since."""
        if whose is None:
            yield True
            return
        turn = self._of.setdefault(whose, PersonsTurn())
        me = turn.newest_asked = object()
        turn.waiting += 1
        try:
            async with turn.alone:
                yield turn.newest_asked is me
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._of[whose]


class Search:
    """A search within a time limit.

    Args:
        phrases: What is asked for; not empty.
        languages: Only these, and what is in none; none named means all.
        only: What else the articles have to be.
        limit: At most so many articles.
        offset: So many are left out.
        within: How long it may take.
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
        """Those of the articles found so far, each of which is there once."""
        self.cut = False
        """Whether the time was over before the page was full, or the archive at its end."""

    def ids(self, connection: Connection) -> list[int]:
        """The ids of a page of articles, in order."""
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
        """The window before which nothing can be that was published since the day asked for."""
        if self._only.since is None:
            return 0
        # What is published later is seen later, and ids grow as articles are seen. An imported one
        # says nothing of when it came; among very many of them no other is looked for.
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
        """The ids that are found in some windows, in order."""
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
        """Of articles and their events the first of each event that was not found before."""
        events: dict[int, int] = {}
        for number, event in found:
            if event not in self._events:
                events.setdefault(event, number)
        return {number: event for event, number in events.items()}

    def _with_the_longest(self, connection: Connection, part: range) -> Sequence[int]:
        """Of many windows those in which the longest of several words is, if these are few.

        Either database gathers all articles of each word before it sees that another is in none,
        and the longest is the one that is likely to be in few.
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
        """Look through the articles of some languages one by one, where these are few.

        A word that is in many articles, though in few of these languages, would be looked up in
        every window for the sake of those few.

        Returns:
            Whether they are few.
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
            # Sorting is stable: within a rank they stay the newest first.
            by_rank = [number for _, number in sorted(ranked, key=lambda one: one[0])]
            once = self._each_event_once((number, event_of[number]) for number in by_rank)
            self._found = list(once)
        return True

    def _matching(self, connection: Connection, ids: list[int]) -> list[tuple[int, int]]:
        query = (
            select(articles.c.id, articles.c.title, articles.c.standfirst, bodies.c.body)
            .join_from(articles, bodies, isouter=True)
            .where(articles.c.id.in_(ids), *self._only.conditions())
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
    """The windows from the newest back, in parts that grow twofold.

    Where a page is not full after some windows, what is asked for is rare enough for as many more.
    The newest window may be almost empty: the first part has two.
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
    """Whether an article of some windows, from the first to the last, has all that is asked for."""
    if dialect == "sqlite":
        query = text("SELECT rowid FROM article_search WHERE words MATCH :query")
        return articles.c.id.in_(query.bindparams(query=windows.fts5(phrases, part)))
    hits = "SELECT article_id FROM article_search WHERE words @@ CAST(:query AS tsquery)"
    values: dict[str, object] = {"query": windows.tsquery(phrases, part)}
    if any(len(phrase.tokens) > 1 for phrase in phrases):
        # There are few long texts, and an index of them.
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
    # As an array, which is there before the planner's guess of how many they are does harm.
    found: TextClause = text(f"articles.id = ANY (ARRAY ({hits}))").bindparams(**values)
    return cast("ColumnElement[bool]", found)
