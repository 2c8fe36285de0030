"""The journal of the desk: who did what and when, and the undoing of acts within an hour.

An act is recorded in the transaction that does it. Each kind of act has its own function that
undoes it; `undoing` lists them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, func, insert, select, update

from storage.model.desk_model import ActKind, DeskAct, UndoOutcome
from storage.tables.desk_schema import desk_acts
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row

    from storage.db.database import Database

UNDO_FOR = timedelta(hours=1)
"""Time for which an act can be undone."""


class Undoing(NamedTuple):
    """The undoing of an act."""

    by: int
    """The Telegram id of the person who undoes it."""
    now: datetime
    publishes: bool
    """Whether that person may publish."""


Undo: TypeAlias = Callable[[Connection, DeskAct, Undoing], bool]
"""A function that undoes an act of one kind in the transaction of its connection.

It returns False if what the act changed was changed again since; the transaction is then rolled
back.
"""


def record(
    connection: Connection,
    kind: ActKind,
    *,
    person_id: int | None,
    now: datetime,
    about_id: int | None = None,
    article_id: int | None = None,
    draft_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Add an act to the journal in the connection's transaction, and return its number.

    Args:
        person_id: The Telegram id of the person who did it; None if forgotten meanwhile.
        before: What the act changed, as it was before; values that JSON has.
        after: The same, as the act left it.
    """
    row = insert(desk_acts).values(
        person_id=person_id,
        about_id=about_id,
        kind=kind.value,
        at=now,
        article_id=article_id,
        draft_id=draft_id,
        before=json.dumps(before or {}, ensure_ascii=False),
        after=json.dumps(after or {}, ensure_ascii=False),
    )
    number: int = connection.execute(row.returning(desk_acts.c.id)).scalar_one()
    return number


class Journal:
    """The journal of the desk."""

    def __init__(self, db: Database, undoes: Mapping[ActKind, Undo]) -> None:
        self._db = db
        self._undoes = undoes

    async def act(self, number: int) -> DeskAct | None:
        """Return the act with this number, or None."""
        return await self._db.read(lambda connection: act_of(connection, number))

    async def recent(self, *, limit: int, offset: int = 0) -> list[DeskAct]:
        """Return the newest acts, the newest first."""
        query = select(desk_acts).order_by(desk_acts.c.id.desc()).limit(limit).offset(offset)
        rows = await self._db.rows(query)
        return [_act(row) for row in rows]

    async def count(self) -> int:
        """Return the number of acts."""
        query = select(func.count()).select_from(desk_acts)
        return await self._db.scalar(query) or 0

    async def last_of_article(self, article_id: int, kind: ActKind | None = None) -> DeskAct | None:
        """Return the newest act about an article that was not undone, or None.

        Without a `kind`, acts of every kind count, except undoing.
        """
        a = desk_acts.c
        kinds = a.kind != ActKind.UNDO.value if kind is None else a.kind == kind.value
        query = (
            select(desk_acts)
            .where(a.article_id == article_id, a.undone.is_(None), kinds)
            .order_by(a.id.desc())
            .limit(1)
        )
        row = await self._db.first(query)
        return None if row is None else _act(row)

    def can_undo(self, act: DeskAct, now: datetime) -> bool:
        """Return whether an act can still be undone, unless something was changed since."""
        return act.undone is None and act.kind in self._undoes and now < act.at + UNDO_FOR

    async def undo(
        self, number: int, *, person_id: int, now: datetime, publishes: bool = True
    ) -> UndoOutcome:
        """Undo an act, and record that in the journal.

        Unless the person `publishes`, nothing is undone that gives a draft a time, an alert or a
        lead, or that changes a draft with a time.
        """
        undoing = Undoing(person_id, now, publishes)

        def write(connection: Connection) -> UndoOutcome:
            act = act_of(connection, number, lock=True)
            if act is None or act.kind not in self._undoes:
                return UndoOutcome.NOT_POSSIBLE
            if act.undone is not None:
                return UndoOutcome.ALREADY
            if _is_deleted(connection, act.article_id):
                return UndoOutcome.DELETED
            if now >= act.at + UNDO_FOR:
                return UndoOutcome.TOO_LATE
            if not self._undoes[act.kind](connection, act, undoing):
                raise _ChangedSince
            connection.execute(update(desk_acts).where(desk_acts.c.id == number).values(undone=now))
            record(
                connection,
                ActKind.UNDO,
                person_id=person_id,
                now=now,
                about_id=act.about_id,
                article_id=act.article_id,
                draft_id=act.draft_id,
                after={"act": number},
            )
            return UndoOutcome.UNDONE

        try:
            return await self._db.write(write)
        except _ChangedSince:
            return UndoOutcome.CHANGED_SINCE


def _is_deleted(connection: Connection, article_id: int | None) -> bool:
    """Return whether an act was about an article that is not in the archive any more."""
    if article_id is None:
        return False
    query = select(articles.c.id).where(articles.c.id == article_id)
    return connection.execute(query).first() is None


class _ChangedSince(Exception):  # noqa: N818 - no error: it rolls the transaction back
    """Raised inside a transaction whose act can no longer be undone."""


def act_of(connection: Connection, number: int, *, lock: bool = False) -> DeskAct | None:
    """Return the act with this number, or None; `lock` makes other transactions wait."""
    query = select(desk_acts).where(desk_acts.c.id == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _act(row)


def undone_since(connection: Connection, act: DeskAct) -> list[DeskAct]:
    """Return the acts about an act's article that were undone after it, in the order of undoing."""
    a = desk_acts.c
    query = (
        select(desk_acts)
        .where(a.article_id == act.article_id, a.id > act.number, a.kind == ActKind.UNDO.value)
        .order_by(a.id)
    )
    undoings = [_act(row) for row in connection.execute(query)]
    undone = [act_of(connection, each.after["act"]) for each in undoings]
    return [each for each in undone if each is not None]


def _act(row: Row[Any]) -> DeskAct:
    return DeskAct(
        number=row.id,
        person_id=row.person_id,
        about_id=row.about_id,
        kind=ActKind(row.kind),
        at=row.at,
        article_id=row.article_id,
        draft_id=row.draft_id,
        before=json.loads(row.before),
        after=json.loads(row.after),
        undone=row.undone,
    )
