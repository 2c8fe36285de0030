"""What a chat had chosen before its last change, so that a word takes the change back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from storage.db.dialect import insert_or_update
from storage.readers.choices import next_number
from storage.readers.kept_choices import ROWS, KeptChoices, after_keeping, choices_of
from storage.readers.preferences import from_spec
from storage.readers.subscriber_rows import give_taste, locked
from storage.tables.reader_schema import last_changes, word_follows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.model import Subscriber


class LastChanges:
    """What each chat had before its last change."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def note(self, subscriber_id: int, before: KeptChoices, now: datetime) -> None:
        """Note what was chosen before a change, unless nothing changed.

        A change that brings back what was noted leaves nothing to take back.
        """

        def write(connection: Connection) -> None:
            after = choices_of(connection, subscriber_id)
            if after is None or after == before:
                return
            mine = last_changes.c.subscriber_id == subscriber_id
            noted = connection.execute(select(last_changes.c.before).where(mine)).scalar()
            if noted == after.text:
                connection.execute(delete(last_changes).where(mine))
                return
            row = {"subscriber_id": subscriber_id, "at": now}
            texts = {"before": before.text, "after": after.text}
            names = ("at", *texts)
            statement = insert_or_update(last_changes, self._db.dialect, *names)
            connection.execute(statement.values(**row, **texts))

        await self._db.write(write)

    async def last(
        self, subscriber_id: int, since: datetime
    ) -> tuple[KeptChoices, KeptChoices] | None:
        """Return what a chat had before its last change since a time, and what it has.

        None, too, if something that nobody noted changed its choices later: that is not taken back.
        """
        query = select(last_changes.c.before, last_changes.c.after).where(
            last_changes.c.subscriber_id == subscriber_id, last_changes.c.at >= since
        )

        def read(connection: Connection) -> tuple[KeptChoices, KeptChoices] | None:
            row = connection.execute(query).first()
            held = None if row is None else choices_of(connection, subscriber_id)
            if row is None or held is None or held.text != row.after:
                return None
            return KeptChoices(row.before), held

        return await self._db.read(read)

    async def restore(self, subscriber_id: int, wanted: KeptChoices) -> Subscriber:
        """Give a chat what it followed, muted and had alerts of; settings are left as they are."""

        def write(connection: Connection) -> Subscriber:
            locked(connection, subscriber_id)
            for name, (table, columns) in ROWS.items():
                connection.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
                for row in wanted.rows(name):
                    values = dict(zip(columns, row, strict=True), subscriber_id=subscriber_id)
                    if table is word_follows:
                        values["number"] = next_number(connection, self._db.dialect)
                    connection.execute(insert(table).values(values))
            taste = from_spec(json.loads(wanted.text)["taste"])
            return give_taste(connection, subscriber_id, taste)

        return await self._db.write(after_keeping(subscriber_id, write))
