"""The newest stories for a taste, found by the index that leads to fewest unwanted articles."""

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
"""Numbers of newest articles to try, one after another, before the whole archive."""
FEW = 2_000
"""Articles in a taste's languages up to which they are read by language, not by category."""
COPIES = 20
"""Further articles read beyond a page, since some report the same event as another."""
FEW_READ = 2_500
"""Articles up to which muted words are looked for in the rows that are read.

The database would look for them in every article of a window. If more articles are needed, the
taste mutes so much that the database finds the rest faster.
"""

_ORDER = (articles.c.published.desc(), articles.c.id.desc())


def of_languages(
    languages: frozenset[str], most: int, *conditions: ColumnElement[bool]
) -> Subquery:
    """Return a subquery: id and time of the newest `most` articles of each language.

    Articles of unknown language are included as a group. Each language is read from its own place
    in the index, so that a rare language needs no scan of all others.
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
    """Return a page of the newest events for a taste, newest first: event → article id.

    A story counts once, by its first article that suits the taste. An event counts once, by the
    newest of these.
    """
    event = article_filters.EVENT
    without = only.conditions()
    if without_event is not None:
        without.append(event != without_event)
    enough = limit + offset
    most = 2 * enough + COPIES
    while True:
        muted = article_filters.muted_texts(taste) if most <= FEW_READ else []
        columns = [articles.c.story_id, event, *([articles.c.words] if muted else [])]
        for query, certain in _queries(
            connection, taste, most, only.sources, without, words=not muted
        ):
            newest = query.add_columns(*columns).order_by(*_ORDER).limit(most)
            rows = connection.execute(newest).all()
            kept = [row for row in rows if not any(each in row[3] for each in muted)]
            found = [(row[0], row[1]) for row in kept]
            event_of = {row[0]: row[2] for row in kept}
            once: dict[int, int] = {}
            for number in _first_of_story(connection, taste, only.sources, found):
                once.setdefault(event_of[number], number)
            if len(once) >= enough or (certain and len(rows) < most):
                return dict(islice(once.items(), offset, enough))
            if len(rows) == most:
                break
        # Many of these articles reported the same events or are muted: read more.
        most *= 4


def _first_of_story(
    connection: Connection,
    taste: Taste,
    sources: frozenset[int],
    found: Sequence[tuple[int, int]],
) -> list[int]:
    """Return those of `found`, id and story of each, that are their story's first for this taste.

    With `sources`, only articles of these count.
    """
    # A story has the id of its first article, so that article is always the first.
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
    *,
    words: bool,
) -> Iterator[tuple[Select[int], bool]]:
    """Yield queries to try until a page is full.

    With each comes whether it covers everything, so that no further articles exist. With `words`
    they exclude muted words.
    """
    kept_out = [*article_filters.not_muted(taste, words=words), *without]
    let_in = [*article_filters.let_in(taste, words=words), *without]
    if sources and not taste.follows_anything:
        query = select(articles.c.id).where(*let_in)
        since = _published_last(connection, WINDOWS[1])
        if since is not None:
            yield query.where(articles.c.published >= since), False
        # For a source with little news, this avoids scanning the newest articles of all others.
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
    query = select(articles.c.id).where(*let_in)
    # Windows avoid sorting a whole category with much news for its newest few.
    for number, window in enumerate(WINDOWS):
        if window < most:
            continue  # too few for the page
        # Not at the first window: it fills the page of readers of a frequent language.
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
    """Return since when the last `count` articles were published, or None if there are no more."""
    times = select(articles.c.published).order_by(articles.c.published.desc())
    since: datetime | None = connection.execute(times.limit(1).offset(count)).scalar()
    return since


def _counted(connection: Connection, found: Subquery) -> int:
    """Return the number of rows, counted up to `FEW` + 1."""
    some = select(found.c.id).limit(FEW + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
