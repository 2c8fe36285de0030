"""The archive of articles: its queries, and the only method that stores articles."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, func, select, union, update

from storage.articles import (
    article_filters,
    link_decisions,
    matters,
    newest,
    pruned_links,
    store_rounds,
    upsert_rules,
)
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
from storage.db.dialect import AdvisoryLock, take_turns
from storage.model import Article, Filing, Known, Round, Stored, Taste
from storage.model.body_model import Body
from storage.tables.correction_schema import amendments
from storage.tables.schema import (
    TITLE_LENGTH,
    TITLE_START,
    UNWEIGHED,
    article_categories,
    articles,
    bodies,
)
from storage.words import search_words
from storage.words.followed_words import FollowedWords

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from storage.articles.article_filters import SearchFilter
    from storage.articles.link_decisions import LinkDecision
    from storage.articles.matters import NearestOf
    from storage.articles.upsert_rules import IndexedWords
    from storage.db.database import Database
    from storage.model import StoryKind

_Value = TypeVar("_Value")

CHUNK = 500
"""Values at most in one statement's IN list."""

_WEIGHED = ("story_kind", "kind_certainty", "weight")
_NEW = tuple(f"new_{name}" for name in _WEIGHED)
_WEIGH = (
    update(articles)
    .where(articles.c.id == bindparam("number"))
    .values(
        {
            name: func.coalesce(
                articles.c[name], bindparam(f"new_{name}", type_=articles.c[name].type)
            )
            for name in _WEIGHED
        }
    )
)


class Articles:
    """The archive of articles."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turns = SearchTurns()
        self._followed = FollowedWords(db)

    async def store_all(
        self,
        rounds: Sequence[Round],
        words: Mapping[str, IndexedWords] | None = None,
        nearest_of: NearestOf | None = None,
    ) -> list[Stored]:
        """Store the articles that sources brought, and update the sources.

        Everything is one transaction. Ids grow in the order of the rounds, and within a round from
        the oldest article to the newest. A known article is recognised by its link (see
        `upsert_rules`) and keeps its id, story and time. The round of a source that was removed
        meanwhile is dropped.

        Args:
            words: Link → the article's words, if prepared elsewhere.
            nearest_of: Decides which matters new events go on with; None leaves them without any.
        """
        followed = await self._followed.index()
        # Do all computation before the transaction, since it keeps other writers waiting.
        brought = await asyncio.to_thread(
            lambda: [(one, upsert_rules.prepare(one, words, followed.find)) for one in rounds]
        )
        return await self._db.write(
            lambda connection: store_rounds.store(connection, brought, followed, nearest_of)
        )

    async def get(self, article_id: int) -> Article | None:
        """Return the article with this id, or None."""
        return next(iter(await self.many([article_id])), None)

    async def many(self, ids: Sequence[int]) -> list[Article]:
        """Return the articles with these ids, in the order given; unknown ids are left out."""
        return _in_order(ids, await self._by(ARTICLES_BY_ID, ids))

    async def body(self, article_id: int) -> Body | None:
        """Return the stored body of an article, or None."""
        query = select(bodies.c.body, bodies.c.kinds).where(bodies.c.article_id == article_id)
        found = await self._db.first(query)
        return None if found is None else Body(found.body, found.kinds or "")

    async def latest(
        self,
        taste: Taste,
        *,
        limit: int,
        offset: int = 0,
        only: SearchFilter = EVERYTHING,
    ) -> list[Article]:
        """Return the newest stories for a taste, newest first, each by its first article.

        Without follows, every article suits. An article of unknown language counts as in every
        language. An article that the taste excludes is ignored, so that another article may be the
        story's first.
        """

        def read(connection: Connection) -> list[Article]:
            found = newest.events(connection, taste, limit=limit, offset=offset, only=only)
            ids = [*found.values()]
            return _in_order(ids, read_articles(connection, ARTICLES_BY_ID, ids))

        return await self._db.read(read)

    async def latest_with_reports(
        self, taste: Taste, *, limit: int, offset: int, without_event: int | None = None
    ) -> tuple[list[Article], list[Article]]:
        """Return the newest stories as `latest` does, and every article of their events by id."""

        def read(connection: Connection) -> tuple[list[Article], list[Article]]:
            found = newest.events(
                connection, taste, limit=limit, offset=offset, without_event=without_event
            )
            reports = _of_events(connection, found)
            return _in_order([*found.values()], reports), reports

        return await self._db.read(read)

    async def with_word(
        self, word: str, taste: Taste, *, since: datetime, most: int
    ) -> tuple[int, list[Article]]:
        """Return how many events since then a followed word finds for a taste, and the newest.

        The word need not be followed; what a taste follows does not count.
        """
        folded = search_words.muted(word)
        if search_words.beyond_latin(folded):
            taste = replace(taste, languages=frozenset())
        event = article_filters.EVENT
        found = (
            select(func.max(articles.c.id), func.count().over())
            .where(
                articles.c.published >= since,
                articles.c.words.contains(search_words.sought(folded)),
                *article_filters.let_in(taste),
            )
            .group_by(event)
            .order_by(func.max(articles.c.published).desc(), event)
            .limit(most)
        )

        def read(connection: Connection) -> tuple[int, list[Article]]:
            rows = connection.execute(found).all()
            ids = [row[0] for row in rows]
            shown = _in_order(ids, read_articles(connection, ARTICLES_BY_ID, ids))
            return (rows[0][1] if rows else 0), shown

        return await self._db.read(read)

    async def candidates(
        self, taste: Taste, *, place_from: int, place_to: int, since: datetime
    ) -> list[Article]:
        """Return the articles that an edition may contain, ordered by id.

        They have an id above `place_from` and up to `place_to`, were published at `since` or later,
        and are no backlog. Without follows there are none.
        """
        return await self._fetch(
            ARTICLE.where(
                article_filters.followed(taste, places=(place_from, place_to), since=since),
                ~articles.c.backlog,
                *article_filters.let_in(taste),
            ).order_by(articles.c.id)
        )

    async def first_candidates(
        self, taste: Taste, *, place_to: int, since: datetime, most: int
    ) -> list[Article]:
        """Return the articles that a first edition may be made of, in the order of their ids.

        They entered the archive not after `place_to` and were published at `since` or later,
        backlog as well. Of more than `most`, the ones published last are taken, with all other
        reports of their events.
        """
        found = await self._fetch(
            ARTICLE.where(
                article_filters.followed(taste, places=(0, place_to), since=since),
                *article_filters.let_in(taste),
            )
            .order_by(articles.c.published.desc(), articles.c.id.desc())
            .limit(most)
        )
        siblings = await self.of_events({each.event for each in found}) if found else []
        every = {each.id: each for each in (*found, *siblings) if each.id <= place_to}
        return [every[number] for number in sorted(every)]

    async def followed_words_in(self, title: str, standfirst: str) -> tuple[str, ...]:
        """Return the words that readers follow and that occur in a headline or a standfirst."""
        followed = await self._followed.index()
        return tuple(followed.find(upsert_rules.words_of(title, standfirst, None).text))

    async def newest_id(self) -> int:
        """Return the newest article's id, which marks a place in the archive; 0 if it is empty."""
        query = select(func.max(articles.c.id))
        return await self._db.scalar(query) or 0

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
        """Search for stories with all the words of a query, from the newest articles back.

        A story appears once, as its best-ranked article. The archive is searched part by part.
        Within each part, articles with the words in the title come first, then those with them in
        title and standfirst, then those with some in the body; each group newest first. Words match
        as prefixes. A query without a letter or digit finds nothing.

        Args:
            languages: Only articles in these languages or in an unknown one. Ignored if the query
                has letters other than Latin ones.
            whose: The person who searches. One search a person runs at a time; of those that wait,
                only the newest runs.
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

    async def week_counts(
        self, since: datetime, languages: frozenset[str] = frozenset()
    ) -> dict[str, int]:
        """Return for each category the number of events published and first seen since then.

        As in lists, an event counts once, however many articles report it. A new source's old
        articles do not count, nor those of other languages, or hidden or withdrawn ones.
        """
        counted = (
            select(article_categories.c.category, func.count(article_filters.EVENT.distinct()))
            .join_from(article_categories, articles)
            .where(
                articles.c.first_seen >= since,
                article_categories.c.published >= since,
                *article_filters.let_in(Taste(languages=languages)),
            )
            .group_by(article_categories.c.category)
        )
        return {row[0]: row[1] for row in await self._db.rows(counted)}

    async def number_of_large(
        self, category: str, taste: Taste, *, weight: float, since: datetime
    ) -> int:
        """Return the number of a category's events of at least this weight that a taste lets in."""
        counted = (
            select(func.count(article_filters.EVENT.distinct()))
            .join_from(article_categories, articles)
            .where(
                article_categories.c.category == category,
                article_categories.c.published >= since,
                articles.c.weight >= weight,
                *article_filters.let_in(taste),
            )
        )
        return await self._db.scalar(counted) or 0

    async def begun(self) -> datetime | None:
        """Return when a source brought the first article, or None.

        Imported articles do not count.
        """
        query = select(func.min(articles.c.first_seen)).where(~articles.c.imported)
        return await self._db.scalar(query)

    async def recent(self, since: datetime, *, most: int | None = None) -> list[Article]:
        """Return the articles published or first seen since then, ordered by id.

        Articles that an editor hid or withdrew are left out. Of more than `most`, those with the
        highest ids are kept.
        """
        # With a plain OR, SQLite scans the whole table to keep the order.
        found = union(
            *(
                select(articles.c.id).where(column >= since)
                for column in (articles.c.published, articles.c.first_seen)
            )
        ).subquery()
        ids = select(found.c.id)
        if most is not None:
            ids = ids.order_by(found.c.id.desc()).limit(most)
        return await self._fetch(
            ARTICLE.where(articles.c.id.in_(ids), articles.c.state.is_(None)).order_by(
                articles.c.id
            )
        )

    async def known(
        self, source_id: int, guids: Collection[str], links: Collection[str]
    ) -> list[Known]:
        """Return stored articles with one of these links, or of this source with one of the ids."""
        return await self._db.read(lambda connection: _known(connection, source_id, guids, links))

    async def unweighed(self, since: datetime, *, most: int) -> list[tuple[int, str, str]]:
        """Return id, title and standfirst of articles without a weight, the last seen first."""
        a = articles.c
        query = select(a.id, a.title, a.standfirst).where(UNWEIGHED, a.first_seen >= since)
        query = query.order_by(a.first_seen.desc()).limit(most)
        rows = await self._db.rows(query)
        return [tuple(row) for row in rows]

    async def weigh(self, found: Mapping[int, tuple[StoryKind, float, float]]) -> None:
        """Give articles a kind, its certainty and a weight; what one has by now it keeps."""
        rows = [
            {"number": number, **dict(zip(_NEW, values, strict=True))}
            for number, values in sorted(found.items())
        ]

        def write(connection: Connection) -> None:
            take_turns(connection, AdvisoryLock.ARCHIVE)
            connection.execute(_WEIGH, rows)

        await self._db.write(write)

    async def known_and_pruned(
        self, source_id: int, guids: Collection[str], links: Collection[str]
    ) -> tuple[list[Known], frozenset[str]]:
        """Return stored articles as `known` does, and which links are of articles pruned by age."""
        by_print = {pruned_links.link_print(link): link for link in links}

        def read(connection: Connection) -> tuple[list[Known], frozenset[str]]:
            found = _known(connection, source_id, guids, links)
            pruned = pruned_links.prints_among(connection, [*by_print])
            return found, frozenset(map(by_print.__getitem__, pruned))

        return await self._db.read(read)

    async def decision_about(self, link: str) -> LinkDecision | None:
        """Return what editors last decided about a link, in any spelling, or None."""
        found = await self._db.read(
            lambda connection: link_decisions.last_about(connection, [link])
        )
        return found.get(link)

    async def titled(self, source_id: int, titles: Collection[str]) -> list[Known]:
        """Return a source's stored articles with one of these titles, ordered by id."""

        def read(connection: Connection) -> list[Known]:
            found: dict[int, Known] = {}
            for part in _parts(titles):
                shown = (
                    TITLE_START.in_({title[:TITLE_LENGTH] for title in part}),
                    articles.c.title.in_(part),
                )
                # The few articles that an editor gave another title.
                amended = (amendments.c.source_title.in_(part),)
                for condition in (shown, amended):
                    query = KNOWN.where(articles.c.source_id == source_id, *condition)
                    found |= {row[0]: Known(*row) for row in connection.execute(query)}
            return [found[number] for number in sorted(found)]

        return await self._db.read(read)

    async def siblings(self, story_ids: Collection[int]) -> list[Article]:
        """Return every article of these stories, ordered by id."""
        found = await self._by(ARTICLES_BY_STORY, story_ids)
        return sorted(found, key=lambda article: article.id)

    async def of_events(self, events: Collection[int]) -> list[Article]:
        """Return every article of these events, ordered by id; see `Article.event`."""
        return await self._db.read(lambda connection: _of_events(connection, events))

    async def of_matter(self, event: int) -> list[Article]:
        """Return every article of the events of an event's matter that readers may see, by id."""

        def read(connection: Connection) -> list[Article]:
            found = _of_events(connection, matters.matter_of_event(connection, event))
            return [article for article in found if article.state is None]

        return await self._db.read(read)

    async def going_on(self, category: str, since: datetime, *, most: int) -> list[int]:
        """Return an event of each matter of a category with news since then, the newest first."""
        return await self._db.read(
            lambda connection: matters.going_on(connection, category, since, most)
        )

    async def explain(self, link: str) -> tuple[Article, tuple[Filing, ...]] | None:
        """Return the article with this link and its categories with their reasons, or None."""
        query = ARTICLE.where(articles.c.link == link)
        filed = select(article_categories.c.category, article_categories.c.reason).order_by(
            article_categories.c.position
        )

        def read(connection: Connection) -> tuple[Article, tuple[Filing, ...]] | None:
            for found in read_articles(connection, query):
                rows = connection.execute(filed.where(article_categories.c.article_id == found.id))
                return found, tuple(Filing(*row) for row in rows)
            return None

        return await self._db.read(read)

    async def _fetch(self, query: Select[*tuple[Any, ...]]) -> list[Article]:
        return await self._db.read(lambda connection: read_articles(connection, query))

    async def _by(self, query: Select[*tuple[Any, ...]], values: Iterable[int]) -> list[Article]:
        return await self._db.read(lambda connection: _articles_by(connection, query, values))


def _articles_by(
    connection: Connection, query: Select[*tuple[Any, ...]], values: Iterable[int]
) -> list[Article]:
    return [one for part in _parts(values) for one in read_articles(connection, query, part)]


def _known(
    connection: Connection, source_id: int, guids: Collection[str], links: Collection[str]
) -> list[Known]:
    query = of_source(KNOWN, connection.dialect.name)
    asked = {"links": [*links], "source": source_id, "guids": [*guids]}
    return [Known(*row) for row in connection.execute(query, asked).all()]


def _of_events(connection: Connection, events: Iterable[int]) -> list[Article]:
    found = {one.id: one for one in _articles_by(connection, ARTICLES_BY_EVENT, events)}
    return [found[number] for number in sorted(found)]


def _in_order(ids: Sequence[int], found: Iterable[Article]) -> list[Article]:
    by_id = {article.id: article for article in found}
    return [by_id[number] for number in ids if number in by_id]


def _parts(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Yield the values without duplicates, in lists short enough for one statement."""
    once = list(dict.fromkeys(values))
    for start in range(0, len(once), CHUNK):
        yield once[start : start + CHUNK]
