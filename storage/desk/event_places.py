"""The event and the story of articles, as editors join and part them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.articles.article_filters import EVENT
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def of_event(connection: Connection, event: int) -> list[tuple[int, int | None, int]]:
    """Return id, event and story of each article of an event, ordered by id."""
    a = articles.c
    query = select(a.id, a.event_id, a.story_id).where(
        (a.event_id == event) | ((a.story_id == event) & (event == EVENT))
    )
    return sorted((row.id, row.event_id, row.story_id) for row in connection.execute(query))


def place(connection: Connection, number: int) -> list[int | None]:
    """Return the id, event and story of an article; without the last two if it is gone."""
    a = articles.c
    row = connection.execute(select(a.event_id, a.story_id).where(a.id == number)).first()
    return [number] if row is None else [number, *row]


def set_events(connection: Connection, values: Sequence[tuple[int, int | None, int]]) -> None:
    """Write the event and story of articles: id, event and story of each."""
    for number, event, story in values:
        connection.execute(
            update(articles).where(articles.c.id == number).values(event_id=event, story_id=story)
        )


def restore_events(
    connection: Connection,
    before: Sequence[Sequence[int | None]],
    after: Sequence[Sequence[int | None]],
) -> bool:
    """Give articles their former events; return False if one has another event by now.

    Articles that are not in the archive any more are left out.
    """
    for each in after:
        number = int(each[0] or 0)
        if place(connection, number) not in ([number], list(each)):
            return False
    set_events(connection, [(int(each[0] or 0), each[1], int(each[2] or 0)) for each in before])
    return True
