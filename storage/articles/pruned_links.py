"""The links of pruned articles, as hashes, since a source may list them for years."""

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
    """Return the hash stored for a pruned article's link: a signed 64-bit number."""
    digest = blake2b(link.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


# Built once: building it takes longer than running it.
@cache
def _prints_among(dialect: str) -> Select[int]:
    return select(pruned.c.link_print).where(among(pruned.c.link_print, "these", dialect))


def prints_among(connection: Connection, prints: list[int]) -> set[int]:
    """Return which of these hashes, made by `link_print`, belong to pruned articles."""
    query = _prints_among(connection.dialect.name)
    return set(connection.execute(query, {"these": prints}).scalars())
