"""Chats that operators admitted or banned, and strangers who were refused lately."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from storage.db.changes import ChangeTopic, note_change
from storage.db.dialect import insert_new
from storage.tables.schema import access

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database

REFUSED_FOR = timedelta(days=1)
"""How long a refused stranger is not answered again."""


class Admission(StrEnum):
    """The access states of a chat."""

    ALLOWED = "allowed"
    BANNED = "banned"
    REFUSED = "told"
    """A stranger who was recently answered that the bot is private."""


class Access:
    """The access states of people and groups."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def decided(self) -> dict[int, bool]:
        """Return the chats that operators admitted (True) or banned (False)."""
        query = select(access.c.chat_id, access.c.state).where(
            access.c.state != Admission.REFUSED.value
        )
        rows = await self._db.rows(query)
        return {chat_id: state == Admission.ALLOWED.value for chat_id, state in rows}

    async def decide(self, chat_id: int, *, allowed: bool, now: datetime) -> None:
        """Admit or ban a chat, replacing an earlier decision."""
        state = Admission.ALLOWED if allowed else Admission.BANNED

        def write(connection: Connection) -> None:
            before = (access.c.chat_id == chat_id, access.c.state != Admission.REFUSED.value)
            connection.execute(delete(access).where(*before))
            connection.execute(insert(access).values(chat_id=chat_id, state=state.value, since=now))
            note_change(connection, ChangeTopic.ACCESS)

        await self._db.write(write)

    async def refuse(self, chat_id: int, now: datetime) -> bool:
        """Record that a chat is refused. Return False if it was already refused within a day."""
        is_refusal = access.c.state == Admission.REFUSED.value

        def write(connection: Connection) -> bool:
            connection.execute(
                delete(access).where(is_refusal, access.c.since <= now - REFUSED_FOR)
            )
            row = insert_new(access, self._db.dialect).values(
                chat_id=chat_id, state=Admission.REFUSED.value, since=now
            )
            return bool(connection.execute(row).rowcount)

        return await self._db.write(write)
