"""The queries that read articles, whole or only the fields that identify them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, false, func, or_, select

from storage.articles.article_filters import EVENT
from storage.db.dialect import among
from storage.model import FILLER, Article, Show
from storage.tables.schema import articles, sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, Connection, Select

# In the order of the fields of `Article`, except `filler`, which comes from the categories.
ARTICLE = select(
    articles.c.id,
    articles.c.story_id,
    articles.c.source_id,
    sources.c.name,
    sources.c.weight,
    articles.c.link,
    articles.c.title,
    articles.c.standfirst,
    articles.c.image,
    articles.c.author,
    articles.c.language,
    articles.c.published,
    articles.c.first_seen,
    articles.c.categories,
    articles.c.backlog,
    articles.c.body_print.is_not(None),
    articles.c.followed_words,
    articles.c.event_id,
    articles.c.event_evidence,
    articles.c.figures,
    sources.c.full_text,
    sources.c.pictures,
    func.coalesce(articles.c.paywall, sources.c.paywall, false()),
    sources.c.general,
).join_from(articles, sources)
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
# Built once: building these and the one below takes longer than running them.
ARTICLES_BY_ID = ARTICLE.where(articles.c.id.in_(_THESE))
ARTICLES_BY_STORY = ARTICLE.where(articles.c.story_id.in_(_THESE))
# For articles older than event detection, the story is the event.
ARTICLES_BY_EVENT = ARTICLE.where(
    or_(
        articles.c.event_id.in_(_THESE),
        # Not `event_id IS NULL`, which would make SQLite scan all such articles.
        and_(articles.c.story_id.in_(_THESE), EVENT.in_(_THESE)),
    )
)
_CATEGORIES = list(ARTICLE.selected_columns).index(articles.c.categories)
_WORDS = list(ARTICLE.selected_columns).index(articles.c.followed_words)
_SHOWN = list(ARTICLE.selected_columns).index(sources.c.full_text)
_EVIDENCE = list(ARTICLE.selected_columns).index(articles.c.event_evidence)
_FIGURES = list(ARTICLE.selected_columns).index(articles.c.figures)

# In the order of the fields of `Known`.
KNOWN = select(
    *(articles.c[name] for name in ("id", "guid", "link", "title", "standfirst", "published"))
)


@cache
def of_source(query: Select[*tuple[Any, ...]], dialect: str) -> Select[*tuple[Any, ...]]:
    """Restrict a query to articles with one of `links`, or of `source` with one of `guids`.

    These three are the query's parameters.
    """
    return query.where(
        or_(
            among(articles.c.link, "links", dialect),
            and_(
                articles.c.source_id == bindparam("source"),
                among(articles.c.guid, "guids", dialect),
            ),
        )
    )


def _to_article(row: Sequence[Any]) -> Article:
    """Return the article in a row of `ARTICLE`."""
    values = [*row]
    categories = values[_CATEGORIES].split()
    filler = FILLER in categories
    if filler:
        categories.remove(FILLER)
    values[_CATEGORIES] = tuple(categories)
    values[_WORDS] = tuple(values[_WORDS].split("\n")) if values[_WORDS] else ()
    values[_EVIDENCE] = values[_EVIDENCE] or ""
    values[_FIGURES] = tuple(values[_FIGURES].split("\n")) if values[_FIGURES] else ()
    values[_SHOWN:] = (
        Show(values[_SHOWN]),
        Show(values[_SHOWN + 1]),
        bool(values[_SHOWN + 2]),
        bool(values[_SHOWN + 3]),
        filler,
    )
    return Article(*values)


def read_articles(
    connection: Connection, query: Select[*tuple[Any, ...]], these: Sequence[int] | None = None
) -> list[Article]:
    """Return the articles that a SELECT of `ARTICLE` finds.

    Args:
        connection: A connection.
        query: The SELECT.
        these: The values of its parameter `these`, for a query such as `ARTICLES_BY_ID`.
    """
    asked = {} if these is None else {"these": these}
    # Fetch all rows at once: one by one takes a third longer.
    return [_to_article(row) for row in connection.execute(query, asked).all()]
