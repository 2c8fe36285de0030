"""Which articles are wanted, as conditions of a query on `articles`: by a taste, or by a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, or_, select

from storage import search_words
from storage.schema import article_categories, articles

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model import Taste


def filed_under(
    categories: frozenset[str],
    *within: ColumnElement[bool],
    since: datetime | None = None,
) -> ColumnElement[bool]:
    """Filed under one of the categories. The index on them holds all that is asked here."""
    query = select(article_categories.c.article_id).where(
        article_categories.c.category.in_(sorted(categories)), *within
    )
    if since is not None:
        return articles.c.id.in_(query.where(article_categories.c.published >= since))
    # What is asked without a time is rare. The OFFSET keeps PostgreSQL from walking back through
    # all articles to see of each whether it is one of the few.
    return articles.c.id.in_(query.offset(0))


def let_in(taste: Taste) -> list[ColumnElement[bool]]:
    """Not what a taste keeps out, whatever it follows."""
    return [*in_languages(taste.languages), *not_muted(taste)]


def not_muted(taste: Taste) -> list[ColumnElement[bool]]:
    """Without the categories, sources and words that a taste mutes."""
    conditions: list[ColumnElement[bool]] = []
    if taste.muted_sources:
        # As an expression: the index of sources would only lead away from the newest ones.
        source = articles.c.source_id + 0
        conditions.append(source.not_in(sorted(taste.muted_sources)))
    if taste.muted_categories:
        conditions.append(
            ~exists().where(
                article_categories.c.article_id == articles.c.id,
                article_categories.c.category.in_(sorted(taste.muted_categories)),
            )
        )
    words = sorted(map(search_words.muted, taste.muted_words))
    return [*conditions, *(~articles.c.words.contains(f" {word} ") for word in words if word)]


def in_languages(languages: frozenset[str]) -> list[ColumnElement[bool]]:
    """In one of the languages, or in none; none named means all."""
    if not languages:
        return []
    # As an expression: by the index of languages, all of a language's articles would be sorted.
    language = articles.c.language.concat("")
    return [or_(articles.c.language.is_(None), language.in_(sorted(languages)))]


def at_top(phrases: tuple[search_words.Phrase, ...], *, in_first: bool) -> ColumnElement[bool]:
    """With all these words in the title (`in_first`), or at least in title and standfirst."""
    return and_(
        *(articles.c.words.like(search_words.like(phrase, in_first=in_first)) for phrase in phrases)
    )
