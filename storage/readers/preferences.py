"""The storage of tastes: one row for each, shared by all readers who have it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, text

from storage.db.dialect import by_index, insert_new
from storage.model import Taste
from storage.model.edition_model import OPEN
from storage.tables.ledger_schema import BY_STATE, deliveries
from storage.tables.reader_schema import subscribers, tastes

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection

    from storage.db.database import Database

BATCH = 500
"""Tastes deleted in one transaction."""
_FIELDS = tuple(field.name for field in fields(Taste))


def to_spec(taste: Taste) -> str:
    """Return the taste as text, equal for equal choices regardless of their order.

    Empty fields are left out, so that a new field does not change existing texts.
    """
    chosen = {name: sorted(getattr(taste, name)) for name in _FIELDS if getattr(taste, name)}
    return json.dumps(chosen, ensure_ascii=False, separators=(",", ":"))


def to_key(spec: str) -> str:
    """Return the key under which a spec is stored: a hash."""
    return hashlib.blake2b(spec.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4096)
def from_spec(spec: str) -> Taste:
    """Return the taste that a spec describes, without what only a later program knows."""
    chosen: dict[str, list[Any]] = json.loads(spec)
    return Taste(**{name: frozenset(chosen[name]) for name in _FIELDS if name in chosen})


def keep(connection: Connection, taste: Taste) -> str:
    """Store a taste if it is new, and return its key."""
    spec = to_spec(taste)
    key = to_key(spec)
    connection.execute(insert_new(tastes, connection.dialect.name).values(key=key, spec=spec))
    return key


async def sweep(db: Database) -> int:
    """Delete tastes that no subscriber and no open delivery uses. Return how many.

    They are found while other tasks write, and deleted in batches, each a transaction.
    """
    unused = await db.read(_unused)
    swept = 0
    for start in range(0, len(unused), BATCH):
        keys = unused[start : start + BATCH]
        swept += await db.write(partial(drop_unused, keys=keys))
        await asyncio.sleep(0)
    return swept


def _unused(connection: Connection) -> list[str]:
    return list(connection.execute(select(tastes.c.key).where(*_of_nobody())).scalars())


def drop_unused(connection: Connection, keys: Collection[str] | None = None) -> int:
    """Delete the unused ones of these tastes, or of all for None. Return how many."""
    if connection.dialect.name == "postgresql":
        # Lock, so that no subscriber gets a taste between the check and the deletion.
        connection.execute(text("LOCK TABLE tastes IN SHARE ROW EXCLUSIVE MODE"))
    some = () if keys is None else (tastes.c.key.in_(keys),)
    return connection.execute(delete(tastes).where(*some, *_of_nobody())).rowcount


def _of_nobody() -> tuple[ColumnElement[bool], ...]:
    has = by_index(select(subscribers.c.id), subscribers, "taste_key")
    gets = by_index(select(deliveries.c.taste_key), deliveries, *BY_STATE)
    return (
        ~has.where(subscribers.c.taste_key == tastes.c.key).exists(),
        tastes.c.key.not_in(gets.where(deliveries.c.state.in_(OPEN))),
    )
