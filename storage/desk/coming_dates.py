"""Dates ahead, which editors add, change and delete, and which readers list."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Unpack

from sqlalchemy import delete, insert, select, update

from storage.db.dialect import AdvisoryLock, take_turns
from storage.desk import drafts
from storage.desk.amended_rows import ChangedMeanwhileError, number_of, read_article
from storage.desk.journal import record
from storage.model.desk_model import ActKind, ComingDate
from storage.tables.desk_schema import dates
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from storage.db.database import Database
    from storage.desk.amended_rows import By
    from storage.desk.journal import Undo, Undoing
    from storage.model.desk_model import DeskAct

MOST = 1_000
"""Dates that are read at once, the next first."""
_D = dates.c
_SHOWN = (
    select(dates, articles.c.title)
    .select_from(dates.outerjoin(articles, articles.c.id == _D.article_id))
    .where(articles.c.state.is_(None))
)
"""All dates but those of stories that are hidden or withdrawn."""


class ComingDates:
    """The dates ahead. Every method that writes is one transaction, with its act in the journal."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def ahead(self, today: date) -> list[ComingDate]:
        """Return the dates that are not over on this day, the next first."""
        query = _SHOWN.where(_D.last >= _midnight(today)).order_by(_D.first, _D.last, _D.id)
        return [_read(row) for row in await self._db.rows(query.limit(MOST))]

    async def of_article(self, article_id: int) -> list[ComingDate]:
        """Return the dates of a story, the first first."""
        query = _SHOWN.where(_D.article_id == article_id).order_by(_D.first, _D.id)
        return [_read(row) for row in await self._db.rows(query.limit(MOST))]

    async def get(self, number: int) -> ComingDate | None:
        """Return the date with this number, or None, also if its story is hidden or withdrawn."""
        row = await self._db.first(_SHOWN.where(_D.id == number))
        return None if row is None else _read(row)

    async def put(
        self, wanted: ComingDate | None, number: int = 0, **by: Unpack[By]
    ) -> tuple[int, int]:
        """Add a date, change the one with this number, or delete it if none is wanted.

        `seen` is the `seen_as` of the date that the editor saw. Return its number, and that of the
        act. ChangedMeanwhileError: it is gone, or somebody else changed it first;
        NoSuchArticleError: its story is gone.
        """
        person_id, now, seen = by["person_id"], by["now"], by.get("seen")

        def write(connection: Connection) -> tuple[int, int]:
            take_turns(connection, AdvisoryLock.ARCHIVE)
            before = _values(connection, number) if number else {}
            if number and (not before or seen not in {None, number_of(before)}):
                raise ChangedMeanwhileError
            article_id = before["article_id"] if before or wanted is None else wanted.article_id
            if article_id is not None and read_article(connection, article_id).is_withdrawn:
                raise ChangedMeanwhileError
            at = _write(connection, number, None if wanted is None else _of(wanted), person_id, now)
            after = _values(connection, at)
            act = record(
                connection,
                ActKind.EDIT,
                person_id=person_id,
                now=now,
                article_id=article_id,
                before=before,
                after=after,
            )
            return at, act

        return await self._db.write(write)


def seen_as(coming: ComingDate) -> int:
    """Return a number for how a date looks, which changes with each editor's change."""
    return number_of({"id": coming.id} | _of(coming))


def date_of(act: DeskAct) -> ComingDate | None:
    """Return the date that an act added, changed or deleted; None for other acts."""
    values = act.after or act.before
    if act.kind is not ActKind.EDIT or act.draft_id is not None or "first" not in values:
        return None
    days = {name: date.fromisoformat(values[name]) for name in ("first", "last")}
    categories = tuple(values["categories"].split())
    return ComingDate(**{**values, **days, "categories": categories, "title": values["what"]})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _read(row: Row[Any]) -> ComingDate:
    return ComingDate(
        first=row.first.date(),
        last=row.last.date(),
        place=row.place,
        what=row.what,
        categories=tuple(row.categories.split()),
        link=row.link,
        source=row.source,
        article_id=row.article_id,
        id=row.id,
        title=row.what or row.title or "",
        created=row.created,
    )


def _of(coming: ComingDate) -> dict[str, Any]:
    """Return a date's values as the journal has them, but for its number."""
    return {
        "article_id": coming.article_id,
        "what": coming.what,
        "first": coming.first.isoformat(),
        "last": coming.last.isoformat(),
        "place": coming.place,
        "categories": " ".join(coming.categories),
        "link": coming.link,
        "source": coming.source,
    }


def _values(connection: Connection, number: int) -> dict[str, Any]:
    """Return a date's number and values as the journal has them; {} if there is no such date."""
    query = select(dates, _D.what.label("title")).where(_D.id == number)
    row = connection.execute(query).first()
    return {} if row is None else {"id": row.id} | _of(_read(row))


def _write(
    connection: Connection,
    number: int,
    values: Mapping[str, Any] | None,
    person_id: int | None,
    now: datetime,
) -> int:
    """Write a date, a new one if there is none of this number; None deletes it."""
    if values is None:
        connection.execute(delete(dates).where(_D.id == number))
        return number
    days = {name: _midnight(date.fromisoformat(values[name])) for name in ("first", "last")}
    row = {**values, **days}
    if number and _values(connection, number):
        # It stays its story's, and the first editor's.
        connection.execute(update(dates).where(_D.id == number).values(**row))
        return number
    # A deleted date comes back under its number.
    own = {"id": number} if number else {}
    added = insert(dates).values(**row, **own, person_id=person_id, created=now)
    written: int = connection.execute(added.returning(_D.id)).scalar_one()
    return written


def _undo(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Give a date the values that it had; False if it was changed again since."""
    if date_of(act) is None:
        return drafts.UNDOES[ActKind.EDIT](connection, act, undoing)
    take_turns(connection, AdvisoryLock.ARCHIVE)
    number = (act.after or act.before)["id"]
    if not undoing.publishes or _values(connection, number) != act.after:
        return False
    values = {name: value for name, value in act.before.items() if name != "id"}
    _write(connection, number, values or None, undoing.by, undoing.now)
    return True


UNDOES: Mapping[ActKind, Undo] = {ActKind.EDIT: _undo}
