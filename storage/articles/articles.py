"""What is asked of the archive of articles, and the one way into it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, select, union

from storage.articles import article_filters, newest, pruned_links, store_rounds, upsert_rules
from storage.articles.article_filters import EVERYTHING
from storage.articles.article_rows import (
    ARTICLE,
    ARTICLES_BY_EVENT,
    ARTICLES_BY_ID,
    ARTICLES_BY_STORY,
    KNOWN,
    of_source,
    read_articles,
)
from storage.articles.searching import Search, SearchResult, SearchTurns
from storage.model import Article, Filing, Known, Round, Stored, Taste
from storage.model.body_model import Body
from storage.tables.schema import article_categories, articles, bodies
from storage.words import search_words
from storage.words.followed_words import FollowedWords

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from storage.articles.article_filters import SearchFilter
    from storage.articles.upsert_rules import IndexedWords
    from storage.db.database import Database

_Value = TypeVar("_Value")

CHUNK = 500
"""How many values one statement compares with."""


class Articles:
    """The archive of articles."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turns = SearchTurns()
        self._followed = FollowedWords(db)

    async def store_all(
        self, rounds: Sequence[Round], words: Mapping[str, IndexedWords] | None = None
    ) -> list[Stored]:
        """Put what sources brought into the archive, and what was learned about the sources.

        All of it goes in one transaction; ids grow in the order of the rounds, within a round from
        the oldest article to the newest. A known article is recognised by its link (see
        `upsert_rules`) and keeps its id, story and time. A round of a source that was removed
        meanwhile is dropped.

        Args:
            rounds: The rounds.
            words: Link → the words of the article, where they were prepared elsewhere.
        """
        followed = await self._followed.index()
        # All that can be done beforehand is: others wait while the archive is written to.
        brought = await asyncio.to_thread(
            lambda: [(one, upsert_rules.prepare(one, words, followed.find)) for one in rounds]
        )
        return await self._db.at_once(
            lambda connection: store_rounds.store(connection, brought, followed)
        )

    async def get(self, article_id: int) -> Article | None:
        """The article of this id."""
        return next(iter(await self.many([article_id])), None)

    async def many(self, ids: Sequence[int]) -> list[Article]:
        """The articles of these ids, in the order given; unknown ids are left out."""
        return _in_order(ids, await self._by(ARTICLES_BY_ID, ids))

    async def body(self, article_id: int) -> Body | None:
        """The stored body; None where there is none."""
        query = select(bodies.c.body, bodies.c.kinds).where(bodies.c.article_id == article_id)
        found = await self._db.look(lambda connection: connection.execute(query).first())
        return None if found is None else Body(found.body, found.kinds or "")

    async def latest(
        self,
        taste: Taste,
        *,
        limit: int,
        offset: int = 0,
        without_event: int | None = None,
        only: SearchFilter = EVERYTHING,
    ) -> list[Article]:
        """The newest stories for a taste, newest first, each as the first article that tells it.

        No follows means everything. An article without a language is in every language. An article
        that the taste keeps out tells nothing: another may be the first then.

        Args:
            taste: What is followed and kept out.
            limit: At most so many stories.
            offset: So many are left out.
            without_event: This event is left out as well.
            only: What else they have to be.
        """

        def read(connection: Connection) -> list[Article]:
            found = newest.events(
                connection,
                taste,
                limit=limit,
                offset=offset,
                without_event=without_event,
                only=only,
            )
            ids = [*found.values()]
            return _in_order(ids, read_articles(connection, ARTICLES_BY_ID, ids))

        return await self._db.look(read)

    async def latest_with_reports(
        self, taste: Taste, *, limit: int, offset: int, without_event: int | None = None
    ) -> tuple[list[Article], list[Article]]:
        """The same as `latest`, and every article of their events, in the order of their ids."""

        def read(connection: Connection) -> tuple[list[Article], list[Article]]:
            found = newest.events(
                connection, taste, limit=limit, offset=offset, without_event=without_event
            )
            reports = _of_events(connection, found)
            return _in_order([*found.values()], reports), reports

        return await self._db.look(read)

    async def candidates(
        self, taste: Taste, *, place_from: int, place_to: int, since: datetime
    ) -> list[Article]:
        """The articles that an edition may be made of, in the order of their ids.

        They entered the archive after `place_from` and not after `place_to`, were published at
        `since` or later, and are no backlog. No follows means no articles.
        """
        return await self._fetch(
            ARTICLE.where(
                article_filters.followed(taste, places=(place_from, place_to), since=since),
                ~articles.c.backlog,
                *article_filters.let_in(taste),
            ).order_by(articles.c.id)
        )

    async def newest_id(self) -> int:
        """The archive's newest article id: a place in it. 0 when it is empty."""
        query = select(func.max(articles.c.id))
        return await self._db.look(lambda connection: connection.execute(query).scalar() or 0)

    async def search(
        self,
        query: str,
        *,
        languages: frozenset[str] = frozenset(),
        only: SearchFilter = EVERYTHING,
        limit: int,
        offset: int = 0,
        whose: int | None = None,
    ) -> SearchResult:
        """Stories with all the words of a search, from the newest part of the archive back.

        A story is there once, as the article that comes first. In each part those with the words
        in the title come first, then those with them in title and standfirst, then those with some
        in the body, each the newest first. Words are beginnings of words. A search without a letter
        or digit finds nothing.

        Args:
            query: What somebody typed.
            languages: Only these, and what is in none; all, where it is typed in other letters
                than Latin ones.
            only: What else they have to be.
            limit: At most so many.
            offset: So many are left out.
            whose: Who asks. Of one person's searches one is under way, and the newest waits.
        """
        wanted = search_words.phrases(query)
        if not wanted:
            return SearchResult()
        if search_words.beyond_latin(query):
            languages = frozenset()
        async with self._turns.of(whose) as mine:
            if not mine:
                return SearchResult(cut=True)
            asked = Search(wanted, languages, only=only, limit=limit, offset=offset)
            ids = await self._db.search(asked.ids)
        return SearchResult(await self.many(ids), cut=asked.cut)

    async def week_counts(self, since: datetime) -> dict[str, int]:
        """For each category, how many events were both published and first seen since then.

        As in lists, an event counts once, however many tell of it. A new source's old articles are
        in the archive, but they are no news of this week.
        """
        counted = (
            select(article_categories.c.category, func.count(article_filters.EVENT.distinct()))
            .join_from(article_categories, articles)
            .where(articles.c.first_seen >= since, article_categories.c.published >= since)
            .group_by(article_categories.c.category)
        )
        return await self._db.look(
            lambda connection: {row[0]: row[1] for row in connection.execute(counted)}
        )

    async def begun(self) -> datetime | None:
        """When a source brought the first article of all; None while none has.

        What was imported is older than the archive.
        """
        query = select(func.min(articles.c.first_seen)).where(~articles.c.imported)
        return await self._db.look(lambda connection: connection.execute(query).scalar())

    async def recent(self, since: datetime, *, most: int | None = None) -> list[Article]:
        """The articles published or first seen since then, in the order of their ids.

        Args:
            since: The moment.
            most: Of more than so many, those that came last.
        """
        # With a plain OR, SQLite walks the whole table, for the sake of the order.
        found = union(
            *(
                select(articles.c.id).where(column >= since)
                for column in (articles.c.published, articles.c.first_seen)
            )
        ).subquery()
        ids = select(found.c.id)
        if most is not None:
            ids = ids.order_by(found.c.id.desc()).limit(most)
        return await self._fetch(ARTICLE.where(articles.c.id.in_(ids)).order_by(articles.c.id))

    async def known(
        self, source_id: int, guids: Collection[str], links: Collection[str]
    ) -> list[Known]:
        """What is stored under these links, whatever the source, or these ids of the source."""
        return await self._db.look(lambda connection: _known(connection, source_id, guids, links))

    async def known_and_pruned(
        self, source_id: int, guids: Collection[str], links: Collection[str]
    ) -> tuple[list[Known], frozenset[str]]:
        """The same as `known`, and which of the links are of articles too old to be kept."""
        by_print = {pruned_links.link_print(link): link for link in links}

        def read(connection: Connection) -> tuple[list[Known], frozenset[str]]:
            found = _known(connection, source_id, guids, links)
            pruned = pruned_links.prints_among(connection, [*by_print])
            return found, frozenset(map(by_print.__getitem__, pruned))

        return await self._db.look(read)

    async def titled(self, source_id: int, titles: Collection[str]) -> list[Known]:
        """What is stored of a source under these titles, in the order of their ids."""

        def read(connection: Connection) -> list[Known]:
            found: list[Known] = []
            for part in _parts(titles):
                query = KNOWN.where(articles.c.source_id == source_id, articles.c.title.in_(part))
                found += (Known(*row) for row in connection.execute(query))
            return sorted(found, key=lambda one: one.article_id)

        return await self._db.look(read)

    async def siblings(self, story_ids: Collection[int]) -> list[Article]:
        """Every article of these stories, in the order of their ids."""
        found = await self._by(ARTICLES_BY_STORY, story_ids)
        return sorted(found, key=lambda article: article.id)

    async def of_events(self, events: Collection[int]) -> list[Article]:
        """Every article of these events, in the order of their ids; see `Article.event`."""
        return await self._db.look(lambda connection: _of_events(connection, events))

    async def explain(self, link: str) -> tuple[Article, tuple[Filing, ...]] | None:
        """The article of this link, and why it is filed as it is."""
        query = ARTICLE.where(articles.c.link == link)
        filed = select(article_categories.c.category, article_categories.c.reason).order_by(
            article_categories.c.position
        )

        def read(connection: Connection) -> tuple[Article, tuple[Filing, ...]] | None:
            for found in read_articles(connection, query):
                rows = connection.execute(filed.where(article_categories.c.article_id == found.id))
                return found, tuple(Filing(*row) for row in rows)
            return None

        return await self._db.look(read)

    async def _fetch(self, query: Select[*tuple[Any, ...]]) -> list[Article]:
        return await self._db.look(lambda connection: read_articles(connection, query))

    async def _by(self, query: Select[*tuple[Any, ...]], values: Iterable[int]) -> list[Article]:
        return await self._db.look(lambda connection: _articles_by(connection, query, values))


def _articles_by(
    connection: Connection, query: Select[*tuple[Any, ...]], values: Iterable[int]
) -> list[Article]:
    """The articles of one of the statements that ask for some, such as `ARTICLES_BY_ID`."""
    return [one for part in _parts(values) for one in read_articles(connection, query, part)]


def _known(
    connection: Connection, source_id: int, guids: Collection[str], links: Collection[str]
) -> list[Known]:
    query = of_source(KNOWN, connection.dialect.name)
    asked = {"links": [*links], "source": source_id, "guids": [*guids]}
    return [Known(*row) for row in connection.execute(query, asked).all()]


def _of_events(connection: Connection, events: Iterable[int]) -> list[Article]:
    """Every article of these events, in the order of their ids."""
    found = {one.id: one for one in _articles_by(connection, ARTICLES_BY_EVENT, events)}
    return [found[number] for number in sorted(found)]


def _in_order(ids: Sequence[int], found: Iterable[Article]) -> list[Article]:
    by_id = {article.id: article for article in found}
    return [by_id[number] for number in ids if number in by_id]


def _parts(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """The values, each once, in as many lists as statements are needed."""
    once = list(dict.fromkeys(values))
    for start in range(0, len(once), CHUNK):
        yield once[start : start + CHUNK]
