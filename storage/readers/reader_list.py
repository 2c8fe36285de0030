"""The operator's list of all subscribers. Names of people are not stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.model import ChatKind, State
from storage.tables.reader_schema import managers, subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db.database import Database


@dataclass(frozen=True, slots=True)
class ListedReader:
    """A subscriber in the list."""

    id: int
    chat_id: int
    thread_id: int
    """The forum topic; 0 for none."""
    kind: ChatKind
    state: State
    last_edition: datetime | None
    """When the last edition was due; None before the first one."""
    title: str
    """The title of a channel, group or topic managed from a private chat; else empty."""


async def read_list(database: Database) -> list[ListedReader]:
    """Return all subscribers, ordered by id."""
    s = subscribers.c
    # All managers of a chat have the same title stored.
    titles = (
        select(managers.c.subscriber_id, func.max(managers.c.title).label("title"))
        .group_by(managers.c.subscriber_id)
        .subquery()
    )
    query = (
        select(s.id, s.chat_id, s.thread_id, s.kind, s.state, s.edition_at, titles.c.title)
        .outerjoin(titles, titles.c.subscriber_id == s.id)
        .order_by(s.id)
    )
    rows = await database.rows(query)
    return [
        ListedReader(id_, chat_id, thread_id, ChatKind(kind), State(state), edition_at, title or "")
        for id_, chat_id, thread_id, kind, state, edition_at, title in rows
    ]
