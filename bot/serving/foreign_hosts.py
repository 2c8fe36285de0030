"""Turns at hosts whose shard another replica holds: a redirect's, a picture's, an editor's link.

Whoever wants to ask such a host adds a row and waits. The holder of the shard sees it with its next
heartbeat, waits for its own turn at the host, grants the visit, and keeps the turn until the row is
gone. So a host is asked by one replica at a time.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from storage.db.outage import DatabaseUnavailableError, patiently
from storage.replicas.host_shards import shard_of_host
from storage.replicas.host_visits import HostVisit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.serving.replica import Replica
    from news.fetch.turns import Turns
    from storage.replicas.host_visits import HostVisits
    from storage.replicas.members import ReplicaView

log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
"""Seconds that a request waits for its visit at most."""
AGAIN = 0.1
"""Seconds between two attempts to visit a host that another replica visits."""


class ForeignHosts:
    """The visits of this replica, and those that it grants.

    Args:
        table: The table that the replicas share.
        replica: The row of this process.
        turns: The turns of this replica's own requests.
        owns: Returns whether this replica may ask a host without a visit.
        are_noted: Waits until the pauses that hosts asked this replica for are in the database.
    """

    def __init__(
        self,
        table: HostVisits,
        replica: Replica,
        turns: Turns,
        owns: Callable[[str], bool],
        are_noted: Callable[[], Awaitable[None]],
    ) -> None:
        self._table = table
        self._replica = replica
        self._turns = turns
        self._owns = owns
        self._are_noted = are_noted
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Event] = {}
        """Number of a visit of this replica → set once it is granted."""
        self._lent: dict[tuple[int, int], asyncio.Task[None]] = {}
        """Replica and number of a visit → a task that grants it, and lasts as long as it."""
        self._ending: set[asyncio.Task[None]] = set()
        turns.visit = self.begin

    async def begin(self, host: str) -> Callable[[], None] | None:
        """Wait until this replica may ask a host at which it has its own turn.

        Returns:
            What ends the visit; None if none is needed.

        Raises:
            TimeoutError: It may not ask the host now.
        """
        if self._owns(host):
            return None
        visit = HostVisit(host, self._replica.id, next(self._numbers), granted=False)
        granted = self._waiting[visit.number] = asyncio.Event()
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                while not await self._table.ask(visit):  # noqa: ASYNC110 - a row
                    await asyncio.sleep(AGAIN)
                await granted.wait()
        except (DatabaseUnavailableError, IntegrityError):
            self._end(visit)
            raise TimeoutError from None
        except BaseException:
            self._end(visit)
            raise
        return partial(self._end, visit)

    async def look(self, view: ReplicaView, held: Collection[int], *, all_free: bool) -> None:
        """Begin the visits that were granted, and grant those to the hosts of some shards.

        Args:
            view: The rows at the last heartbeat.
            held: The shards of hosts that this replica holds.
            all_free: Whether no replica is to hold any shard, so that each grants its own visits.
        """
        visits = {(each.replica_id, each.number): each for each in view.visits}
        for key in self._lent.keys() - visits.keys():
            self._lent.pop(key).cancel()
        for key, visit in visits.items():
            shard, is_mine = shard_of_host(visit.host), visit.replica_id == self._replica.id
            if is_mine and visit.granted and visit.number in self._waiting:
                self._waiting[visit.number].set()
            is_free = all_free and is_mine and view.hosts.get(shard) is None
            if key not in self._lent and (shard in held or is_free):
                await self._lend(key, visit, None if is_free else self._replica.id)

    async def close(self) -> None:
        """Grant nothing more."""
        tasks = {*self._lent.values(), *self._ending}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _lend(self, key: tuple[int, int], visit: HostVisit, holder: int | None) -> None:
        """Begin to grant a visit; this replica does not ask the host before the visit is over."""
        if visit.replica_id == self._replica.id:
            task = asyncio.create_task(self._granted(visit, holder), name="visit")
        elif (turn := self._turns.at(visit.host)).locked():
            task = asyncio.create_task(self._granted_later(visit, holder, turn), name="visit")
        else:
            # Taken without a pause, so that the hosts of a shard just taken are asked by one.
            await turn.acquire()
            task = asyncio.create_task(self._granted(visit, holder), name="visit")
            # A task that is cancelled at once never runs its body.
            task.add_done_callback(lambda _: turn.release())
        self._lent[key] = task
        task.add_done_callback(partial(self._forget, key))

    async def _granted_later(
        self, visit: HostVisit, holder: int | None, turn: asyncio.Lock
    ) -> None:
        async with turn:
            await self._granted(visit, holder)

    async def _granted(self, visit: HostVisit, holder: int | None) -> None:
        """Grant a visit, and wait until the task is cancelled, as the row is gone."""
        # The visitor learns them before it learns that it may ask the host.
        await self._are_noted()
        try:
            if visit.granted or await self._table.grant(visit, holder=holder):
                await asyncio.Event().wait()
        except DatabaseUnavailableError as error:
            log.debug("a visit to %s was not granted: %s", visit.host, error)

    def _end(self, visit: HostVisit) -> None:
        self._waiting.pop(visit.number, None)
        ending = asyncio.create_task(self._ended(visit), name="visit")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _ended(self, visit: HostVisit) -> None:
        await self._are_noted()
        await patiently(lambda: self._table.end(visit))

    def _forget(self, key: tuple[int, int], task: asyncio.Task[None]) -> None:
        if self._lent.get(key) is task:
            del self._lent[key]
