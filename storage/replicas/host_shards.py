"""The hosts of sources as shards, and which replica asks the hosts of each."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from storage.replicas import shard_rows
from storage.replicas.spread import SHARDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from storage.db.database import Database

_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""Labels before a country's: sites have names of three labels there, as `example.co.uk`."""


def shard_of_host(host: str) -> int:
    """Return the shard of a host, from 0 to 63, the same in every process and version.

    The hosts of one site, such as `feeds.example.com` and `www.example.com`, have the same shard,
    so that a feed and the pages of its articles are asked by one replica.

    Args:
        host: The host, with its port if the address has one.
    """
    return zlib.crc32(_site(host.lower()).encode()) % SHARDS


def _site(host: str) -> str:
    labels = host.partition(":")[0].rstrip(".").split(".")
    if labels[-1].isdecimal() or host.startswith("["):
        return host  # an address of the network, with its port
    is_long = len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if is_long else labels[-2:])


class Hosts:
    """The hosts of some shards.

    Args:
        shards: The shards.
    """

    __slots__ = ("shards",)

    def __init__(self, shards: Iterable[int]) -> None:
        self.shards = frozenset(shards)

    def __bool__(self) -> bool:
        """Return whether there is any shard."""
        return bool(self.shards)

    def __contains__(self, host: str) -> bool:
        """Return whether a host is in one of the shards."""
        return len(self.shards) == SHARDS or shard_of_host(host) in self.shards


EVERY_HOST = Hosts(range(SHARDS))


class HostShards:
    """The shards of hosts, on PostgreSQL.

    Args:
        database: The archive's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, me: int, shards: Collection[int]) -> frozenset[int]:
        """Take shards that no replica holds. Return those that were taken.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
            IntegrityError: Others have removed this replica.
        """
        return await self._database.write(
            lambda connection: shard_rows.take(connection, "host_shards", me, shards)
        )

    async def give(self, me: int, shards: Collection[int]) -> None:
        """Give shards back.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """
        await self._database.write(
            lambda connection: shard_rows.give(connection, "host_shards", me, shards)
        )
