"""Links that readers suggested to the editors. Nothing here fetches them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, or_, select, update

from storage.desk.journal import record
from storage.model.desk_model import ActKind, DraftState, HeardTip, TipOutcome, TippedLink, TipState
from storage.tables.desk_schema import complaints, drafts, tips
from storage.tables.reader_schema import subscribers
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select, Table

    from storage.db.database import Database
    from storage.desk.journal import Undo, Undoing
    from storage.model.desk_model import DeskAct

A_DAY = 5
"""Tips of one reader within a day at most; and as many complaints."""
_T = tips.c
_OPEN = (TipState.SENT.value, TipState.OPENED.value)


class Tips:
    """The links that readers suggested."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def times(self, subscriber_id: int, now: datetime) -> Sequence[datetime]:
        """Return when a reader sent suggestions within the last day."""
        return await self._db.read(lambda found: sent_lately(found, tips, subscriber_id, now))

    async def add(
        self, subscriber_id: int, link: str, now: datetime, *, before: int = 0
    ) -> TipOutcome:
        """Store a reader's suggestion, unless it is the reader's sixth within a day.

        `before` counts suggestions of that day that were forgotten with an earlier subscriber.
        """

        def write(connection: Connection) -> TipOutcome:
            lock_sender(connection, subscriber_id)
            sent = sent_lately(connection, tips, subscriber_id, now)
            own = _T.subscriber_id == subscriber_id
            if connection.execute(select(_T.id).where(own, _T.link == link)).first():
                return TipOutcome.AGAIN
            if len(sent) + before >= A_DAY:
                return TipOutcome.TOO_MANY
            connection.execute(
                insert(tips).values(
                    subscriber_id=subscriber_id, link=link, sent=now, state=TipState.SENT.value
                )
            )
            return TipOutcome.SENT

        return await self._db.write(write)

    async def count(self) -> int:
        """Return how many links no editor has decided about."""
        query = select(func.count(_T.link.distinct())).where(_T.state == TipState.SENT.value)
        return await self._db.scalar(query) or 0

    async def listed(self, *, limit: int, offset: int = 0) -> list[TippedLink]:
        """Return links that no editor has decided about, the newest first."""
        return await self._fetch(
            _LINKS.order_by(func.min(_T.id).desc()).limit(limit).offset(offset)
        )

    async def get(self, number: int) -> TippedLink | None:
        """Return the link of a tip, if no editor has decided about it, or None."""
        link = select(_T.link).where(_T.id == number).scalar_subquery()
        found = await self._fetch(_LINKS.where(_T.link == link))
        return found[0] if found else None

    async def opened(self, link: str, draft_id: int) -> None:
        """Record that an editor made a draft of a link."""
        query = (
            update(tips)
            .where(_T.link == link, _T.state.in_(_OPEN))
            .values(state=TipState.OPENED.value, draft_id=draft_id)
        )
        await self._db.execute(query)

    async def discard(self, link: str, *, by: int, now: datetime) -> int | None:
        """Discard a link, for all readers who suggested it; return the act's number.

        None means that another editor decided about it before.
        """

        def write(connection: Connection) -> int | None:
            if not _move(connection, link, TipState.SENT, TipState.DISCARDED):
                return None
            return record(
                connection, ActKind.DROP_TIP, person_id=by, now=now, after={"title": link}
            )

        return await self._db.write(write)

    async def to_hear(self, limit: int) -> list[HeardTip]:
        """Return tips whose story is shown to readers now, and whose readers were not told."""
        query = (
            select(_T.id, _T.subscriber_id, subscribers.c.chat_id, articles.c.id, _T.state)
            .join(subscribers, subscribers.c.id == _T.subscriber_id)
            .outerjoin(drafts, drafts.c.id == _T.draft_id)
            .join(
                articles,
                or_(
                    articles.c.link == _T.link,
                    and_(
                        articles.c.id == drafts.c.article_id,
                        drafts.c.state == DraftState.PUBLISHED.value,
                    ),
                ),
            )
            # One that was hidden or taken back is not news that its reader waits for.
            .where(
                _T.state.in_((*_OPEN, TipState.DISCARDED.value)),
                articles.c.state.is_(None),
            )
            .order_by(_T.id)
            .limit(limit)
        )
        rows = await self._db.rows(query)
        return [HeardTip(*row[:4], TipState(row[4])) for row in rows]

    async def heard(self, tip: HeardTip) -> bool:
        """Record that a reader is being told. Return False if another process does that."""
        query = (
            update(tips)
            .where(_T.id == tip.id, _T.state == tip.state.value)
            .values(state=TipState.PUBLISHED.value)
        )
        return bool(await self._db.execute(query))

    async def not_heard(self, tip: HeardTip) -> None:
        """Record that a reader could not be told now, so that another tick tries again."""
        query = update(tips).where(_T.id == tip.id).values(state=tip.state.value)
        await self._db.execute(query)

    async def _fetch(self, query: Select[*tuple[Any, ...]]) -> list[TippedLink]:
        rows = await self._db.rows(query)
        return [TippedLink(*row) for row in rows]


def lock_sender(connection: Connection, subscriber_id: int) -> None:
    """Let a reader's second tap at the same moment wait here, so that it counts the first."""
    connection.execute(
        select(subscribers.c.id).where(subscribers.c.id == subscriber_id).with_for_update()
    )


def sent_lately(
    connection: Connection, table: Table, subscriber_id: int, now: datetime
) -> Sequence[datetime]:
    """Return when a reader sent tips or complaints, by the table, within the last day."""
    own = (table.c.subscriber_id == subscriber_id, table.c.sent > now - timedelta(days=1))
    return connection.execute(select(table.c.sent).where(*own)).scalars().all()


_LINKS = (
    select(func.min(_T.id), _T.link, func.count(), func.min(_T.sent))
    .where(_T.state == TipState.SENT.value)
    .group_by(_T.link)
)


def _move(connection: Connection, link: str, old: TipState, new: TipState) -> bool:
    changed = connection.execute(
        update(tips).where(_T.link == link, _T.state == old.value).values(state=new.value)
    )
    return bool(changed.rowcount)


def _undo_drop(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Let a discarded link wait for an editor again; False if its readers were forgotten since."""
    del undoing
    if act.article_id is not None:
        # What readers said is wrong about a story; whoever was told by now is not told again.
        c = complaints.c
        waits = (c.article_id == act.article_id, c.sent <= act.at, c.heard.is_(None))
        return connection.execute(select(c.id).where(*waits).limit(1)).first() is not None
    return _move(connection, act.after["title"], TipState.DISCARDED, TipState.SENT)


UNDOES: Mapping[ActKind, Undo] = {ActKind.DROP_TIP: _undo_drop}
