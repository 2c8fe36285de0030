"""The newest stories for a taste, by whichever index leads to the fewest that are not wanted."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all

from storage.articles import article_filters
from storage.articles.article_filters import EVERYTHING, SearchFilter
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select, Subquery

    from storage.model import Taste

WINDOWS = (400, 6_000, 60_000)
"""From so many of the newest articles a taste is served before the whole archive is asked."""
FEW = 2_000
"""Articles of some languages by which a taste is rather served than by its categories."""
COPIES = 20
"""Copies among the newest articles that are reckoned with, beside one of each story."""

_ORDER = (articles.c.published.desc(), articles.c.id.desc())


def of_languages(
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


def events(
    connection: Connection,
    taste: Taste,
    *,
    limit: int,
    offset: int,
    without_event: int | None = None,
    only: SearchFilter = EVERYTHING,
) -> dict[int, int]:
    """A page of the newest events for a taste, newest first: event → the id of its article.

    Each story is there once: as the first of its articles that suits the taste; and of each event
    the newest of these. Left out are the event `without_event` and what is not as `only` says.
    """
    event = article_filters.EVENT
    without = only.conditions()
    if without_event is not None:
        without.append(event != without_event)
    enough = limit + offset
    most = 2 * enough + COPIES
    while True:
        for query, certain in _queries(connection, taste, most, only.sources, without):
            newest = query.add_columns(articles.c.story_id, event).order_by(*_ORDER).limit(most)
            rows = connection.execute(newest).all()
            found = [(row[0], row[1]) for row in rows]
            event_of = {row[0]: row[2] for row in rows}
            once: dict[int, int] = {}
            for number in _first_of_story(connection, taste, only.sources, found):
                once.setdefault(event_of[number], number)
            if len(once) >= enough or (certain and len(found) < most):
                return dict(islice(once.items(), offset, enough))
            if len(found) == most:
                break
        # The rest of so many articles were copies.
        most *= 4


def _first_of_story(
    connection: Connection,
    taste: Taste,
    sources: frozenset[int],
    found: Sequence[tuple[int, int]],
) -> list[int]:
    """Of articles, as pairs of id and story, those that tell their story first to this taste.

    Where only some sources are wanted, it is the first of theirs.
    """
    # A story has the id of its first article, which nothing can have come before.
    later = {story for number, story in found if number != story}
    if not later:
        return [number for number, _ in found]
    suits = article_filters.let_in(taste)
    if taste.follows_anything:
        suits.append(article_filters.is_followed(taste))
    suits += SearchFilter(sources).conditions()
    query = (
        select(articles.c.story_id, func.min(articles.c.id))
        .where(articles.c.story_id.in_(later), *suits)
        .group_by(articles.c.story_id)
    )
    first = {row[0]: row[1] for row in connection.execute(query)}
    return [number for number, story in found if number in {story, first.get(story)}]


def _queries(
    connection: Connection,
    taste: Taste,
    most: int,
    sources: frozenset[int],
    without: list[ColumnElement[bool]],
) -> Iterator[tuple[Select[int], bool]]:
    """What to ask until a page is full; with each, whether there is nothing beyond it."""
    kept_out = [*article_filters.not_muted(taste), *without]
    if sources and not taste.follows_anything:
        query = select(articles.c.id).where(*article_filters.let_in(taste), *without)
        since = _published_last(connection, WINDOWS[1])
        if since is not None:
            yield query.where(articles.c.published >= since), False
        # Of a source with little news the newest articles of all others would be walked through.
        theirs = select(articles.c.id).where(articles.c.source_id.in_(sorted(sources))).offset(0)
        yield query.where(articles.c.id.in_(theirs)), True
        return
    if not taste.follows_anything:
        query = select(articles.c.id).where(*kept_out)
        if taste.languages:
            found = of_languages(taste.languages, most, *kept_out)
            query = select(articles.c.id).where(articles.c.id.in_(select(found.c.id)))
        yield query, True
        return
    query = select(articles.c.id).where(*article_filters.let_in(taste), *without)
    # A category with much news would be sorted whole, for the sake of its newest few.
    for number, window in enumerate(WINDOWS):
        # Not before: whoever reads a language of much news has a page by now.
        if number == 1 and taste.languages and not taste.sought_anywhere:
            few = of_languages(taste.languages, FEW + 1)
            if _counted(connection, few) <= FEW:
                in_few = articles.c.id.in_(select(few.c.id))
                followed = article_filters.is_followed(taste)
                yield select(articles.c.id).where(in_few, followed, *kept_out), True
                return
        since = _published_last(connection, window)
        if since is None:
            break
        followed = article_filters.followed(taste, since=since)
        yield query.where(followed, articles.c.published >= since), False
    yield query.where(article_filters.followed(taste)), True


def _published_last(connection: Connection, count: int) -> datetime | None:
    """Since when so many articles were published; None where there are not more of them."""
    times = select(articles.c.published).order_by(articles.c.published.desc())
    since: datetime | None = connection.execute(times.limit(1).offset(count)).scalar()
    return since


def _counted(connection: Connection, found: Subquery) -> int:
    """How many there are; of more than `FEW` only that."""
    some = select(found.c.id).limit(FEW + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
