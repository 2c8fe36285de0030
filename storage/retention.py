"""Retention periods, and the deletion of what is older, in small batches, each a transaction.

Each table's declaration says from which time the age of a row counts; see
`storage.tables.declaration`. Articles, deliveries and readers have further conditions, here. Never
deleted are: the newest article, whose id marks readers' places and the start of the next ids; saved
or imported articles; deliveries that have not ended; readers who returned, or who still save or
share. Of a deleted article a hash of its link is kept, so that a source that lists it for years
does not bring it as news again.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from glob import escape
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, select, tuple_, update

from storage.articles.pruned_links import link_print
from storage.db.dialect import insert_new
from storage.model import DeliveryState, State
from storage.model.edition_model import OPEN
from storage.tables.declaration import Aged, Period, declaration_of
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import saved, shares, subscribers
from storage.tables.schema import articles, metadata, pruned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Table

    from storage.db.database import Database

BATCH = 500
"""Rows deleted in one transaction."""
ARTICLES = 50
"""Articles deleted in one transaction: fewer, because text, words and categories go too."""
READERS = 50
LOOKED_THROUGH = 2_000
"""Deliveries read in one query."""
OVER = tuple(state.value for state in DeliveryState if state.value not in OPEN)
AWAY = (State.STOPPED.value, State.GONE.value, State.BARRED.value)


COPIES = timedelta(days=7)
"""How long the copy that an update makes of an SQLite file is kept, for going back."""
COPY = re.compile(r"\.revision-[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Keep:
    """The retention periods in days; 0 means for ever."""

    deliveries: int
    """Days for deliveries after their due time, and for their pictures after they were fetched."""
    shares: int
    """Days for shared links after they were created."""
    articles: int
    """Days for articles after they were first seen."""
    gone_readers: int
    """Days for stopped or gone readers after a nightly run first found them so."""

    def period(self, kept: Aged) -> timedelta:
        """Return how long rows are kept; zero means for ever."""
        match kept.period:
            case timedelta():
                return kept.period
            case Period.DELIVERIES:
                days = self.deliveries
            case Period.SHARES:
                days = self.shares
            case Period.ARTICLES:
                days = self.articles
            case Period.GONE_READERS:
                days = self.gone_readers
        return timedelta(days=days)


class Retention:
    """Deletes what is older than its retention period."""

    def __init__(self, db: Database, keep: Keep) -> None:
        self._db = db
        self._keep = keep

    async def prune(self, now: datetime) -> dict[str, int]:
        """Delete everything past its period; return table → number of deleted rows.

        It is done in batches, so that other tasks can run in between. Rows deleted with a row that
        they refer to do not count.
        """
        await self._db.write(lambda connection: _note_who_is_away(connection, now))
        special = {
            deliveries: self._deliveries,
            articles: self._articles,
            subscribers: self._readers,
        }
        gone = {}
        for table in metadata.sorted_tables:
            kept = declaration_of(table).kept
            if isinstance(kept, Aged) and (period := self._keep.period(kept)):
                before = now - period
                if kept.rule:
                    gone[table.name] = await special[table](before)
                else:
                    gone[table.name] = await self._aged(table, kept, before)
        return {name: number for name, number in gone.items() if number}

    def drop_copies(self, now: datetime) -> list[Path]:
        """Delete copies of an SQLite file that updates made over a week ago; return their paths."""
        path = self._db.path
        if path is None:
            return []
        old = [
            copy
            for copy in path.parent.glob(f"{escape(path.name)}.revision-*")
            if COPY.fullmatch(copy.name.removeprefix(path.name))
            and copy.stat().st_mtime < (now - COPIES).timestamp()
        ]
        for copy in old:
            copy.unlink(missing_ok=True)
        return old

    async def _deliveries(self, before: datetime) -> int:
        d = deliveries.c
        gone = after = 0
        while True:
            # Ids are nearly in the order of the due times: if a whole batch is young enough, so are
            # the later ones.
            query = (
                select(d.id, d.due, d.state)
                .where(d.id > after)
                .order_by(d.id)
                .limit(LOOKED_THROUGH)
            )
            rows = await self._db.rows(query)
            old = [row.id for row in rows if row.due < before and row.state in OVER]
            for part in _parts(old, BATCH):
                # An expression keeps the index on states unused: only these rows are read.
                over = d.state.concat("").in_(OVER)
                gone += await self._delete(deliveries, d.id.in_(part), over)
            if len(rows) < LOOKED_THROUGH or not any(row.due < before for row in rows):
                return gone
            after = rows[-1].id

    async def _aged(self, table: Table, kept: Aged, before: datetime) -> int:
        """Delete a table's rows that are older than a moment, and meet no further condition."""
        key = tuple(table.primary_key)
        only = (
            table.c[name].in_(value) if isinstance(value, tuple) else table.c[name] == value
            for name, value in kept.only.items()
        )
        old = (table.c[kept.column] < before, *only)
        rows = await self._db.rows(select(*key).where(*old).order_by(*key))
        gone = 0
        for part in _parts([tuple(row) for row in rows], BATCH):
            gone += await self._delete(table, tuple_(*key).in_(part), *old)
        return gone

    async def _articles(self, before: datetime) -> int:
        a = articles.c
        unwanted = (
            ~a.imported,
            ~exists().where(saved.c.article_id == a.id),
            a.id < select(func.max(a.id)).scalar_subquery(),
        )
        gone = 0
        after: tuple[datetime, int] | None = None
        while True:
            query = (
                select(a.first_seen, a.id)
                .where(a.first_seen < before, *unwanted)
                .order_by(a.first_seen, a.id)
                .limit(BATCH)
            )
            if after is not None:
                query = query.where(tuple_(a.first_seen, a.id) > after)
            rows = await self._db.rows(query)
            for part in _parts([row.id for row in rows], ARTICLES):
                drop = partial(_drop_articles, ids=part, unwanted=unwanted)
                gone += await self._db.write(drop)
                await asyncio.sleep(0)
            if len(rows) < BATCH:
                return gone
            after = (rows[-1].first_seen, rows[-1].id)

    async def _readers(self, before: datetime) -> int:
        s = subscribers.c
        away = (
            s.state.in_(AWAY),
            s.away_since < before,
            ~exists().where(saved.c.subscriber_id == s.id, saved.c.saved_at >= before),
            ~exists().where(shares.c.subscriber_id == s.id, shares.c.created >= before),
        )
        query = select(s.id).where(*away)
        ids = await self._db.scalars(query)
        gone = 0
        for part in _parts(ids, READERS):
            gone += await self._delete(subscribers, s.id.in_(part), *away)
        return gone

    async def _delete(self, table: Table, *condition: ColumnElement[bool]) -> int:
        gone = await self._db.execute(delete(table).where(*condition))
        await asyncio.sleep(0)
        return gone


def _note_who_is_away(connection: Connection, now: datetime) -> None:
    """Record the time for readers newly found stopped or gone; a return clears it."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.state.in_(AWAY), subscribers.c.away_since.is_(None))
        .values(away_since=now)
    )


def _drop_articles(
    connection: Connection, ids: Sequence[int], unwanted: tuple[ColumnElement[bool], ...]
) -> int:
    """Delete those articles that are still unwanted, with all their data. Return how many.

    Hashes of their links are stored in `pruned`.
    """
    # On PostgreSQL this waits for a transaction that is saving one, so that it then counts as
    # saved.
    connection.execute(
        select(articles.c.id)
        .where(articles.c.id.in_(ids))
        .order_by(articles.c.id)
        .with_for_update()
    )
    condition = and_(articles.c.id.in_(ids), *unwanted)
    links = connection.execute(select(articles.c.id, articles.c.link).where(condition)).all()
    if not links:
        return 0
    notes: list[dict[str, Any]] = [
        {"link_print": number} for number in {link_print(row.link) for row in links}
    ]
    connection.execute(insert_new(pruned, connection.dialect.name), notes)
    connection.execute(delete(articles).where(articles.c.id.in_([row.id for row in links])))
    return len(links)


def _parts(values: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
