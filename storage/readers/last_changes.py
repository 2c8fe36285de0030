"""What a chat had chosen before its last change, so that a word takes the change back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, insert, select

from storage.db.dialect import insert_or_update
from storage.model import Layout, State
from storage.readers.choices import next_number
from storage.readers.preferences import from_spec
from storage.readers.subscriber_rows import give_taste, locked
from storage.tables.reader_schema import (
    follows,
    last_changes,
    levels,
    subscribers,
    tastes,
    word_follows,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from storage.db.database import Database
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes

FIELDS = (
    *("language", "zone", "city", "digest_minute", "evening_minute", "days", "layout", "state"),
    *("empty_note", "silent", "silent_alerts", "alerts_a_day", "quiet_from", "quiet_to"),
    "paused_until",
)
"""The columns of a subscriber that are taken back."""
ROWS: dict[str, tuple[Table, tuple[str, ...]]] = {
    "follows": (follows, ("category", "alerts")),
    "words": (word_follows, ("word", "spelling", "alerts")),
    "levels": (levels, ("kind", "value", "level", "followed", "alerts")),
}
"""The tables whose rows are taken back, with their columns."""


@dataclass(frozen=True, slots=True)
class KeptChoices:
    """All that a chat has chosen."""

    text: str
    """As it is stored."""

    @property
    def settings(self) -> Changes:
        """The settings."""
        found = dict(json.loads(self.text)["fields"])
        until = found["paused_until"]
        found["paused_until"] = None if until is None else datetime.fromisoformat(until)
        found |= {"layout": Layout(found["layout"]), "state": State(found["state"])}
        return cast("Changes", found)

    def rows(self, table: str) -> set[tuple[Any, ...]]:
        """Return the rows of one of the tables."""
        return {tuple(row) for row in json.loads(self.text)[table]}

    def differing(self, other: KeptChoices) -> set[tuple[Any, ...]]:
        """Return the rows that only one of two has."""
        return set().union(*(self.rows(name) ^ other.rows(name) for name in ROWS))


class LastChanges:
    """What each chat had before its last change."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def choices(self, subscriber_id: int) -> KeptChoices | None:
        """Return all that a chat has chosen; None if it is unknown."""
        return await self._db.read(lambda connection: _choices(connection, subscriber_id))

    async def note(self, subscriber_id: int, before: KeptChoices, now: datetime) -> None:
        """Note what was chosen before a change, unless nothing changed.

        A change that brings back what was noted leaves nothing to take back.
        """
        after = await self.choices(subscriber_id)
        if after is None or after == before:
            return

        def write(connection: Connection) -> None:
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

    async def before(self, subscriber_id: int, since: datetime) -> KeptChoices | None:
        """Return what a chat had before its last change, if that was since a time.

        None, too, if something that nobody noted changed its choices later: that is not taken back.
        """
        query = select(last_changes.c.before, last_changes.c.after).where(
            last_changes.c.subscriber_id == subscriber_id, last_changes.c.at >= since
        )

        def read(connection: Connection) -> KeptChoices | None:
            row, held = connection.execute(query).first(), _choices(connection, subscriber_id)
            if row is None or held is None or held.text != row.after:
                return None
            return KeptChoices(row.before)

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

        return await self._db.write(write)


def _choices(connection: Connection, subscriber_id: int) -> KeptChoices | None:
    columns = (*(subscribers.c[name] for name in FIELDS), tastes.c.spec)
    query = select(*columns).join_from(subscribers, tastes)
    row = connection.execute(query.where(subscribers.c.id == subscriber_id)).one_or_none()
    if row is None:
        return None
    until = row.paused_until
    found: dict[str, Any] = {
        "fields": {name: getattr(row, name) for name in FIELDS}
        | {
            "city": row.city or "",
            "paused_until": None if until is None else until.isoformat(),
        },
        "taste": row.spec,
    }
    for name, (table, wanted) in ROWS.items():
        rows = connection.execute(
            select(*(table.c[each] for each in wanted))
            .where(table.c.subscriber_id == subscriber_id)
            .order_by(*(table.c[each] for each in wanted))
        )
        found[name] = [list(each) for each in rows]
    return KeptChoices(json.dumps(found, ensure_ascii=False))
