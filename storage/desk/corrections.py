"""Corrections of delivered copies: what is to be edited, and how it went.

A correction is added in the transaction that changes the article. Then its copies are looked for in
the ledger, part by part, and each becomes a row of work. Copies that are recorded later become one
as they are recorded; see `storage.ledger.outdated_copies`. A row is deleted and counted in one
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
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from storage.db.changes import ChangeTopic, note_change
from storage.db.dialect import AdvisoryLock, among, insert_new, take_turns
from storage.ledger.deliveries import READ, delivery_of
from storage.model import TAKEN_BACK, Correction, Grade
from storage.serving.lease import check
from storage.tables.columns import Id
from storage.tables.correction_schema import (
    article_versions,
    correction_copies,
    corrections,
    sent_issues,
)
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from storage.db.database import Database
    from storage.model import Article, Delivery

AGAIN = timedelta(minutes=1)
"""Time until a copy whose delivery is still in progress is looked at again."""
CHUNK = 1_000
"""Deliveries searched for copies in one transaction."""
EARLY = timedelta(days=2)
"""Time before an article was stored in which a delivery of it may have been due.

A delivery that is late or was postponed has an older id than its article.
"""


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
    """A short error kind; None if it was edited, needed no edit, or was not tried."""
    counted: bool = True
    """Whether it counts as changed; false if the copy had the corrected texts already."""
    retry_at: datetime | None = None
    """When to try again; None if this was the end."""
    newest: int = 0
    """The newest correction that the edited copy shows; 0 if it was not edited."""


_POSTPONE = (
    update(correction_copies)
    .where(
        correction_copies.c.correction_id == bindparam("correction"),
        correction_copies.c.delivery_id == bindparam("delivery"),
    )
    .values(not_before=bindparam("at"), attempts=correction_copies.c.attempts + bindparam("tried"))
)
_FOR_READERS = (
    corrections.c.grade != Grade.TYPO.value,
    ~corrections.c.undone,
    or_(
        corrections.c.reason.is_distinct_from(TAKEN_BACK),
        corrections.c.changed > 0,
        corrections.c.failed != "{}",
        exists().where(correction_copies.c.correction_id == corrections.c.id),
    ),
)
"""Conditions: a correction is one that readers may list."""


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

        Typing errors and corrections that were undone are left out, and so is a publication that
        was taken back before anybody had it.
        """
        return await self._read(
            *_FOR_READERS,
            limit=limit,
            offset=offset,
        )

    async def count(self) -> int:
        """Return the number of corrections that readers may list."""
        query = select(func.count()).select_from(corrections).where(*_FOR_READERS)
        return await self._db.scalar(query) or 0

    async def of_articles(self, article_ids: Collection[int]) -> dict[int, list[Correction]]:
        """Return article id → its corrections, oldest first; articles without any are left out."""
        dialect = self._db.dialect
        query = (
            select(corrections)
            .where(among(corrections.c.article_id, "ids", dialect))
            .order_by(corrections.c.id)
        )
        asked = {"ids": [*article_ids]}
        rows = await self._db.rows(query, asked)
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
        rows = await self._db.rows(query, asked)
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    async def issues(self, prints: Collection[int]) -> dict[int, str]:
        """Return print → the stories of a sent issue, as JSON; unknown prints are left out."""
        i = sent_issues.c
        query = select(i.print, i.stories).where(among(i.print, "ids", self._db.dialect))
        asked = {"ids": [*prints]}
        rows = await self._db.rows(query, asked)
        return {row[0]: row[1] for row in rows}

    async def newest(self) -> tuple[int, int]:
        """Return the id of the newest correction, and the number of corrections undone."""
        c = corrections.c
        last = select(func.max(c.id)).scalar_subquery()
        undone = select(func.count()).where(c.undone).scalar_subquery()
        row = await self._db.read(lambda connection: connection.execute(select(last, undone)).one())
        return row[0] or 0, row[1]

    async def open(self) -> Sequence[int]:
        """Return the ids of corrections with work left, oldest first."""
        query = select(corrections.c.id).where(corrections.c.done.is_(None))
        ordered = query.order_by(corrections.c.id)
        return await self._db.scalars(ordered)

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

    async def waiting(self, now: datetime, *, limit: int) -> list[Copy]:
        """Return copies that may be edited now, `limit` at most, by correction and delivery.

        Copies of a correction are left out until all of them were searched for, since the search
        would find again one that was edited meanwhile.
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
            .join(corrections, corrections.c.id == w.correction_id)
            .where(
                corrections.c.searched.is_(None),
                or_(w.not_before.is_(None), w.not_before <= now),
            )
            .order_by(w.correction_id, w.delivery_id)
            .limit(limit)
        )
        rows = await self._db.rows(query)
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

    async def settle(self, outcomes: Sequence[EditOutcome]) -> None:
        """Record how the editing of copies went, in one transaction.

        An edited copy shows earlier corrections too, and is not edited again for them.
        """
        fence, dialect = self._db.fence, self._db.dialect
        w = correction_copies.c
        again = [
            {
                "correction": each.correction_id,
                "delivery": each.delivery_id,
                "at": each.retry_at,
                "tried": int(each.error is not None),
            }
            for each in outcomes
            if each.retry_at is not None
        ]
        ended: defaultdict[tuple[int, int], dict[int, EditOutcome]] = defaultdict(dict)
        for each in outcomes:
            if each.retry_at is None:
                first, last = (0 if each.newest else each.correction_id), each.correction_id
                ended[first, max(last, each.newest)][each.delivery_id] = each

        def write(connection: Connection) -> None:
            check(connection, fence)
            if again:
                connection.execute(_POSTPONE, again)
            gone: defaultdict[int, list[EditOutcome]] = defaultdict(list)
            for (first, last), those in ended.items():
                deleted = connection.execute(
                    delete(correction_copies)
                    .where(
                        w.correction_id.between(first, last), among(w.delivery_id, "ids", dialect)
                    )
                    .returning(w.correction_id, w.delivery_id),
                    {"ids": sorted(those)},
                )
                for correction_id, delivery_id in deleted:
                    gone[correction_id].append(those[delivery_id])
            for correction_id, each in sorted(gone.items()):
                _count(connection, correction_id, each)

        await self._db.write(write)

    async def close(self, correction_id: int, now: datetime) -> bool:
        """Mark a correction as done if nothing is left of it; return whether it is done."""
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
                ~left.exists(),
            )
            .values(done=now)
        )

        def write(connection: Connection) -> bool:
            check(connection, fence)
            # A delivery that is just being recorded may enter a copy.
            take_turns(connection, AdvisoryLock.CORRECTIONS)
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
        rows = await self._db.rows(query)
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

    From then until the transaction ends, no delivery is recorded. So a transaction that writes
    deliveries too adds its corrections first. `reason` is why the article was withdrawn.
    """
    before = (was.title, was.standfirst, was.is_withdrawn)
    if before == (now_is.title, now_is.standfirst, now_is.is_withdrawn):
        return None
    take_turns(connection, AdvisoryLock.CORRECTIONS)
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
    )
    number: int = connection.execute(row.returning(corrections.c.id)).scalar_one()
    note_change(connection, ChangeTopic.CORRECTIONS)
    return number


def take_back(
    connection: Connection, correction_id: int, was: Article, now_is: Article, now: datetime
) -> int | None:
    """Mark a correction as undone, and add one that edits its copies back without a word."""
    # Before the row: others that have the turn may wait for the row.
    take_turns(connection, AdvisoryLock.CORRECTIONS)
    connection.execute(
        update(corrections).where(corrections.c.id == correction_id).values(undone=True)
    )
    return add(connection, was, now_is, Grade.TYPO, now=now)


def _count(connection: Connection, correction_id: int, ended: Sequence[EditOutcome]) -> None:
    errors = Counter(each.error for each in ended if each.error is not None)
    changed = sum(each.error is None and each.counted for each in ended)
    c = corrections.c
    values: dict[str, Any] = {"changed": c.changed + changed}
    if errors:
        text = connection.execute(select(c.failed).where(c.id == correction_id)).scalar() or "{}"
        values["failed"] = json.dumps(dict(Counter(json.loads(text)) + errors))
    connection.execute(update(corrections).where(c.id == correction_id).values(values))


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
