"""The search for the copies of a corrected story among the deliveries of the ledger."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, or_, select, update

from storage.db.dialect import among, insert_new
from storage.model import DeliveryState
from storage.serving.lease import check
from storage.tables.columns import Id
from storage.tables.schema import correction_copies, corrections, deliveries, sent_issues

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from storage.db.database import Database

CHUNK = 1_000
"""Deliveries searched for copies in one transaction."""
LATE = timedelta(minutes=2)
"""Time after a correction in which messages with the former texts may still be sent.

The sender uses articles for up to a minute after reading them.
"""
EARLY = timedelta(days=2)
"""Time before an article was stored in which a delivery of it may have been due.

A delivery that is late or was postponed has an older id than its article.
"""


class CopySearch:
    """Makes a row of work for each delivered copy of a corrected story."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def search(self, correction_id: int, now: datetime) -> bool:
        """Look for copies of a correction's article in the ledger; return whether some may follow.

        Copies sent before the correction are found at the first call. Those that were just being
        sent are found two minutes later.

        Raises:
            LeaseLostError: Another process now serves the archive; nothing was written.
        """
        c = corrections.c
        columns = (c.article_id, c.made, c.wrong_since, c.searched, c.searched_late, c.in_progress)
        query = select(*columns).where(c.id == correction_id)
        row = await self._db.read(lambda connection: connection.execute(query).first())
        if row is not None and row.searched is not None and row.in_progress is None:
            await self._note_in_progress(correction_id)
            row = await self._db.read(lambda connection: connection.execute(query).first())
        if row is None:
            return False
        if row.searched is not None:
            await self._search(correction_id, row, row.searched, late=False)
        if row.searched_late is not None and now >= row.made + LATE:
            await self._search(correction_id, row, row.searched_late, late=True)
            return False
        return row.searched_late is not None

    async def _note_in_progress(self, correction_id: int) -> None:
        """Store which deliveries are in progress, so that only the later search covers them.

        Such a delivery may be settled with a time before the correction in a transaction that is
        committed after the first search. A delivery that is claimed later is settled after the
        correction. At most as many are in progress as are sent at once.

        Raises:
            LeaseLostError: Another process now serves the archive; nothing was written.
        """
        d, fence = deliveries.c, self._db.fence

        def write(connection: Connection) -> None:
            check(connection, fence)
            query = select(d.id).where(d.state == DeliveryState.SENDING.value).order_by(d.id)
            ids = [*connection.execute(query).scalars()]
            connection.execute(
                update(corrections)
                .where(corrections.c.id == correction_id)
                .values(in_progress=json.dumps(ids))
            )

        await self._db.write(write)

    async def _search(
        self, correction_id: int, row: Row[*tuple[Any, ...]], after: int, *, late: bool
    ) -> None:
        """Make a row of work for each copy among the deliveries above an id, part by part."""
        d = deliveries.c
        prints = await self._prints(row.article_id)
        found = or_(
            among(d.issue, "prints", self._db.dialect),
            d.issue.is_(None) & _among_articles(row.article_id),
        )
        in_progress = json.loads(row.in_progress or "[]")
        # Whether it was settled at the first search, and not later.
        before = (d.settled <= row.made) & ~among(d.id, "in_progress", self._db.dialect)
        newest = await self._db.read(
            lambda connection: connection.execute(select(func.max(d.id))).scalar() or 0
        )
        column = corrections.c.searched_late if late else corrections.c.searched
        if not after:
            after = await self._before(row.wrong_since - EARLY, newest)
        dialect, fence = self._db.dialect, self._db.fence

        def enter(connection: Connection, *, copies: Select[int, int], after: int) -> None:
            check(connection, fence)
            statement = insert_new(correction_copies, dialect).from_select(
                ["correction_id", "delivery_id"], copies
            )
            connection.execute(statement, {"prints": prints, "in_progress": in_progress})
            connection.execute(
                update(corrections).where(corrections.c.id == correction_id).values({column: after})
            )

        while after < newest:
            copies = select(literal(correction_id, Id), d.id).where(
                d.id > after,
                d.id <= after + CHUNK,
                d.message_ids.is_not(None),
                found,
                ~before | d.settled.is_(None) if late else before,
            )
            after = min(after + CHUNK, newest)

            await self._db.write(partial(enter, copies=copies, after=after))
        ended: dict[Any, Any] = {column: None}
        if late:
            ended[corrections.c.in_progress] = None
        await self._db.write(
            lambda connection: connection.execute(
                update(corrections).where(corrections.c.id == correction_id).values(ended)
            )
        )

    async def _before(self, moment: datetime, newest: int) -> int:
        """Return an id up to which deliveries were due before a time; ids grow nearly with it."""
        low, high = 0, newest
        while high - low > CHUNK:
            middle = (low + high) // 2
            due = await self._db.read(partial(_first_due, middle))
            if due is not None and due < moment:
                low = middle
            else:
                high = middle
        return low

    async def _prints(self, article_id: int) -> list[int]:
        """Return the prints of the sent issues that contain an article."""
        i = sent_issues.c
        query = select(i.print).where(
            or_(i.stories.contains(f'"{article_id}"'), i.stories.contains(f'"{article_id}.'))
        )
        return await self._db.read(lambda connection: [*connection.execute(query).scalars()])


def _first_due(number: int, connection: Connection) -> datetime | None:
    """Return when the first delivery with this id or a higher one was due, or None."""
    d = deliveries.c
    query = select(d.due).where(d.id >= number).order_by(d.id).limit(1)
    return connection.execute(query).scalar()


def _among_articles(article_id: int) -> ColumnElement[bool]:
    """Return a condition: a delivery's list of articles contains this one."""
    shown = deliveries.c.articles
    return or_(
        *(
            shown.like(pattern)
            for pattern in (
                f"[{article_id}]",
                f"[{article_id},%",
                f"% {article_id},%",
                f"% {article_id}]",
            )
        )
    )
