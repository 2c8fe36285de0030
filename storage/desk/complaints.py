"""What readers say is wrong about stories.

What became of a complaint is in no column: it is what the journal has about its story since, and
whether the story is shown. So an undone act counts no more, and an act of an older program counts.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, insert, or_, select, update

from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk.amended_rows import ChangedMeanwhileError
from storage.desk.journal import record
from storage.desk.tips import A_DAY, lock_sender, sent_lately
from storage.model.desk_model import (
    ActKind,
    ComplainedStory,
    ComplaintKind,
    ComplaintOutcome,
    HeardComplaint,
    TipOutcome,
)
from storage.tables.desk_schema import complaints, desk_acts
from storage.tables.reader_schema import subscribers
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from storage.db.database import Database

SENTENCES = 5
"""The most sentences of readers that an editor is shown about a story."""
_C, _A = complaints.c, desk_acts.c


def _since(*acts: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether an editor did one of these acts since the complaint, and did not undo it."""
    return exists().where(
        _A.article_id == _C.article_id, _A.at >= _C.sent, _A.undone.is_(None), or_(*acts)
    )


_CORRECTED = _A.kind == ActKind.CORRECT.value
# An act that only gives a story another kind or weight has no article to go back to.
_REFILED = and_(_A.kind == ActKind.REFILE.value, ~_A.before.contains('"article": null'))
_LEFT = _A.kind == ActKind.DROP_TIP.value
_DECIDED = or_(articles.c.state.is_not(None), _since(_CORRECTED, _REFILED, _LEFT))
_OPEN = and_(_C.heard.is_(None), ~_DECIDED)
_OUTCOME = case(
    (articles.c.state.is_not(None), articles.c.state),
    (_since(_CORRECTED), ComplaintOutcome.CORRECTED.value),
    (_since(_REFILED), ComplaintOutcome.REFILED.value),
    else_=ComplaintOutcome.LEFT.value,
)
_STORIES = complaints.join(articles, articles.c.id == _C.article_id)


class Complaints:
    """What readers say is wrong about stories."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def times(self, subscriber_id: int, now: datetime) -> Sequence[datetime]:
        """Return when a reader complained within the last day."""
        return await self._db.read(lambda found: sent_lately(found, complaints, subscriber_id, now))

    async def add(
        self,
        subscriber_id: int,
        article_id: int,
        kind: ComplaintKind,
        now: datetime,
        *,
        before: int = 0,
    ) -> tuple[TipOutcome, int]:
        """Store a complaint, and return its id too, or 0 if it is not stored.

        A story about which editors still have to decide takes one of each reader. `before` counts
        complaints of that day that were forgotten with an earlier subscriber.
        """

        def write(connection: Connection) -> tuple[TipOutcome, int]:
            lock_sender(connection, subscriber_id)
            own = (_C.subscriber_id == subscriber_id, _C.article_id == article_id, _OPEN)
            if connection.execute(select(_C.id).select_from(_STORIES).where(*own)).first():
                return TipOutcome.AGAIN, 0
            if len(sent_lately(connection, complaints, subscriber_id, now)) + before >= A_DAY:
                return TipOutcome.TOO_MANY, 0
            row = {"article_id": article_id, "kind": kind.value, "words": "", "sent": now}
            added = insert(complaints).values(subscriber_id=subscriber_id, **row)
            return TipOutcome.SENT, connection.execute(added.returning(_C.id)).scalar_one()

        return await self._db.write(write)

    async def of_reader(self, number: int, subscriber_id: int) -> int | None:
        """Return the story of a reader's complaint that editors still have to decide about."""
        own = (_C.id == number, _C.subscriber_id == subscriber_id, _OPEN)
        query = select(_C.article_id).select_from(_STORIES).where(*own)
        return await self._db.scalar(query)

    async def add_words(self, number: int, subscriber_id: int, words: str) -> None:
        """Add a reader's sentence to a complaint, in place of an earlier one."""
        own = (_C.id == number, _C.subscriber_id == subscriber_id)
        query = update(complaints).where(*own).values(words=words)
        await self._db.execute(query)

    async def count(self) -> int:
        """Return how many stories have complaints about which no editor decided."""
        query = select(func.count(_C.article_id.distinct())).select_from(_STORIES).where(_OPEN)
        return await self._db.scalar(query) or 0

    async def by_source(self) -> dict[int, int]:
        """Return the id of a source → the complaints about its stories that are kept, if any."""
        query = select(articles.c.source_id, func.count()).select_from(_STORIES)
        query = query.group_by(articles.c.source_id)
        rows = await self._db.rows(query)
        return {row[0]: row[1] for row in rows}

    async def listed(self, *, limit: int, offset: int = 0) -> list[ComplainedStory]:
        """Return stories about which editors have to decide, the last complained of first."""
        newest = func.max(_C.id).desc()
        query = select(_C.article_id).select_from(_STORIES).where(_OPEN).group_by(_C.article_id)
        return await self._about(query.order_by(newest).limit(limit).offset(offset))

    async def about(self, article_id: int) -> ComplainedStory | None:
        """Return what readers say of a story about which editors have to decide, or None."""
        found = await self._about(select(articles.c.id).where(articles.c.id == article_id))
        return found[0] if found else None

    async def _about(self, stories: Select[int]) -> list[ComplainedStory]:
        query = select(_C.article_id, _C.id, _C.kind, _C.words).select_from(_STORIES)
        query = query.where(_OPEN).order_by(_C.id.desc())

        def read(connection: Connection) -> list[ComplainedStory]:
            of = connection.execute(stories).scalars().all()
            said: dict[int, list[Row[Any, Any, Any, Any]]] = {}
            for row in connection.execute(query.where(_C.article_id.in_(of))):
                said.setdefault(row.article_id, []).append(row)
            return [
                ComplainedStory(
                    story,
                    rows[0].id,
                    dict(Counter(ComplaintKind(each.kind) for each in rows).most_common()),
                    tuple(each.words for each in rows if each.words)[:SENTENCES],
                )
                for story, rows in said.items()
            ]

        return await self._db.read(read)

    async def leave(self, article_id: int, *, newest: int, by: int, now: datetime) -> None:
        """Leave a story as it is.

        ChangedMeanwhileError: it was decided about, or complained of, since; `newest` is the id of
        the last complaint that the editor saw.
        """
        query = select(_C.id, articles.c.title).select_from(_STORIES)
        query = query.where(_OPEN, _C.article_id == article_id).order_by(_C.id.desc()).limit(1)

        def write(connection: Connection) -> None:
            # Another editor may decide at the same moment.
            take_turns(connection, AdvisoryLock.ARCHIVE)
            last = connection.execute(query).first()
            if last is None or last.id != newest:
                raise ChangedMeanwhileError
            # Older programs show this as a tip that was discarded.
            act, after = ActKind.DROP_TIP, {"title": last.title}
            record(connection, act, person_id=by, now=now, article_id=article_id, after=after)

        await self._db.write(write)

    async def to_hear(self, limit: int) -> list[HeardComplaint]:
        """Return complaints about which editors decided, and whose readers were not told."""
        found = _STORIES.join(subscribers, subscribers.c.id == _C.subscriber_id)
        query = select(_C.id, subscribers.c.chat_id, _C.article_id, _OUTCOME).select_from(found)
        query = query.where(_C.heard.is_(None), _DECIDED).order_by(_C.id).limit(limit)
        rows = await self._db.rows(query)
        return [HeardComplaint(*row[:3], ComplaintOutcome(row[3])) for row in rows]

    async def heard(self, complaint: HeardComplaint, now: datetime) -> bool:
        """Record that a reader is being told. Return False if another process does that."""
        query = update(complaints).where(_C.id == complaint.id, _C.heard.is_(None))
        changed = await self._db.execute(query.values(heard=now))
        return bool(changed)

    async def not_heard(self, complaint: HeardComplaint) -> None:
        """Record that a reader could not be told now, so that another tick tries again."""
        query = update(complaints).where(_C.id == complaint.id).values(heard=None)
        await self._db.execute(query)
