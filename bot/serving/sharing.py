"""What several processes on PostgreSQL share: the chats, the updates, and what each has learned."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.serving.replica import Replica
from bot.serving.telegram_silence import TelegramWatch, stay_outside
from bot.watching.fleet import Fleet, ReplicaFigures
from handlers.updates.shared_updates import SharedUpdates
from storage.db.changes import ChangeTopic
from storage.db.outage import patiently
from storage.replicas.members import Introduction, Members
from storage.replicas.named_people import store_people, stored_people
from storage.replicas.pauses import ChatPauses
from storage.replicas.roles import OUTSIDE, Role
from storage.replicas.shared_updates import SharedUpdatesTable
from storage.replicas.spread import SHARDS
from storage.serving.liveness import Holder
from storage.tables import schema

if TYPE_CHECKING:
    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.telegram.application import BotApplication
    from bot.telegram.telegram_answers import LastHeard
    from digest.pacing.rate_limiter import RateLimiter
    from handlers.core.services.services import Services
    from handlers.updates.update_journal import UpdateJournal
    from handlers.updates.update_queue import Intake, UpdateQueue
    from storage.replicas.named_people import NamedPeople
    from storage.serving.lease import Lease

log = logging.getLogger(__name__)

ANSWERS = 0.4
"""Share of Telegram's rate that the answers of all other replicas may take from the one that sends.
"""


class Sharing:
    """The part of a process that knows of other replicas, on PostgreSQL.

    Args:
        journal: Recognises updates that this process answered while it was alone.
        stopping: Set when others have removed this process, which must then start over.
        heard: When Telegram last answered.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        lease: Lease,
        journal: UpdateJournal,
        rate_limiter: RateLimiter,
        *,
        stopping: asyncio.Event,
        heard: LastHeard,
    ) -> None:
        self._archive = archive
        self._answers = Role.ANSWER in settings.roles
        self._lease = lease
        self._rate_limiter = rate_limiter
        self._services: Services | None = None
        self._queue: UpdateQueue | None = None
        self._floods = ChatPauses(archive.database)
        self.no_sender = asyncio.Event()
        """Set with each heartbeat that shows no replica that sends and goes on."""
        self._table = SharedUpdatesTable(archive.database)
        self.updates = SharedUpdates(self._table, journal, archive.clock)
        address = settings.metrics_address
        self._introduction = Introduction(
            name=f"{socket.gethostname()}:{os.getpid()}",
            holder=str(Holder.here()),
            version=f"{version('on-news')} (tables {schema.HEAD})",
            address="" if address is None else f"{address[0]}:{address[1]}",
            roles=",".join(settings.roles),
            seconds=lease.seconds,
        )
        self._heard = heard
        self._watch = TelegramWatch(settings, heard)
        self._tasks: list[asyncio.Task[None]] = []
        self.replica = Replica(
            Members(archive.database),
            self._introduction,
            self,
            sends=lambda: lease.is_valid,
            stopping=stopping,
            limiter=rate_limiter,
            unanswered=lambda: self._watch.unanswered,
        )

    async def stay_outside(self) -> None:
        """Wait without any role, after others have taken the work: see `stay_outside`."""
        await stay_outside(Members(self._archive.database), self._introduction, self._watch)

    @property
    def may_send(self) -> bool:
        """Return whether this process may take the lease: Telegram answers it, or nobody."""
        return self._heard.at is not None and not self.replica.is_outdone({Role.SEND})

    async def agree(self, people: NamedPeople, *, is_new: bool) -> None:
        """Let all replicas use the same people: those of the process that started last.

        `is_new` says that this process has just started, and not only lost its place.
        """
        if is_new:
            await store_people(self._archive.database, people)
        else:
            await self._learn_people(people)

    async def _learn_people(self, people: NamedPeople) -> None:
        stored = await stored_people(self._archive.database)
        if stored is not None and (changed := people.use(stored)):
            log.warning("%s as in the process that started last are used now", ", ".join(changed))

    async def join(self) -> None:
        """Become a replica; the shards follow with the first heartbeats after `begin`."""
        await self.replica.join()

    def begin(self, application: BotApplication, intake: Intake, queue: UpdateQueue) -> None:
        """Start to hold shards and to answer their chats.

        The application's services learn what other processes changed.
        """
        services = application.bot_data
        self._services, self._queue = services, queue
        # A process beside another one, or without this role, has no updates of its own. One that
        # sends as soon as it starts may be beside others, too.
        is_first = self._lease.is_held and not self.replica.is_shared
        self.updates.begin(
            self.replica.id,
            application.bot,
            services.memory,
            accept=intake.unshared,
            say_again=queue.say_again,
            standing_of=services.admissions.standing_of,
            has_room=lambda: queue.has_room,
            is_on=not is_first or not self._answers,
        )
        asking = self._watch.run(lambda: self.replica.is_shared)
        self._tasks = [
            asyncio.create_task(asking, name="getMe"),
            asyncio.create_task(self._note_floods(), name="floods"),
        ]
        self.replica.begin()

    async def permit_answer(self) -> None:
        """Wait until answers to readers may be sent; normally it returns at once.

        A process that is alone may answer as long as its lease lets it. One of several may while
        nobody else can hold its chats.
        """
        if self._lease.is_held and not self.replica.is_shared and not self.replica.lost:
            await self._lease.permit_answer()
        else:
            await self.replica.permit()

    async def permit(self) -> None:
        """Wait until a delivery may be sent: an edition, or one that a reader has asked for.

        A process that has lost the lease may send nothing, though it may still hold its chats: the
        next one sends what this one has claimed.
        """
        if self._lease.was_taken:
            await self._lease.permit()
        else:
            await self.permit_answer()

    async def give_all(self) -> None:
        """Give the chats to other replicas at a stop, but for those being answered."""
        if self.replica.is_shared:
            await self.replica.give_all()

    async def end(self) -> None:
        """Give back all that this process holds."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._watch.close()
        await self.updates.flush()
        await self.updates.close()
        await self.replica.leave()

    @property
    def line(self) -> str:
        """What this replica holds, and the replicas as a whole; empty if it does all alone."""
        found = self.figures()
        if found is None or (found.fleet.replicas == 1 and not found.fleet.problems):
            return ""
        return f"holds {found.shards} of {SHARDS} shards; {found.fleet.line}"

    def figures(self) -> ReplicaFigures | None:
        """Return the replicas as they were at the last heartbeat, or None before the first."""
        view = self.replica.view
        if view is None:
            return None
        fleet = Fleet.of(view.members, view.holders)
        return ReplicaFigures(fleet, len(self.replica.held), self._lease.is_valid)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The names of other replicas that Telegram does not answer."""
        return tuple(each.name for each in self.replica.others if each.is_cut_off)

    async def waiting(self) -> int:
        """Return the number of updates that no replica has claimed yet."""
        return await self._table.waiting()

    def hold(self, shards: frozenset[int], *, shared: bool) -> None:
        """Answer the chats of these shards only; `shared` is whether other replicas exist."""
        self.updates.hold(shards, shared=shared)
        others = self.replica.others
        answering = 1 + sum(each.has(Role.ANSWER) and not each.sends for each in others)
        share = 1.0 - ANSWERS if self._lease.is_valid else ANSWERS / answering
        has_work = any(each.roles != OUTSIDE for each in others)
        self._rate_limiter.use_share(share if has_work else 1.0)
        view = self.replica.view
        if view is not None and not any(each.sends and each.roles for each in view.members):
            self.no_sender.set()

    def busy(self) -> frozenset[int]:
        """Return the shards in which an answer is in progress."""
        return frozenset() if self._queue is None else self._queue.busy

    async def part_with(self, shards: frozenset[int]) -> frozenset[int]:
        """Begin no more answers in some shards; return those in which some are in progress."""
        if self._queue is not None:
            self._queue.part_with(shards)
        await self.updates.write()
        return self.busy() & shards

    async def gained(self, shards: frozenset[int]) -> None:
        """Read the open questions in the chats of new shards, and who has become a reader."""
        await self.updates.gained(shards)
        if self._services is not None and self.replica.is_shared:
            await self._services.known_chats.load_new(
                self._services.subscribers, self._archive.clock()
            )

    async def learn(self, topic: str) -> None:
        """Read a fact again that another process has changed."""
        if topic == ChangeTopic.ARTICLES:
            self._archive.newsroom.results.round_writer.forget()
        services = self._services
        if services is None:
            return
        if topic == ChangeTopic.ACCESS:
            services.admissions.learn(await self._archive.access.decided())
            await self._learn_people(services.people)
        elif topic == ChangeTopic.LEDGER:
            services.sender.kick()
        elif topic == ChangeTopic.CORRECTIONS:
            services.desk.correct_soon()
        elif topic == ChangeTopic.FLOODS:
            for chat_id, seconds in (await self._floods.lasting()).items():
                self._rate_limiter.heed(chat_id or None, seconds)

    async def _note_floods(self) -> None:
        """Let the other replicas know how long Telegram asked to be left alone."""
        while True:
            floods = await self._rate_limiter.next_floods()
            if self.replica.is_shared:
                try:
                    await patiently(partial(self._floods.note, floods))
                except Exception:
                    log.exception("the other replicas do not learn of a flood")
