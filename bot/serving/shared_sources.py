"""The share of the sources that a replica asks, and the storing of what other replicas have read.

Hosts are divided into shards, as chats are. A replica asks the hosts of its shards only, and gives
a shard back once none of its hosts is being asked. The replica that sends stores all articles, so
that copies and events are decided in one place; the others pass it the documents that they read.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from bot.serving.foreign_hosts import ForeignHosts
from bot.serving.source_rounds import SourceRounds, outage_of
from storage.db.outage import patiently
from storage.replicas.changes import ChangeTopic, note_change
from storage.replicas.host_shards import Hosts, HostShards, shard_of_host
from storage.replicas.host_visits import HostVisits
from storage.replicas.pauses import host_pauses
from storage.replicas.read_documents import ReadDocuments
from storage.replicas.roles import Role
from storage.replicas.spread import SHARDS, spread
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
    from datetime import datetime

    from bot.serving.replica import Replica
    from news.fetch.fetcher import Fetcher
    from news.newsroom import Newsroom
    from storage.db.database import Database
    from storage.replicas.members import Member, ReplicaView

log = logging.getLogger(__name__)

ROUNDS = 32
"""Rounds at most that run at the same time; a host that hangs holds up only its own round."""
NO_HOSTS = Hosts(())


class SharedSources:
    """The sources of a replica, on PostgreSQL.

    Args:
        database: The archive's database.
        newsroom: Fetches sources.
        fetcher: Knows which hosts asked for a pause.
        replica: The row of this process.
        sends: Returns whether this process sends editions, and so stores articles.
        clock: Returns the current time.
    """

    def __init__(
        self,
        database: Database,
        newsroom: Newsroom,
        fetcher: Fetcher,
        replica: Replica,
        *,
        sends: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._newsroom = newsroom
        self._fetcher = fetcher
        self._replica = replica
        self._sends = sends
        self._clock = clock
        self._shards = HostShards(database)
        self._documents = ReadDocuments(database)
        self._foreign = ForeignHosts(
            HostVisits(database), replica, fetcher.turns, self._owns, self._are_noted
        )
        self._pauses = host_pauses(database)
        self._held: frozenset[int] = frozenset()
        """The shards of hosts that this replica holds and does not give back."""
        self._have_come = asyncio.Event()
        """Set when other replicas may have passed documents on."""
        rounds = SourceRounds(newsroom, clock)
        self._ask: Callable[[], Awaitable[object]] = rounds.ask
        self._tasks: set[asyncio.Task[None]] = set()
        self._regular: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._noting: set[asyncio.Task[None]] = set()
        """Tasks that store the pauses that hosts asked for."""
        self._is_on = False
        newsroom.results.share = self
        fetcher.on_pause = self._paused

    @property
    def hosts(self) -> Hosts:
        """The hosts that no other replica asks now."""
        return Hosts(self._held) if self._replica.is_valid else NO_HOSTS

    @property
    def stores(self) -> bool:
        """Whether this replica stores articles; otherwise it passes documents on."""
        return self._sends()

    async def permit(self) -> None:
        """Wait until this replica certainly holds its hosts; normally it returns at once.

        Raises:
            LeaseLostError: Others have removed this replica.
        """
        await self._replica.permit()

    async def pass_on(self, read: Mapping[int, str]) -> None:
        """Add documents to those that the replica that sends stores.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
            LeaseLostError: Others have removed this replica.
        """
        try:
            await self._documents.add(self._replica.id, read)
        except IntegrityError:
            raise LeaseLostError from None

    async def note_stored(self) -> None:
        """Let the replica that stores know of articles that an editor published in this one.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """
        if not self.stores:
            await self._database.write(lambda c: note_change(c, ChangeTopic.ARTICLES))

    def begin(self, every: float) -> None:
        """Start to fetch sources beside the replica that sends.

        Args:
            every: Seconds between two rounds.
        """
        self._is_on = True
        self._regular = asyncio.create_task(self._ask_again_and_again(every), name="sources")

    def lead(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Start to store what other replicas read, as the one that sends.

        Args:
            ask: Fetches the sources that are due; the caller calls it regularly.
        """
        if self._regular is not None:
            self._regular.cancel()
        self._is_on, self._ask = True, ask
        # They may be older than what others have stored.
        self._newsroom.results.round_writer.forget()
        self._begun(self._store_again_and_again(), "storing")

    async def stop(self) -> None:
        """Stop to fetch and to store; sources whose rounds are cut short stay due."""
        self._is_on = False
        tasks = {*self._tasks, *self._asking, *self._noting}
        if self._regular is not None:
            tasks.add(self._regular)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._foreign.close()

    async def settle(self, view: ReplicaView, alive: Iterable[Member]) -> bool:
        """Give and take shards of hosts until this replica holds its share.

        Args:
            view: The rows at the last heartbeat.
            alive: The replicas that are not gone.

        Returns:
            Whether any shard has changed hands.

        Raises:
            DatabaseUnavailableError: The database cannot be used now.
        """
        me, readers = self._replica.id, _readers(alive)
        should = spread(view.hosts, readers)
        mine = {shard for shard, holder in view.hosts.items() if holder == me}
        give = {shard for shard in mine if should.get(shard) != me}
        self._held = frozenset(mine - give)
        await self._foreign.look(view, mine, all_free=not readers)
        busy = self._newsroom.hosts_under_way | self._fetcher.turns.under_way
        ready = give - {shard_of_host(host) for host in busy}
        if ready:
            await self._give(ready)
        take = [
            shard
            for shard, holder in view.hosts.items()
            if holder is None and should.get(shard) == me
        ]
        if take:
            await self._take(take, view)
        return bool(ready or take)

    async def learn(self, topic: str) -> None:
        """Read a fact again that another replica has changed.

        Raises:
            DatabaseUnavailableError: The database cannot be read now.
        """
        if topic == ChangeTopic.DOCUMENTS:
            self._have_come.set()
        elif topic == ChangeTopic.PAUSES:
            self._fetcher.heed(await self._pauses.lasting(), self._clock())
        elif topic == ChangeTopic.ARTICLES and self.stores:
            self._newsroom.results.round_writer.forget()

    def _owns(self, host: str) -> bool:
        """Return whether no other replica can ask a host that this one asks without a word."""
        return not self._replica.is_shared or host in self.hosts

    async def _give(self, shards: Collection[int]) -> None:
        pauses = {
            host: seconds
            for host, seconds in self._fetcher.pauses(self._clock()).items()
            if shard_of_host(host) in shards
        }
        if pauses:
            await self._pauses.note(pauses)
        await self._shards.give(self._replica.id, shards)
        log.info("gave %d of %d shards of hosts to other replicas", len(shards), SHARDS)

    async def _take(self, shards: Collection[int], view: ReplicaView) -> None:
        try:
            taken = await self._shards.take(self._replica.id, shards)
        except IntegrityError:
            return  # others have removed this replica, which the next heartbeat notices
        # Another replica may be asking some of their hosts.
        await self._foreign.look(view, taken, all_free=False)
        self._held |= taken
        log.info("asks the hosts of %d of %d shards", len(self._held), SHARDS)
        if taken and self._is_on:
            self._ask_now()

    def _ask_now(self) -> None:
        """Fetch the sources that are due, unless too many rounds are running."""
        if len(self._asking) < ROUNDS:
            self._begun(self._asked(), "round", among=self._asking)

    async def _asked(self) -> None:
        try:
            await self._ask()
        except Exception:
            log.exception("a round of sources failed")

    async def _ask_again_and_again(self, every: float) -> None:
        while True:
            self._ask_now()
            await asyncio.sleep(every)

    async def _store_again_and_again(self) -> None:
        while True:
            await self._have_come.wait()
            self._have_come.clear()
            try:
                outage = await outage_of(lambda: self._newsroom.store_read(self._documents))
            except Exception:
                log.exception("what other replicas have read was not stored")
                continue
            if outage is not None:
                self._have_come.set()
                await outage.over()

    def _paused(self, host: str, seconds: float) -> None:
        """Let the other replicas know that a host asked for a pause."""
        if self._replica.is_shared:
            noting = patiently(lambda: self._pauses.note({host: seconds}))
            self._begun(noting, "pause", among=self._noting)

    async def _are_noted(self) -> None:
        """Wait until the pauses that hosts asked for so far are in the database."""
        if self._noting:
            await asyncio.wait(self._noting)

    def _begun(
        self,
        work: Coroutine[object, object, None],
        name: str,
        among: set[asyncio.Task[None]] | None = None,
    ) -> None:
        tasks = self._tasks if among is None else among
        task = asyncio.create_task(work, name=name)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _readers(alive: Iterable[Member]) -> list[int]:
    """Return the ids of the replicas among which hosts are shared out.

    There are none while a version sends that asks all sources itself.
    """
    members = list(alive)
    if any(each.sends and not each.shares_hosts for each in members):
        return []
    return [each.id for each in members if each.shares_hosts and each.has(Role.FETCH)]
