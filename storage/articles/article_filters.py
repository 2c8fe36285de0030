"""Conditions of queries on `articles`, made from a taste or from a search's filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, union_all

from storage.tables.schema import article_categories, article_words, articles
from storage.words import search_words

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Select

    from storage.model import Taste

EVENT: ColumnElement[int] = func.coalesce(articles.c.event_id, articles.c.story_id)
"""The id of the event that an article reports; see `storage.model.Article.event`."""


def followed(
    taste: Taste,
    *,
    places: tuple[int, int] | None = None,
    since: datetime | None = None,
) -> ColumnElement[bool]:
    """Return a condition: filed under a category that a taste follows, or with one of its words.

    The indexes on categories and words contain every column used here. Only articles with places[0]
    < id <= places[1] and published since then count.
    """
    found: list[Select[int]] = []
    for table, column, wanted in (
        (article_categories, article_categories.c.category, taste.follows),
        (article_words, article_words.c.word, taste.sought.keys()),
    ):
        if wanted:
            query = select(table.c.article_id).where(column.in_(sorted(wanted)))
            if places is not None:
                query = query.where(table.c.article_id > places[0], table.c.article_id <= places[1])
            found.append(query if since is None else query.where(table.c.published >= since))
    if not found:
        return false()
    query = found[0]
    if len(found) > 1:
        query = select(union_all(*found).subquery().c.article_id)
    # Queries without a time find few articles. The OFFSET keeps PostgreSQL from scanning all
    # articles backwards to test each one.
    return articles.c.id.in_(query if since is not None else query.offset(0))


def is_followed(taste: Taste) -> ColumnElement[bool]:
    """Return a condition: the article is filed under or contains what a taste follows.

    It tests each article, so use it for few articles. For many, `followed` uses the indexes.
    """
    filed = _filed_under(taste.follows)
    if not taste.words:
        return filed
    return filed | _worded(taste.sought)


def _worded(words: Collection[str]) -> ColumnElement[bool]:
    return exists().where(
        article_words.c.article_id == articles.c.id, article_words.c.word.in_(sorted(words))
    )


def _filed_under(slugs: Collection[str]) -> ColumnElement[bool]:
    return exists().where(
        article_categories.c.article_id == articles.c.id,
        article_categories.c.category.in_(sorted(slugs)),
    )


def let_in(taste: Taste, *, words: bool = True) -> list[ColumnElement[bool]]:
    """Return conditions that exclude what a taste keeps out: other languages, and mutes.

    With `words`, muted words are tested too; see `muted_texts`.
    """
    languages = in_languages(taste.languages)
    if languages and taste.sought_anywhere:
        languages = [or_(*languages, _worded(taste.sought_anywhere))]
    return [*languages, *not_muted(taste, words=words)]


def not_muted(taste: Taste, *, words: bool = True) -> list[ColumnElement[bool]]:
    """Return conditions that exclude what a taste mutes: categories, sources and words.

    Articles that an editor hid or withdrew are excluded too.
    """
    conditions: list[ColumnElement[bool]] = [articles.c.state.is_(None)]
    if taste.muted_sources:
        # An expression, so that the index on sources is not used: it leads away from the newest
        # articles.
        source = articles.c.source_id + 0
        conditions.append(source.not_in(sorted(taste.muted_sources)))
    if taste.muted_categories:
        conditions.append(~_filed_under(taste.muted_categories))
    if words:
        conditions += (~articles.c.words.contains(each) for each in muted_texts(taste))
    return conditions


def muted_texts(taste: Taste) -> list[str]:
    """Return the texts whose presence in `articles.words` shows a word that a taste mutes."""
    words = sorted(filter(None, map(search_words.muted, taste.muted_words)))
    return [search_words.sought(word) for word in words]


def in_languages(languages: frozenset[str]) -> list[ColumnElement[bool]]:
    """Return a condition: in one of these languages, or of unknown language.

    The list is empty if no languages are given, since that means all.
    """
    if not languages:
        return []
    # An expression, so that the index on languages is not used: it would sort all articles of a
    # language.
    language = articles.c.language.concat("")
    return [or_(articles.c.language.is_(None), language.in_(sorted(languages)))]


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """The filters of a search."""

    sources: frozenset[int] = frozenset()
    """Ids of sources; empty for all."""
    category: str = ""
    """A category's slug; empty for all."""
    since: datetime | None = None
    """Only articles published then or later; None for all."""
    before: datetime | None = None
    """Only articles published earlier than that; None for all."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filters as conditions, for queries that find articles by another index."""
        found: list[ColumnElement[bool]] = []
        if self.sources:
            # An expression, so that no index is used: the words lead to fewer articles.
            source = articles.c.source_id + 0
            found.append(source.in_(sorted(self.sources)))
        if self.category:
            found.append(_filed_under({self.category}))
        if self.since is not None:
            found.append(articles.c.published >= self.since)
        if self.before is not None:
            found.append(articles.c.published < self.before)
        return found


EVERYTHING = SearchFilter()


def at_top(phrases: tuple[search_words.Phrase, ...], *, in_first: bool) -> ColumnElement[bool]:
    """Return a condition: all phrases occur in the title, or in title and standfirst together.

    With `in_first`, only the title counts.
    """
    return and_(
        *(articles.c.words.like(search_words.like(phrase, in_first=in_first)) for phrase in phrases)
    )
