"""Which articles are wanted, as conditions of a query on `articles`: by a taste, or by a search."""

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
"""What an article tells of; see `storage.model.Article.event`."""


def followed(
    taste: Taste,
    *,
    places: tuple[int, int] | None = None,
    since: datetime | None = None,
) -> ColumnElement[bool]:
    """Filed under a category that a taste follows, or with one of its words.

    The indexes on them hold all that is asked here.

    Args:
        taste: The taste.
        places: Only articles with places[0] < id <= places[1].
        since: Only what was published since then.
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
    # What is asked without a time is rare. The OFFSET keeps PostgreSQL from walking back through
    # all articles to see of each whether it is one of the few.
    return articles.c.id.in_(query if since is not None else query.offset(0))


def is_followed(taste: Taste) -> ColumnElement[bool]:
    """The same, asked of each of a few articles."""
    filed = _filed_under(taste.follows)
    if not taste.words:
        return filed
    return filed | _worded(taste.sought)


def _worded(words: Collection[str]) -> ColumnElement[bool]:
    """With one of these followed words."""
    return exists().where(
        article_words.c.article_id == articles.c.id, article_words.c.word.in_(sorted(words))
    )


def _filed_under(slugs: Collection[str]) -> ColumnElement[bool]:
    """Under one of these categories."""
    return exists().where(
        article_categories.c.article_id == articles.c.id,
        article_categories.c.category.in_(sorted(slugs)),
    )


def let_in(taste: Taste) -> list[ColumnElement[bool]]:
    """Not what a taste keeps out, whatever it follows."""
    languages = in_languages(taste.languages)
    if languages and taste.sought_anywhere:
        languages = [or_(*languages, _worded(taste.sought_anywhere))]
    return [*languages, *not_muted(taste)]


def not_muted(taste: Taste) -> list[ColumnElement[bool]]:
    """Without the categories, sources and words that a taste mutes."""
    conditions: list[ColumnElement[bool]] = []
    if taste.muted_sources:
        # As an expression: the index of sources would only lead away from the newest ones.
        source = articles.c.source_id + 0
        conditions.append(source.not_in(sorted(taste.muted_sources)))
    if taste.muted_categories:
        conditions.append(~_filed_under(taste.muted_categories))
    words = sorted(filter(None, map(search_words.muted, taste.muted_words)))
    return [*conditions, *(~articles.c.words.contains(search_words.sought(word)) for word in words)]


def in_languages(languages: frozenset[str]) -> list[ColumnElement[bool]]:
    """In one of the languages, or in none; none named means all."""
    if not languages:
        return []
    # As an expression: by the index of languages, all of a language's articles would be sorted.
    language = articles.c.language.concat("")
    return [or_(articles.c.language.is_(None), language.in_(sorted(languages)))]


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What a search is narrowed to."""

    sources: frozenset[int] = frozenset()
    """Ids of sources; none for all."""
    category: str = ""
    """A category's slug; empty for all."""
    since: datetime | None = None
    """Published then or later."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions, to be asked of articles that something else leads to."""
        found: list[ColumnElement[bool]] = []
        if self.sources:
            # As an expression: the words lead to fewer articles than an index would.
            source = articles.c.source_id + 0
            found.append(source.in_(sorted(self.sources)))
        if self.category:
            found.append(_filed_under({self.category}))
        if self.since is not None:
            found.append(articles.c.published >= self.since)
        return found


EVERYTHING = SearchFilter()


def at_top(phrases: tuple[search_words.Phrase, ...], *, in_first: bool) -> ColumnElement[bool]:
    """With all these words in the title (`in_first`), or at least in title and standfirst."""
    return and_(
        *(articles.c.words.like(search_words.like(phrase, in_first=in_first)) for phrase in phrases)
    )
