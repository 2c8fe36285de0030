"""All that a chat has chosen, and what chats had before the changes of an update."""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from storage.model import Layout, State
from storage.tables.reader_schema import follows, levels, subscribers, tastes, word_follows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table


T = TypeVar("T")

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
    def settings(self) -> dict[str, Any]:
        """The settings."""
        found = dict(json.loads(self.text)["fields"])
        until = found["paused_until"]
        found["paused_until"] = None if until is None else datetime.fromisoformat(until)
        return found | {"layout": Layout(found["layout"]), "state": State(found["state"])}

    def rows(self, table: str) -> set[tuple[Any, ...]]:
        """Return the rows of one of the tables."""
        return {tuple(row) for row in json.loads(self.text)[table]}

    def differing(self, other: KeptChoices) -> set[tuple[Any, ...]]:
        """Return the rows that only one of two has."""
        return set().union(*(self.rows(name) ^ other.rows(name) for name in ROWS))


_BEFORE: ContextVar[dict[int, KeptChoices] | None] = ContextVar("before", default=None)


@contextmanager
def keeping_before() -> Iterator[dict[int, KeptChoices]]:
    """Gather what each chat that is changed within had before: subscriber id → choices."""
    kept: dict[int, KeptChoices] = {}
    token = _BEFORE.set(kept)
    try:
        yield kept
    finally:
        _BEFORE.reset(token)


def after_keeping(
    subscriber_id: int, write: Callable[[Connection], T]
) -> Callable[[Connection], T]:
    """Return a transaction that first gathers a chat's choices, if `keeping_before` wants them."""
    kept = _BEFORE.get()
    if kept is None or subscriber_id in kept:
        return write

    def both(connection: Connection) -> T:
        held = choices_of(connection, subscriber_id)
        if held is not None:
            kept[subscriber_id] = held
        return write(connection)

    return both


def choices_of(connection: Connection, subscriber_id: int) -> KeptChoices | None:
    """Return all that a chat has chosen; None if it is unknown."""
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
