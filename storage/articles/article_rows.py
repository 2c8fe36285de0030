"""The queries that read articles, whole or only the fields that identify them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, false, func, or_, select

from storage.articles.article_filters import EVENT
from storage.db.dataclass_rows import columns_of, reader_of
from storage.db.dialect import among
from storage.model import FILLER, UNSURE, Article, ArticleState, Known, Show, StoryKind
from storage.tables.correction_schema import amendments
from storage.tables.schema import articles, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import BindParameter, ColumnElement, Connection, Select

_ELSEWHERE: Mapping[str, ColumnElement[Any]] = {
    "source": sources.c.name,
    "source_weight": sources.c.weight,
    "has_body": articles.c.body_print.is_not(None),
    "words": articles.c.followed_words,
    "full_text": sources.c.full_text,
    "pictures": sources.c.pictures,
    "paywall": func.coalesce(articles.c.paywall, sources.c.paywall, false()),
    "general": sources.c.general,
    "filler": articles.c.categories.label("filler"),
    "unsure": articles.c.categories.label("unsure"),
}
"""Field of `Article` → its column, unless it is the column of the same name of `articles`."""


def _lines(value: str | None) -> tuple[str, ...]:
    return tuple(value.split("\n")) if value else ()


_MARKS = (FILLER, UNSURE)


def _slugs(value: str) -> tuple[str, ...]:
    return tuple(slug for slug in value.split() if slug not in _MARKS)


# Faster than to call the enumerations.
_SHOW = {each.value: each for each in Show}
_STATES: dict[str | None, ArticleState | None] = {
    None: None,
    **{each.value: each for each in ArticleState},
}
_KINDS: dict[str | None, StoryKind | None] = {
    None: None,
    **{each.value: each for each in StoryKind},
}
_CONVERTED: Mapping[str, Callable[[Any], object]] = {
    "categories": _slugs,
    "words": _lines,
    "event_evidence": lambda value: value or "",
    "figures": _lines,
    "full_text": _SHOW.__getitem__,
    "pictures": _SHOW.__getitem__,
    "filler": lambda value: FILLER in value.split(),
    "unsure": lambda value: UNSURE in value.split(),
    "story_kind": _KINDS.__getitem__,
    "state": _STATES.__getitem__,
}
"""Field of `Article` → how it is made from the value of its column, unless it is that value."""

_article = reader_of(Article, _CONVERTED)
ARTICLE = select(*columns_of(Article, articles, _ELSEWHERE)).join_from(articles, sources)
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
# Built once: building these takes longer than running them.
ARTICLES_BY_ID = ARTICLE.where(articles.c.id.in_(_THESE))
ARTICLES_BY_STORY = ARTICLE.where(articles.c.story_id.in_(_THESE))
# For articles older than event detection, the story is the event.
ARTICLES_BY_EVENT = ARTICLE.where(
    or_(
        articles.c.event_id.in_(_THESE),
        # Not `event_id IS NULL`, which would make SQLite scan all such articles.
        and_(articles.c.story_id.in_(_THESE), EVENT.in_(_THESE)),
    ),
    articles.c.state.is_(None),
)
SOURCE_TEXTS: Mapping[str, ColumnElement[Any]] = {
    "title": func.coalesce(amendments.c.source_title, articles.c.title),
    "standfirst": func.coalesce(amendments.c.source_standfirst, articles.c.standfirst),
}
"""What the source last said, whatever an editor wrote instead; needs a join with `amendments`."""
WITH_AMENDMENTS = articles.outerjoin(amendments, amendments.c.article_id == articles.c.id)
KNOWN = select(
    *columns_of(Known, articles, {"article_id": articles.c.id, **SOURCE_TEXTS})
).select_from(WITH_AMENDMENTS)


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


def read_articles(
    connection: Connection, query: Select[*tuple[Any, ...]], these: Sequence[int] | None = None
) -> list[Article]:
    """Return the articles that a SELECT of `ARTICLE` finds; `these` fills its parameter."""
    asked = {} if these is None else {"these": these}
    # Fetch all rows at once: one by one takes a third longer.
    return [_article(row) for row in connection.execute(query, asked).all()]
