"""The newest articles for a taste, by whichever index leads to the fewest that are not wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all

from storage import article_filters
from storage.schema import articles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select, Subquery

    from storage.model import Taste

WINDOWS = (400, 6_000, 60_000)
"""From so many of the newest articles a taste is served before the whole archive is asked."""
FEW = 2_000
"""Articles of some languages by which a taste is rather served than by its categories."""

_ORDER = (articles.c.published.desc(), articles.c.id.desc())


def in_languages(
    languages: frozenset[str], most: int, *conditions: ColumnElement[bool]
) -> Subquery:
    """Id and time of the newest articles of each of these languages, and of those without one.

    Each language is read from its own place in the index: where few articles have it, nobody walks
    through those of all others.
    """
    groups: list[ColumnElement[bool]] = [articles.c.language.is_(None)]
    groups += [articles.c.language == language for language in sorted(languages)]
    newest = (
        select(articles.c.id, articles.c.published)
        .where(group, *conditions)
        .order_by(*_ORDER)
        .limit(most)
        .subquery()
        for group in groups
    )
    return union_all(*(select(each) for each in newest)).subquery()


def ids(
    connection: Connection,
    taste: Taste,
    *,
    limit: int,
    offset: int,
    without_story: int | None = None,
) -> list[int]:
    """The ids of a page of the newest articles for a taste, newest first.

    Those of the story `without_story` are left out.
    """
    without = [] if without_story is None else [articles.c.story_id != without_story]
    for query, certain in _queries(connection, taste, limit + offset, without):
        page = query.order_by(*_ORDER).limit(limit).offset(offset)
        found = list(connection.execute(page).scalars())
        if certain or len(found) == limit:
            return found
    return []


def _queries(
    connection: Connection, taste: Taste, most: int, without: list[ColumnElement[bool]]
) -> Iterator[tuple[Select[int], bool]]:
    """What to ask until a page is full; with each, whether there is nothing beyond it."""
    kept_out = [*article_filters.not_muted(taste), *without]
    if not taste.follows_anything:
        query = select(articles.c.id).where(*kept_out)
        if taste.languages:
            found = in_languages(taste.languages, most, *kept_out)
            query = select(articles.c.id).where(articles.c.id.in_(select(found.c.id)))
        yield query, True
        return
    query = select(articles.c.id).where(*article_filters.let_in(taste), *without)
    # A category with much news would be sorted whole, for the sake of its newest few.
    for number, window in enumerate(WINDOWS):
        # Not before: whoever reads a language of much news has a page by now.
        if number == 1 and taste.languages:
            few = in_languages(taste.languages, FEW + 1)
            if _counted(connection, few) <= FEW:
                in_few = articles.c.id.in_(select(few.c.id))
                followed = article_filters.is_followed(taste)
                yield select(articles.c.id).where(in_few, followed, *kept_out), True
                return
        times = select(articles.c.published).order_by(articles.c.published.desc())
        since: datetime | None = connection.execute(times.limit(1).offset(window)).scalar()
        if since is None:
            break
        followed = article_filters.followed(taste, since=since)
        yield query.where(followed, articles.c.published >= since), False
    yield query.where(article_filters.followed(taste)), True


def _counted(connection: Connection, found: Subquery) -> int:
    """How many there are; of more than `FEW` only that."""
    some = select(found.c.id).limit(FEW + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
