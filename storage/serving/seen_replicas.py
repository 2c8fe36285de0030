"""The replicas as somebody finds them who is none of them, such as `onnews health`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.replicas.members import Members
from storage.replicas.shared_updates import SharedUpdatesTable
from storage.serving.liveness import Silence, uptime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.db.database import Database
    from storage.replicas.members import Member

LOOK = 0.1
"""Seconds between two looks for the next heartbeat of each replica."""
PATIENCE = 3.0
"""Seconds for which such a look waits; a replica renews its heartbeat every 0.3."""


@dataclass(frozen=True, slots=True)
class SeenReplicas:
    """The replicas as somebody from outside finds them."""

    members: tuple[Member, ...]
    """Those whose heartbeat was seen to be renewed."""
    holders: Mapping[int, int | None]
    """Shard of chats → id of the replica that holds it."""
    waiting: int
    """Updates that no replica has claimed yet."""


async def see_replicas(database: Database) -> SeenReplicas | None:
    """Look at the replicas until each has renewed its heartbeat, for some seconds at most.

    The database is closed; DatabaseError if it cannot be read. Return None on SQLite, and while the
    tables are of another version.
    """
    if database.path is not None:
        return None
    await database.open(create=False)
    try:
        if not (await database.version()).fits:
            return None
        members, silence = Members(database), Silence()
        view = await members.view()
        first = {each.id: each.beat for each in view.members}
        until = uptime() + PATIENCE
        while True:
            silence.looked()
            alive = [each for each in view.members if each.beat != first.get(each.id)]
            left = [each for each in view.members if not silence.is_gone(each)]
            if len(alive) >= len(left) or uptime() >= until:
                waiting = await SharedUpdatesTable(database).waiting()
                return SeenReplicas(tuple(alive), view.holders, waiting)
            await asyncio.sleep(LOOK)
            view = await members.view()
    finally:
        await database.close()
