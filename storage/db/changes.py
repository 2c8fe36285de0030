"""Numbers that grow with each change of a fact that processes keep in memory.

A replica reads all numbers with each heartbeat, and reads a fact again when its number has grown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ChangeTopic(StrEnum):
    """The facts that every replica keeps in memory."""

    ACCESS = "access"
    """Whom operators let in or shut out."""
    LEDGER = "ledger"
    """Deliveries that an answer has planned, for the replica that sends."""
    FLOODS = "floods"
    """The times for which Telegram asked to be left alone."""
    CORRECTIONS = "corrections"
    """Corrections of delivered stories, for the replica that sends."""
    ARTICLES = "articles"
    """Articles that an editor published, for the replica that asks the sources."""


_COUNT = text(
    "INSERT INTO changes (topic, number) VALUES (:topic, 1)"
    " ON CONFLICT (topic) DO UPDATE SET number = changes.number + 1"
)


def note_change(connection: Connection, topic: ChangeTopic) -> None:
    """Let the other replicas know of a change once this transaction is committed.

    An SQLite file has one process that works with it, so nothing is written there.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_COUNT, {"topic": topic.value})
