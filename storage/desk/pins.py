"""Lead stories: articles that come first in editions until a given time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Unpack

from sqlalchemy import and_, delete, func, insert, or_, select

from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk.amended_rows import (
    ChangedMeanwhileError,
    NoSuchArticleError,
    read_article,
    seen_as,
)
from storage.desk.journal import record
from storage.model import State
from storage.model.desk_model import ActKind, Pin
from storage.readers.preferences import from_spec
from storage.tables.desk_schema import pins
from storage.tables.reader_schema import subscribers, tastes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection, Row, Select

    from storage.db.database import Database
    from storage.desk.amended_rows import By
    from storage.desk.journal import Undo, Undoing
    from storage.model import Taste
    from storage.model.desk_model import DeskAct

AT_ONCE = 1_000
"""Tastes that are read before others get their turn."""


class Pins:
    """The lead stories."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def active(self, now: datetime) -> tuple[Pin, ...]:
        """Return the lead stories of a time, the one pinned last first."""
        query = (
            select(pins)
            .where(pins.c.until > now, pins.c.created <= now)
            .order_by(pins.c.created.desc(), pins.c.id.desc())
        )
        rows = await self._db.rows(query)
        return tuple(map(_pin, rows))

    async def of_article(self, article_id: int, now: datetime) -> Pin | None:
        """Return the pin that makes an article a lead story at a time, or None."""
        query = _active(article_id, now)
        row = await self._db.first(query)
        return None if row is None else _pin(row)

    async def reach(self, pin: Pin, wanted: Callable[[Taste], bool]) -> tuple[int, int]:
        """Return how many chats, and how many topics, have an edition due while a story leads.

        `wanted` says of a taste whether it may have the story. A forum has everybody's lead once.
        """
        s, day = subscribers.c, timedelta(days=1)
        due = and_(
            s.state == State.ACTIVE.value,
            s.next_at < pin.until,
            or_(s.next_at >= pin.created, s.next_at < pin.until - day),
        )
        of = tastes.c.key == s.taste_key
        persons = (
            select(tastes.c.spec, func.count())
            .where(of, due, s.chat_id > 0)
            .group_by(tastes.c.key, tastes.c.spec)
        )
        groups = (
            select(tastes.c.spec, s.chat_id, s.thread_id)
            .where(of, due, s.chat_id < 0)
            .order_by(s.next_at.desc())
        )
        chats, topics = 0, {}
        for at, (spec, number) in enumerate(await self._db.rows(persons)):
            if not at % AT_ONCE:
                await asyncio.sleep(0)
            chats += number if wanted(from_spec(spec)) else 0
        for spec, chat_id, thread_id in await self._db.rows(groups):
            if wanted(from_spec(spec)):
                topics[chat_id, thread_id if pin.categories else 0] = bool(thread_id)
        in_topics = sum(topics.values())
        return chats + len(topics) - in_topics, in_topics

    async def lead(
        self,
        article_id: int,
        until: datetime | None,
        categories: Collection[str],
        **by: Unpack[By],
    ) -> None:
        """Make an article a lead story instead of how it was one before, and record the act.

        Readers of one of the categories get it first; no category means every reader. Without
        `until` it is one no more. `seen` is the `seen_as` of the article and its pin; if somebody
        else changed either, or hid or withdrew the article, ChangedMeanwhileError is raised, and
        NoSuchArticleError if it is gone.
        """
        person_id, now, seen = by["person_id"], by["now"], by.get("seen")

        def write(connection: Connection) -> None:
            # Other acts about articles hold the same lock.
            take_turns(connection, AdvisoryLock.ARCHIVE)
            article = read_article(connection, article_id)
            row = connection.execute(_active(article_id, now)).first()
            looks = seen_as(article, None if row is None else _pin(row))
            if article.state is not None or seen not in {None, looks}:
                raise ChangedMeanwhileError
            before = _state(connection, article_id)
            if until is None:
                unpin(connection, article_id)
            else:
                pin(connection, article_id, until, categories, by=person_id, now=now)
            record(
                connection,
                ActKind.LEAD,
                person_id=person_id,
                now=now,
                article_id=article_id,
                before=before,
                after=_state(connection, article_id),
            )

        await self._db.write(write)


def pin(
    connection: Connection,
    article_id: int,
    until: datetime,
    categories: Collection[str],
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Make an article a lead story in the connection's transaction; see `Pins.lead`."""
    unpin(connection, article_id)
    connection.execute(
        insert(pins).values(
            article_id=article_id,
            until=until,
            person_id=by,
            categories=" ".join(sorted(categories)),
            created=now,
        )
    )


def unpin(connection: Connection, article_id: int) -> None:
    """Make an article no lead story any more, in the connection's transaction."""
    connection.execute(delete(pins).where(pins.c.article_id == article_id))


def end_lead(connection: Connection, article_id: int) -> dict[str, Any] | None:
    """Make an article no lead story any more; return its pin for `lead_again`, or None."""
    was = _state(connection, article_id)
    unpin(connection, article_id)
    return was or None


def lead_again(connection: Connection, article_id: int, was: Mapping[str, Any]) -> None:
    """Make an article a lead story as it was before `end_lead`; its time may be up by now."""
    pin(
        connection,
        article_id,
        datetime.fromisoformat(was["until"]),
        was["categories"].split(),
        by=None,
        now=datetime.fromisoformat(was["created"]),
    )


def _active(article_id: int, now: datetime) -> Select[Any]:
    return select(pins).where(pins.c.article_id == article_id, pins.c.until > now)


def _pin(row: Row[Any]) -> Pin:
    return Pin(row.article_id, row.until, frozenset(row.categories.split()), row.created)


def _state(connection: Connection, article_id: int) -> dict[str, str]:
    """Return until when and for whom an article is a lead story, for the journal; {} if it is none.

    A pin whose time is up is included until another one replaces it. No editor is named: an act
    stays after its editor's /forget.
    """
    columns = (pins.c.until, pins.c.categories, pins.c.created)
    row = connection.execute(select(*columns).where(pins.c.article_id == article_id)).first()
    if row is None:
        return {}
    until, created = row.until.isoformat(), row.created.isoformat()
    return {"until": until, "categories": row.categories, "created": created}


def _undo_lead(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Make an article a lead story as before, or none.

    False means that this was changed since, or that the article was hidden, withdrawn or deleted,
    so that it may lead no more.
    """
    if act.article_id is None:
        return False
    take_turns(connection, AdvisoryLock.ARCHIVE)
    try:
        article = read_article(connection, act.article_id)
    except NoSuchArticleError:
        return False
    if article.state is not None:
        return False
    state = _state(connection, act.article_id)
    if any(state.get(name) != act.after.get(name) for name in ("until", "categories")):
        return False
    unpin(connection, act.article_id)
    if act.before:
        until = datetime.fromisoformat(act.before["until"])
        categories = act.before["categories"].split()
        pin(connection, act.article_id, until, categories, by=undoing.by, now=undoing.now)
    return True


UNDOES: Mapping[ActKind, Undo] = {ActKind.LEAD: _undo_lead}
