"""This process as one of several replicas on PostgreSQL: its heartbeat, and the shards it holds.

Every 0.3 seconds a replica renews its heartbeat and reads the rows of all, and every 0.05 seconds
while shards change hands. It removes replicas that have died or fallen silent, gives shards back if
others should hold more, and takes free ones that it should hold itself. No wall clock is trusted,
as with the lease.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import IntegrityError

from bot.process.logs import one_line
from bot.serving.telegram_silence import AT_TELEGRAM, may_leave
from storage.db.outage import DatabaseUnavailableError
from storage.replicas.roles import Role
from storage.replicas.spread import SHARDS, spread
from storage.serving.lease import LeaseLostError
from storage.serving.liveness import Silence, uptime
from storage.tables import schema
from storage.tables.table_version import OLDEST_PROGRAM, as_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from digest.pacing.rate_limiter import RateLimiter
    from storage.replicas.members import Introduction, Member, Members, ReplicaView

log = logging.getLogger(__name__)

OFTEN = 0.075
"""Share of its seconds between two heartbeats of a replica: of four seconds 0.3."""
HURRY = 0.0125
"""The same while shards change hands or a replica stops: of four seconds 0.05."""
SAFE = 0.8
"""Share of its seconds for which a replica counts on what it holds after a heartbeat."""
LAST_WORD = 0.8
"""Seconds that a stop waits for the database when it gives all back."""


class ShardUser(Protocol):
    """What answers the chats of the shards that a replica holds."""

    def hold(self, shards: frozenset[int], *, shared: bool) -> None:
        """Answer the chats of these shards only; `shared` is whether other replicas exist."""

    def busy(self) -> frozenset[int]:
        """Return the shards in which an answer is in progress."""

    async def part_with(self, shards: frozenset[int]) -> frozenset[int]:
        """Begin no more answers in some shards; return those in which some are in progress."""

    async def gained(self, shards: frozenset[int]) -> None:
        """Read what is known about the chats of new shards."""

    async def learn(self, topic: str) -> None:
        """Read a fact again that another process has changed."""


class Replica:
    """The row of this process, and what it holds.

    Args:
        user: What answers the chats of its shards.
        limiter: Counts messages against the limits of chats; None if none are sent.
        stopping: Set when others have removed this replica or do its work; it must then start over.
        unanswered: Returns the seconds since Telegram last answered this process.
    """

    def __init__(
        self,
        members: Members,
        introduction: Introduction,
        user: ShardUser,
        *,
        limiter: RateLimiter | None = None,
        sends: Callable[[], bool],
        stopping: asyncio.Event,
        unanswered: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._members = members
        self._introduction = introduction
        self._user = user
        self._sends = sends
        self._stopping = stopping
        self._limiter = limiter
        self._unanswered = unanswered
        self._at_telegram = AT_TELEGRAM & {*introduction.roles.split(",")}
        self.is_cut_off = False
        """Whether Telegram answers only others, which therefore do the work of this replica."""
        self.id = 0
        """The number of this replica; 0 before it has joined."""
        self.lost = False
        """Whether others have removed this replica."""
        self.serves_from = ""
        """The oldest revision that the tables serve, if this program is older; else empty."""
        self.others: tuple[Member, ...] = ()
        """The other replicas at the last heartbeat."""
        self.held: frozenset[int] = frozenset()
        """The shards that this replica holds, with those that it is about to give back."""
        self.view: ReplicaView | None = None
        """The rows at the last heartbeat; None before the first."""
        self._until = 0.0
        self._gone: set[int] = set()
        self._asked = 0.0
        self._is_leaving = False
        self._settling = asyncio.Lock()
        self._settled = 0.0
        """When shards last changed hands here; rows that were read before are out of date."""
        self._parting: frozenset[int] = frozenset()
        """Shards in which no answer is begun any more, since others should hold them."""
        self._silence = Silence()
        self._known: Mapping[str, int] = {}
        self._removing: dict[int, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._at_once = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_failing = False

    @property
    def is_shared(self) -> bool:
        """Whether there are other replicas."""
        return bool(self.others)

    @property
    def is_valid(self) -> bool:
        """Whether nobody else can hold the shards of this replica now."""
        return bool(self.id) and not self.lost and uptime() < self._until

    async def permit(self) -> None:
        """Wait until this replica certainly holds its shards; normally it returns at once.

        Before it has joined, it holds none, and may ask Telegram who it is. LeaseLostError means
        that others have removed it, or that it leaves its work to them, since only they are
        answered.
        """
        while self.is_cut_off or (not self.is_valid and (self.id or self.lost)):
            if self.lost or self.is_cut_off:
                raise LeaseLostError
            await self._changed.wait()

    def is_outdone(self, roles: Collection[Role]) -> bool:
        """Return whether Telegram does not answer this replica, but others with these roles."""
        alive = (each for each in self.others if each.id not in self._gone)
        ages = [(each, self._silence.age(each)) for each in alive]
        return may_leave(self._unanswered(), roles, ages)

    async def join(self) -> None:
        """Become a replica; `others` are then those that may hold shards already."""
        if not self.id:
            self.id = await self._members.join(self._introduction)
        view = await self._members.view()
        self.others = tuple(each for each in view.members if each.id != self.id)

    def begin(self) -> None:
        """Start to renew the heartbeat, and to give and take shards."""
        self._tasks = [
            asyncio.create_task(self._beat_again_and_again(), name="replica"),
            # Apart, since a heartbeat must not wait for anything else.
            asyncio.create_task(self._settle_again_and_again(), name="shards"),
        ]

    async def give_all(self) -> None:
        """Give back every shard in which no answer is in progress, at a stop."""
        self._is_leaving = True
        try:
            async with asyncio.timeout(LAST_WORD), self._settling:
                await self._give(self.held, retire=True)
                self._settled = uptime()
        except Exception as error:  # noqa: BLE001 - `leave` gives the rest back, or others take it
            log.debug("shards were not given back at once: %s", error)

    async def leave(self) -> None:
        """Remove the row of this process, which gives back all that it holds."""
        tasks = [*self._tasks, *self._removing.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        number, self.id = self.id, 0
        try:
            if number and not self.lost:
                async with asyncio.timeout(LAST_WORD):
                    await self._members.leave(number)
        except Exception as error:  # noqa: BLE001 - others see it fall silent
            log.debug("the row of this replica was not removed: %s", error)
        finally:
            await self._members.close()
            self._notify()

    async def _beat_again_and_again(self) -> None:
        while not self.lost:
            self._at_once.clear()
            try:
                await self._beat()
                self._is_failing = False
            except DatabaseUnavailableError as error:
                log.debug("no heartbeat: %s", error)
            except Exception as error:  # noqa: BLE001 - it is tried again after any error
                if not self._is_failing:
                    log.warning("no heartbeat of this replica: %s", one_line(error))
                self._is_failing = True
            try:
                often = HURRY if self._is_changing else OFTEN
                async with asyncio.timeout(self._introduction.seconds * often):
                    await self._at_once.wait()
            except TimeoutError:
                continue

    async def _beat(self) -> None:
        """Renew the heartbeat once, and begin to remove replicas that are gone."""
        asked = uptime()
        sent = None if self._limiter is None else self._limiter.take_unshared()
        try:
            async with asyncio.timeout(self._introduction.seconds * (1 - SAFE)):
                heard = {each.id: each.beat for each in self.others}
                view = await self._members.look(
                    self.id,
                    sends=self._sends(),
                    unanswered=self._unanswered(),
                    sent=sent,
                    heard=heard,
                )
        except BaseException:
            self._silence.failed()
            if self._limiter is not None and sent:
                self._limiter.give_back_unshared(sent)
            raise
        oldest = 0 if view is None else view.changes.get(OLDEST_PROGRAM, 0)
        if oldest > int(schema.HEAD):
            self.serves_from = as_revision(oldest)
        if view is None or self.serves_from:
            self._removed()
            return
        self._until = asked + self._introduction.seconds * SAFE
        self.view, self._asked = view, asked
        self.others = tuple(each for each in view.members if each.id != self.id)
        self._silence.looked()
        self._gone = {each.id for each in self.others if self._silence.is_gone(each)}
        idle = () if self._sends() else (Role.SEND,)
        if self.is_outdone(self._at_telegram.difference(idle)):
            self.is_cut_off = True
            self._stopping.set()
        if self._limiter is not None:
            for sent_there in view.recent:
                self._limiter.count_elsewhere(sent_there.chat_id, sent_there.messages)
        self._notify()
        for each in self.others:
            if each.id in self._gone and each.id not in self._removing:
                self._removing[each.id] = asyncio.create_task(self._remove(each))

    async def _settle_again_and_again(self) -> None:
        while not self.lost:
            news = self._changed
            async with self._settling:
                if self.view is not None and self._asked >= self._settled:
                    try:
                        if await self._settle_all(self.view):
                            self._at_once.set()
                    except DatabaseUnavailableError as error:
                        log.debug("no shards change hands: %s", error)
                    except Exception:
                        log.exception("no shards change hands")
                    self._settled = uptime()
            await news.wait()

    async def _settle_all(self, view: ReplicaView) -> bool:
        """Learn what has changed, and move shards until this replica holds its share.

        Return whether any shard has changed hands.
        """
        await self._learn(view.changes)
        return await self._settle(view)

    async def _settle(self, view: ReplicaView) -> bool:
        should = self._should(view)
        mine = frozenset(shard for shard, holder in view.holders.items() if holder == self.id)
        if unheard := mine - self.held:
            # They were taken by a transaction whose answer was lost, as when the server dies.
            await self._user.gained(unheard)
        self.held = mine
        give = self._chosen(sum(should.get(shard) != self.id for shard in mine))
        self._user.hold(self.held - give, shared=self.is_shared)
        given = bool(give) and await self._give(give)
        take = [
            shard
            for shard, holder in view.holders.items()
            if holder is None and should.get(shard) == self.id
        ]
        if not take or self._is_leaving or self._stopping.is_set():
            return given
        await self._take(take)
        return True

    @property
    def _is_changing(self) -> bool:
        """Whether shards should change hands, or a replica is to stop."""
        if self.view is None or any(not each.roles for each in self.view.members):
            return True
        should = self._should(self.view)
        return bool(should) and should != self.view.holders

    def _should(self, view: ReplicaView) -> dict[int, int]:
        """Return the replica that should hold each shard; empty if none answers."""
        alive = (
            each.id for each in view.members if each.id not in self._gone and each.has(Role.ANSWER)
        )
        return spread(view.holders, alive)

    def _chosen(self, number: int) -> frozenset[int]:
        """Return so many of the held shards to give back: first those without an answer."""
        busy = self._user.busy() if number < len(self.held) else frozenset()
        order = sorted(
            self.held, key=lambda shard: (shard in busy, shard not in self._parting, shard)
        )
        self._parting = frozenset(order[:number])
        return self._parting

    async def _give(self, shards: frozenset[int], *, retire: bool = False) -> bool:
        self._user.hold(self.held - shards, shared=self.is_shared)
        ready = shards - await self._user.part_with(shards)
        if ready or retire:
            await self._members.give(self.id, ready, retire=retire)
            self.held -= ready
            log.info("gave %d of %d shards to other replicas", len(ready), SHARDS)
        return bool(ready)

    async def _take(self, shards: Collection[int]) -> None:
        try:
            taken = await self._members.take(self.id, shards)
        except IntegrityError:
            self._removed()
            return
        await self._user.gained(taken)
        self.held |= taken
        self._user.hold(self.held, shared=self.is_shared)
        log.info("holds %d of %d shards", len(self.held), SHARDS)

    async def _learn(self, changes: Mapping[str, int]) -> None:
        known, self._known = self._known, changes
        for topic, number in changes.items():
            if known.get(topic) != number:
                await self._user.learn(topic)

    async def _remove(self, member: Member) -> None:
        """Remove a replica that is gone. It may wait until the server ends its transactions."""
        try:
            if await self._members.remove(member):
                log.warning("the replica %s is gone; others take its work", member.name)
                self._at_once.set()
        except Exception as error:  # noqa: BLE001 - it is tried again after any error
            log.debug("the replica %s could not be removed: %s", member.name, error)
        finally:
            self._removing.pop(member.id, None)

    def _removed(self) -> None:
        self.lost = True
        self.held = frozenset()
        self._user.hold(self.held, shared=True)
        self._notify()
        self._stopping.set()

    def _notify(self) -> None:
        news, self._changed = self._changed, asyncio.Event()
        news.set()
