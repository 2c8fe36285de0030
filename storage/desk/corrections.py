"""Corrections of delivered copies: what is to be edited, and how it went.

A correction is added in the transaction that changes the article. Then its copies are looked for in
the ledger, part by part, and each becomes a row of work. A row is deleted and counted in one
transaction, so a crash neither loses a copy nor counts one twice.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from storage.db.dialect import among, insert_new
from storage.ledger.deliveries import READ, delivery_of
from storage.model import Correction, DeliveryState, Grade
from storage.serving.lease import check
from storage.tables.columns import Id
from storage.tables.schema import (
    article_versions,
    correction_copies,
    corrections,
    deliveries,
    sent_issues,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from storage.db.database import Database
    from storage.model import Article, Delivery

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
AGAIN = timedelta(minutes=1)
"""Time until a copy whose delivery is still in progress is looked at again."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One delivered message of which a story is to be edited."""

    correction_id: int
    row: Delivery
    message_ids: tuple[int, ...]
    issue: int | None
    """The print of its stories, or None if it was sent before they were kept."""
    attempts: int


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """How the editing of a copy went."""

    correction_id: int
    delivery_id: int
    error: str | None = None
    """A short error kind; None if it was edited, or needed no edit."""
    counted: bool = True
    """Whether it counts as changed; false if the copy had the corrected texts already."""
    retry_at: datetime | None = None
    """When to try again; None if this was the end."""


class Corrections:
    """The corrections, and the copies that wait to be edited."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, correction_id: int) -> Correction | None:
        """Return the correction with this id, or None."""
        found = await self._read(corrections.c.id == correction_id)
        return found[0] if found else None

    async def listed(self, *, limit: int, offset: int = 0) -> list[Correction]:
        """Return the corrections that readers may list, the newest first.

        Typing errors and corrections that were undone are left out.
        """
        return await self._read(
            corrections.c.grade != Grade.TYPO.value,
            ~corrections.c.undone,
            limit=limit,
            offset=offset,
        )

    async def count(self) -> int:
        """Return the number of corrections that readers may list."""
        query = (
            select(func.count())
            .select_from(corrections)
            .where(corrections.c.grade != Grade.TYPO.value, ~corrections.c.undone)
        )
        return await self._db.read(lambda connection: connection.execute(query).scalar_one())

    async def of_articles(self, article_ids: Collection[int]) -> dict[int, list[Correction]]:
        """Return article id → its corrections, oldest first; articles without any are left out."""
        dialect = self._db.dialect
        query = (
            select(corrections)
            .where(among(corrections.c.article_id, "ids", dialect))
            .order_by(corrections.c.id)
        )
        asked = {"ids": [*article_ids]}
        rows = await self._db.read(lambda connection: connection.execute(query, asked).all())
        found: defaultdict[int, list[Correction]] = defaultdict(list)
        for row in rows:
            found[row.article_id].append(_correction(row))
        return dict(found)

    async def texts(self, article_ids: Collection[int]) -> dict[tuple[int, int], tuple[str, str]]:
        """Return (article id, version) → title and standfirst, of all versions but the present."""
        v = article_versions.c
        query = select(v.article_id, v.version, v.title, v.standfirst).where(
            among(v.article_id, "ids", self._db.dialect)
        )
        asked = {"ids": [*article_ids]}
        rows = await self._db.read(lambda connection: connection.execute(query, asked).all())
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    async def issues(self, prints: Collection[int]) -> dict[int, str]:
        """Return print → the stories of a sent issue, as JSON; unknown prints are left out."""
        i = sent_issues.c
        query = select(i.print, i.stories).where(among(i.print, "ids", self._db.dialect))
        asked = {"ids": [*prints]}
        rows = await self._db.read(lambda connection: connection.execute(query, asked).all())
        return {row[0]: row[1] for row in rows}

    async def newest(self) -> tuple[int, int]:
        """Return the id of the newest correction, and the number of corrections undone."""
        c = corrections.c
        last = select(func.max(c.id)).scalar_subquery()
        undone = select(func.count()).where(c.undone).scalar_subquery()
        row = await self._db.read(lambda connection: connection.execute(select(last, undone)).one())
        return row[0] or 0, row[1]

    async def open(self) -> list[int]:
        """Return the ids of corrections with work left, oldest first."""
        query = select(corrections.c.id).where(corrections.c.done.is_(None))
        ordered = query.order_by(corrections.c.id)
        return await self._db.read(lambda connection: [*connection.execute(ordered).scalars()])

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

    async def waiting(
        self, now: datetime, *, limit: int, after: tuple[int, int] = (0, 0)
    ) -> list[Copy]:
        """Return copies that may be edited now, ordered by correction and delivery.

        Args:
            now: The current time.
            limit: Copies at most.
            after: The correction and delivery of the last copy of an earlier answer.
        """
        w = correction_copies.c
        query = (
            READ.add_columns(
                deliveries.c.message_ids,
                deliveries.c.issue,
                w.correction_id,
                w.attempts.label("tries"),
            )
            .join(correction_copies, w.delivery_id == deliveries.c.id)
            .where(
                or_(
                    w.correction_id > after[0],
                    (w.correction_id == after[0]) & (w.delivery_id > after[1]),
                ),
                or_(w.not_before.is_(None), w.not_before <= now),
            )
            .order_by(w.correction_id, w.delivery_id)
            .limit(limit)
        )
        rows = await self._db.read(lambda connection: connection.execute(query).all())
        return [
            Copy(
                row.correction_id,
                delivery_of(row),
                tuple(json.loads(row.message_ids)) if row.message_ids else (),
                row.issue,
                row.tries,
            )
            for row in rows
        ]

    async def next_time(self) -> datetime | None:
        """Return the earliest time at which a postponed copy may be tried again, or None."""
        query = select(func.min(correction_copies.c.not_before))
        return await self._db.read(lambda connection: connection.execute(query).scalar())

    async def settle(self, outcomes: Sequence[EditOutcome]) -> None:
        """Record how the editing of copies went, in one transaction.

        Raises:
            LeaseLostError: Another process now serves the archive; nothing was written.
        """
        fence, dialect = self._db.fence, self._db.dialect
        w = correction_copies.c
        ended: defaultdict[int, list[EditOutcome]] = defaultdict(list)
        again: defaultdict[tuple[int, Any], list[int]] = defaultdict(list)
        for each in outcomes:
            if each.retry_at is None:
                ended[each.correction_id].append(each)
            else:
                again[each.correction_id, each.retry_at].append(each.delivery_id)

        def write(connection: Connection) -> None:
            check(connection, fence)
            for (correction_id, at), ids in again.items():
                connection.execute(
                    update(correction_copies)
                    .where(w.correction_id == correction_id, among(w.delivery_id, "ids", dialect))
                    .values(not_before=at, attempts=w.attempts + 1),
                    {"ids": ids},
                )
            for correction_id, those in sorted(ended.items()):
                theirs = {each.delivery_id for each in those}
                gone = set(
                    connection.execute(
                        delete(correction_copies)
                        .where(
                            w.correction_id == correction_id,
                            among(w.delivery_id, "ids", dialect),
                        )
                        .returning(w.delivery_id),
                        {"ids": sorted(theirs)},
                    ).scalars()
                )
                _count(
                    connection, correction_id, [each for each in those if each.delivery_id in gone]
                )

        await self._db.write(write)

    async def close(self, correction_id: int, now: datetime) -> bool:
        """Mark a correction as done if nothing is left of it; return whether it is done.

        Raises:
            LeaseLostError: Another process now serves the archive; nothing was written.
        """
        fence = self._db.fence
        c = corrections.c
        left = select(correction_copies.c.delivery_id).where(
            correction_copies.c.correction_id == correction_id
        )
        closing = (
            update(corrections)
            .where(
                c.id == correction_id,
                c.done.is_(None),
                c.searched.is_(None),
                c.searched_late.is_(None),
                ~left.exists(),
            )
            .values(done=now)
        )

        def write(connection: Connection) -> bool:
            check(connection, fence)
            return connection.execute(closing).rowcount > 0

        return await self._db.write(write)

    async def _read(
        self, *where: ColumnElement[bool], limit: int | None = None, offset: int = 0
    ) -> list[Correction]:
        waiting = (
            select(func.count())
            .where(correction_copies.c.correction_id == corrections.c.id)
            .correlate(corrections)
            .scalar_subquery()
        )
        # Counting the rows of a correction without work left would read an index for nothing.
        counted = case((corrections.c.done.is_(None), waiting), else_=0)
        query = (
            select(corrections, counted.label("waiting"))
            .where(*where)
            .order_by(corrections.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        rows = await self._db.read(lambda connection: connection.execute(query).all())
        return [_correction(row, row.waiting) for row in rows]


def add(
    connection: Connection,
    was: Article,
    now_is: Article,
    grade: Grade,
    *,
    now: datetime,
    reason: str | None = None,
) -> int | None:
    """Add a correction; return its id, or None if neither texts nor state changed.

    Args:
        connection: A connection in the transaction that changes the article.
        was: The article before the change.
        now_is: The article after it.
        grade: How much it matters.
        now: The current time.
        reason: Why the article was withdrawn; None for other grades.
    """
    before = (was.title, was.standfirst, was.is_withdrawn)
    if before == (now_is.title, now_is.standfirst, now_is.is_withdrawn):
        return None
    row = insert(corrections).values(
        article_id=was.id,
        made=now,
        grade=grade.value,
        link=now_is.link,
        title_was=was.title,
        standfirst_was=was.standfirst,
        title=now_is.title,
        standfirst=now_is.standfirst,
        reason=reason,
        version=now_is.version,
        wrong_since=was.first_seen,
        searched=0,
        searched_late=0,
    )
    number: int = connection.execute(row.returning(corrections.c.id)).scalar_one()
    return number


def take_back(
    connection: Connection, correction_id: int, was: Article, now_is: Article, now: datetime
) -> int | None:
    """Mark a correction as undone, and add one that edits its copies back without a word."""
    connection.execute(
        update(corrections).where(corrections.c.id == correction_id).values(undone=True)
    )
    return add(connection, was, now_is, Grade.TYPO, now=now)


def _count(connection: Connection, correction_id: int, ended: Sequence[EditOutcome]) -> None:
    """Add ended copies to a correction's counts."""
    errors = Counter(each.error for each in ended if each.error is not None)
    changed = sum(each.error is None and each.counted for each in ended)
    c = corrections.c
    values: dict[str, Any] = {"changed": c.changed + changed}
    if errors:
        text = connection.execute(select(c.failed).where(c.id == correction_id)).scalar() or "{}"
        values["failed"] = json.dumps(dict(Counter(json.loads(text)) + errors))
    connection.execute(update(corrections).where(c.id == correction_id).values(values))


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


def _correction(row: Row[Any], waiting: int = 0) -> Correction:
    failed: Mapping[str, int] = json.loads(row.failed)
    return Correction(
        id=row.id,
        article_id=row.article_id,
        made=row.made,
        grade=Grade(row.grade),
        link=row.link,
        title_was=row.title_was,
        standfirst_was=row.standfirst_was,
        title=row.title,
        standfirst=row.standfirst,
        reason=row.reason,
        version=row.version,
        wrong_since=row.wrong_since,
        undone=row.undone,
        changed=row.changed,
        failed=failed,
        waiting=waiting,
        done=row.done,
    )
