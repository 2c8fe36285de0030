"""Matters: which events of the archive are linked over time; see `news.stories.matters`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, literal, select, union_all

from storage.articles.article_filters import EVENT
from storage.articles.pruned_links import link_print
from storage.db.bulk import insert_all
from storage.model.matter_model import MARKS, EventOfMatter
from storage.tables.columns import to_driver
from storage.tables.schema import article_categories, articles, event_marks, matters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.model.matter_model import EventWords

    NearestOf = Callable[[EventWords, datetime, Sequence[EventOfMatter]], EventOfMatter | None]
    """Returns, of the matter that an event goes on with, the event most similar to it, or None."""

A_YEAR = timedelta(days=365)
WITH_A_MARK = 25
"""Events compared that share a mark, the latest; with all marks at most 200."""
_MARKED = [
    select(event_marks.c.event_id)
    .where(event_marks.c.mark == bindparam(f"mark{place}"))
    .order_by(event_marks.c.event_id.desc())
    .limit(WITH_A_MARK)
    .subquery()
    for place in range(MARKS)
]
_COMPARED = select(matters.c.event_id, matters.c.matter_id, matters.c.words, matters.c.begun).where(
    matters.c.event_id.in_(union_all(*(select(each.c.event_id) for each in _MARKED))),
    matters.c.begun >= bindparam("since"),
)


def link(
    connection: Connection,
    begun: Iterable[tuple[int, EventWords, datetime]],
    nearest_of: NearestOf,
) -> None:
    """Give new events their matters, in order: number, words, time of the first report."""
    for event, words, at in begun:
        marks = [link_print(mark) for mark in words.marks]
        asked = {f"mark{place}": marks[place % len(marks)] for place in range(MARKS)}
        rows = connection.execute(_COMPARED, {**asked, "since": at - A_YEAR})
        found = nearest_of(words, at, [EventOfMatter(*row) for row in rows])
        when = to_driver(at, connection.dialect.name)
        columns = ("event_id", "matter_id", "words", "begun")
        insert_all(
            connection,
            matters,
            columns,
            [(event, event if found is None else found.matter, words.text, when)],
        )
        insert_all(
            connection,
            event_marks,
            ("mark", "event_id", "begun"),
            [(mark, event, when) for mark in dict.fromkeys(marks)],
        )


def matter_of_event(connection: Connection, event: int) -> list[int]:
    """Return the events of an event's matter, with itself; empty if it has none."""
    m = matters.c
    its = select(m.matter_id).where(m.event_id == event).scalar_subquery()
    return [*connection.execute(select(m.event_id).where(m.matter_id == its)).scalars()]


def going_on(connection: Connection, category: str, since: datetime, most: int) -> list[int]:
    """Return an event of each matter of a category with news since then, the newest first.

    A matter has two events or more.
    """
    m, other, filed = matters.c, matters.alias().c, article_categories.c
    several = select(other.event_id).where(
        other.matter_id == m.matter_id, other.event_id != m.event_id
    )
    query = (
        select(func.max(m.event_id))
        .join_from(article_categories, articles)
        .join(matters, m.event_id == EVENT)
        .where(filed.category == category, filed.published >= since, several.exists())
        .group_by(m.matter_id)
        .order_by(func.max(filed.published).desc(), m.matter_id)
        .limit(most)
    )
    return [*connection.execute(query).scalars()]


def continue_as(connection: Connection, event: int, other: int) -> None:
    """Give an event, whose number changes to `other`, the same matter under that number too."""
    m = matters.c
    known = select(m.event_id).where(m.event_id == other).exists()
    row = select(literal(other), m.matter_id, m.words, m.begun).where(m.event_id == event, ~known)
    connection.execute(
        insert(matters).from_select(["event_id", "matter_id", "words", "begun"], row)
    )
