"""The people whom operators added as editors by `/editors`, and their rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from storage.db.dialect import insert_or_update
from storage.desk.journal import record
from storage.model.desk_model import NO_RIGHTS, ActKind, Editor, Rights
from storage.tables.desk_schema import desk_names, editors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from storage.db.database import Database
    from storage.desk.journal import Undo, Undoing
    from storage.model.desk_model import DeskAct


class Editors:
    """The editors that operators added. Those of EDITOR_IDS and the operators are not among them.

    Handlers ask `EditingRights` of `handlers.core.services` instead, which knows all three.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def rights(self, person_id: int) -> Rights:
        """Return the rights of a person, as the database has them now."""
        found = await self._db.read(lambda connection: _get(connection, person_id))
        return NO_RIGHTS if found is None else found.rights

    async def all(self) -> list[Editor]:
        """Return all editors, the first one added first."""
        query = select(editors).order_by(editors.c.added, editors.c.person_id)
        rows = await self._db.rows(query)
        return [_editor(row) for row in rows]

    async def give(self, person_id: int, rights: Rights, *, by: int, now: datetime) -> int:
        """Set a person's rights, and return the number of this act in the journal.

        The person is added if needed; `NO_RIGHTS` removes the person.
        """

        def write(connection: Connection) -> int:
            was = _get(connection, person_id, lock=True)
            _put(connection, person_id, rights, was, by=by, now=now)
            return record(
                connection,
                ActKind.EDITOR,
                person_id=by,
                about_id=person_id,
                now=now,
                before=_as_json(NO_RIGHTS if was is None else was.rights),
                after=_as_json(rights),
            )

        return await self._db.write(write)

    async def names(self) -> dict[int, str]:
        """Return by person the names that they chose."""
        return {row.person_id: row.name for row in await self._db.rows(select(desk_names))}

    async def call(self, person_id: int, name: str) -> None:
        """Give a person a name in place of the last one."""
        put = insert_or_update(desk_names, self._db.dialect, "name")
        await self._db.execute(put.values(person_id=person_id, name=name))

    async def keep_names(self, people: Collection[int]) -> None:
        """Delete the names of all others."""
        gone = delete(desk_names).where(desk_names.c.person_id.not_in(people))
        await self._db.execute(gone)


def _get(connection: Connection, person_id: int, *, lock: bool = False) -> Editor | None:
    query = select(editors).where(editors.c.person_id == person_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _editor(row)


def _put(
    connection: Connection,
    person_id: int,
    rights: Rights,
    was: Editor | None,
    *,
    by: int,
    now: datetime,
) -> None:
    connection.execute(delete(editors).where(editors.c.person_id == person_id))
    if rights:
        connection.execute(
            insert(editors).values(
                person_id=person_id,
                may_write=rights.write,
                may_publish=rights.publish,
                added_by=by if was is None else was.added_by,
                added=now if was is None else was.added,
            )
        )
    else:
        connection.execute(delete(desk_names).where(desk_names.c.person_id == person_id))


def _editor(row: Row[Any]) -> Editor:
    rights = Rights(write=row.may_write, publish=row.may_publish)
    return Editor(row.person_id, rights, row.added_by, row.added)


def _as_json(rights: Rights) -> dict[str, bool]:
    return {"write": rights.write, "publish": rights.publish}


def _undo(connection: Connection, act: DeskAct, undoing: Undoing) -> bool:
    """Restore the rights that a person had; False if they were changed again since."""
    if act.about_id is None:
        return False
    was = _get(connection, act.about_id, lock=True)
    if _as_json(NO_RIGHTS if was is None else was.rights) != act.after:
        return False
    by = act.about_id if act.person_id is None else act.person_id
    _put(connection, act.about_id, Rights(**act.before), was, by=by, now=undoing.now)
    return True


UNDOES: Mapping[ActKind, Undo] = {ActKind.EDITOR: _undo}
