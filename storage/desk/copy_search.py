"""The search for the copies of a corrected story among the deliveries of the ledger."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, literal, or_, select, update

from storage.db.dialect import among, insert_new
from storage.serving.lease import check
from storage.tables.columns import Id
from storage.tables.correction_schema import correction_copies, corrections, sent_issues
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from storage.db.database import Database

CHUNK = 1_000
"""Deliveries searched for copies in one transaction."""
EARLY = timedelta(days=2)
"""Time before an article was stored in which a delivery of it may have been due.

A delivery that is late or was postponed has an older id than its article.
"""


class CopySearch:
    """Makes a row of work for each delivered copy of a corrected story."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def search(self, correction_id: int) -> None:
        """Look for copies of a correction's article in the ledger, unless that was done.

        Those that were recorded before the correction are found. Copies that are recorded later
        are entered as they are recorded.
        """
        c, d = corrections.c, deliveries.c
        query = select(c.article_id, c.wrong_since, c.searched).where(c.id == correction_id)
        row = await self._db.first(query)
        if row is None or row.searched is None:
            return
        prints = await self._prints(row.article_id)
        newest = await self._db.scalar(select(func.max(d.id))) or 0
        after = row.searched or await self._before(row.wrong_since - EARLY, newest)
        found = or_(
            among(d.issue, "prints", self._db.dialect),
            d.issue.is_(None) & _among_articles(row.article_id),
        )
        while after < newest:
            # In order, as deliveries are recorded, so that the two cannot deadlock.
            copies = (
                select(literal(correction_id, Id), d.id)
                .where(d.id > after, d.id <= after + CHUNK, d.message_ids.is_not(None), found)
                .order_by(d.id)
            )
            after = min(after + CHUNK, newest)
            await self._db.write(partial(self._enter, correction_id, copies, prints, after))
        await self._db.write(partial(self._enter, correction_id, None, prints, None))

    def _enter(
        self,
        correction_id: int,
        copies: Select[int, int] | None,
        prints: Sequence[int],
        searched: int | None,
        connection: Connection,
    ) -> None:
        """Make rows of work for copies, and store how far the ledger was searched."""
        check(connection, self._db.fence)
        if copies is not None:
            columns = ["correction_id", "delivery_id"]
            statement = insert_new(correction_copies, self._db.dialect)
            connection.execute(statement.from_select(columns, copies), {"prints": prints})
        connection.execute(
            update(corrections).where(corrections.c.id == correction_id).values(searched=searched)
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

    async def _prints(self, article_id: int) -> Sequence[int]:
        """Return the prints of the sent issues that contain an article."""
        i = sent_issues.c
        query = select(i.print).where(
            or_(i.stories.contains(f'"{article_id}"'), i.stories.contains(f'"{article_id}.'))
        )
        return await self._db.scalars(query)


def _first_due(number: int, connection: Connection) -> datetime | None:
    """Return when the first delivery with this id or a higher one was due, or None."""
    d = deliveries.c
    query = select(d.due).where(d.id >= number).order_by(d.id).limit(1)
    return connection.execute(query).scalar()


def _among_articles(article_id: int) -> ColumnElement[bool]:
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
