"""Links of articles that were too old to be kept, as prints: a source may list them for years."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.db.dialect import among
from storage.tables.schema import pruned

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select


def link_print(link: str) -> int:
    """What is kept of a pruned article's link: a signed number of 64 bits."""
    digest = blake2b(link.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


# Made once: to make it takes longer than to answer it.
@cache
def _prints_among(dialect: str) -> Select[int]:
    return select(pruned.c.link_print).where(among(pruned.c.link_print, "these", dialect))


def prints_among(connection: Connection, prints: list[int]) -> set[int]:
    """Which of these, made by `link_print`, are of articles that were too old to be kept."""
    query = _prints_among(connection.dialect.name)
    return set(connection.execute(query, {"these": prints}).scalars())
