"""The people whom the settings name. All replicas use those of the process that started last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from storage.db.changes import ChangeTopic, note_change
from storage.db.key_value import KeyValue, put_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from storage.db.database import Database

KEY = "named people"
"""The key of the stored ids in the table `meta`."""
SETTINGS = {"admins": "ADMIN_IDS", "editors": "EDITOR_IDS", "allowed": "ALLOWED_IDS"}
"""Attribute of `NamedPeople` → the setting that it holds."""


class NamedPeople:
    """The ids in ADMIN_IDS, EDITOR_IDS and ALLOWED_IDS, which change if another replica says so.

    If `allowed` is empty everybody may use the bot.
    """

    def __init__(
        self,
        *,
        admins: Collection[int] = (),
        editors: Collection[int] = (),
        allowed: Collection[int] = (),
    ) -> None:
        self.admins = frozenset(admins)
        self.editors = frozenset(editors)
        self.allowed = frozenset(allowed)

    def to_json(self) -> str:
        """Return the ids as JSON: an object with a sorted list for each attribute."""
        return json.dumps({name: sorted(getattr(self, name)) for name in SETTINGS})

    def use(self, stored: str) -> list[str]:
        """Use the ids that `to_json` returned in another process; return the settings changed."""
        changed = []
        for name, ids in json.loads(stored).items():
            if name in SETTINGS and getattr(self, name) != frozenset(ids):
                setattr(self, name, frozenset(ids))
                changed.append(SETTINGS[name])
        return changed


async def store_people(database: Database, people: NamedPeople) -> None:
    """Store the ids of a process that starts, for all replicas."""

    def write(connection: Connection) -> None:
        put_in(connection, KEY, people.to_json())
        note_change(connection, ChangeTopic.ACCESS)

    await database.write(write)


async def stored_people(database: Database) -> str | None:
    """Return the ids of the process that started last as JSON; None if none were stored."""
    return await KeyValue(database).get(KEY)
