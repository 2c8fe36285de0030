"""A journey with three replicas as real processes, which die one after another while people talk.

It runs with a database and a balancer of any kind between.
"""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, make_url, select

from bench.rigs.replicas.replicated import ReplicaTown, replicas
from storage.db.outage import DatabaseUnavailableError, patiently
from storage.model import DeliveryState
from storage.replicas.members import Members
from storage.replicas.spread import SHARDS
from storage.tables.ledger_schema import deliveries
from tests.journeys.crowd import Reader, print_stories, subscribe
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bench.rigs.replicas.earlier import Program
    from bench.rigs.replicas.proxies import Between
    from bench.rigs.replicas.replicated import ReplicaProcess
    from storage.db.database import Database
    from storage.replicas.members import Member, ReplicaView

READERS = 240
PEOPLE = 12
LONG_ENOUGH = 900.0
"""Seconds for the whole journey, and for each answer, also on a busy machine."""
SETTINGS = {"MESSAGES_PER_SECOND": "30", "LOG_LEVEL": "INFO"}
"""At this pace the editions are still being sent when the last replica dies."""
LOOK_EVERY = 0.1
"""Seconds between two looks into the database."""


class Watch:
    """The database, read from outside while it may be away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._members = Members(database)

    async def until(self, holds: Callable[[ReplicaView], bool]) -> ReplicaView:
        """Return the rows of the replicas as soon as a condition holds."""
        while True:
            try:
                view = await self._members.view()
            except DatabaseUnavailableError as error:
                await error.over()
                continue
            if holds(view):
                return view
            await asyncio.sleep(LOOK_EVERY)  # nothing there could wake us

    async def spread_over(self, number: int, *, without: int = 0) -> ReplicaView:
        """Wait until some replicas hold all shards, and one of them sends."""

        def holds(view: ReplicaView) -> bool:
            ids = {each.id for each in view.members}
            return (
                len(ids) == number
                and without not in ids
                and {*view.holders.values()} == ids
                and len(view.holders) == SHARDS
                and sum(each.sends for each in view.members) == 1
            )

        return await self.until(holds)

    async def in_flight(self) -> int:
        """Return the number of editions that are being sent."""
        sending = deliveries.c.state == DeliveryState.SENDING.value
        async with self._database.reading() as connection:
            count = select(func.count()).select_from(deliveries).where(sending)
            return int(await connection.scalar(count) or 0)


def process_of(member: Member, processes: Sequence[ReplicaProcess]) -> ReplicaProcess:
    number = int(member.name.rpartition(":")[2])
    return next(p for p in processes if p.process is not None and p.process.pid == number)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened while the replicas died."""

    town: ReplicaTown
    steps: int
    """Steps of conversations that were answered."""
    twice: int
    """Editions that came twice."""
    in_flight: int
    """Editions that were being sent when their sender died."""
    asked_by_the_stop: int
    """Steps that were asked for again while one replica stopped in order."""
    logs: list[str]
    """The log of each replica."""

    def __str__(self) -> str:
        """Return the figures in a line."""
        return (
            f"{self.steps} steps, asked again {self.town.again}, extra {self.town.extra.total()}, "
            f"questions lost {self.town.lost_question}; {self.twice} editions twice, "
            f"{self.in_flight} in flight"
        )

    def check(self) -> None:
        """Assert that nobody was missed, and that nobody was answered or served twice in vain."""
        town = self.town
        assert town.missed == []
        # A killed database is named in one line, and so is whatever fails because of it.
        traces = [log[log.index("Traceback") :] for log in self.logs if "Traceback" in log]
        assert traces == [], "\n\n".join(traces)
        assert self.asked_by_the_stop == 0
        # Whoever was being answered when a replica died was asked to say it again, once.
        assert max(town.extra.total(), town.lost_question) <= town.again
        assert set(town.editions) == set(range(1, READERS + 1))
        assert self.twice <= self.in_flight


async def die_one_after_another(
    url: str,
    server: str,
    outage: Callable[[], Awaitable[None]],
    *,
    program: Program,
    between: Between | None = None,
) -> Outcome:
    """Kill, freeze, cut off and stop one replica of three after another while people talk."""
    database = await migrated(url)
    # Before the replicas could add the default sources, and ask for them.
    await print_stories(database, datetime.now(UTC))
    watch, done = Watch(database), asyncio.Event()
    in_flight = 0
    async with (
        asyncio.timeout(LONG_ENOUGH),
        ReplicaTown(patience=LONG_ENOUGH) as town,
        replicas(
            *(town, make_url(url).database or "", server, 3),
            settings=SETTINGS,
            program=program,
            between=between,
        ) as processes,
    ):
        await watch.spread_over(3)
        readers = [Reader(chat) for chat in range(1, READERS + 1)]
        await subscribe(database, readers, datetime.now(UTC))
        talks = [asyncio.create_task(town.talk(person, done)) for person in range(PEOPLE)]

        async def more_steps() -> None:
            before = len(town.waits)
            while len(town.waits) < before + PEOPLE:  # noqa: ASYNC110 - people have no event for it
                await asyncio.sleep(0.02)

        # The one that sends is killed.
        await more_steps()
        sender = next(each for each in (await watch.spread_over(3)).members if each.sends)
        killed = process_of(sender, processes)
        await killed.end(signal.SIGKILL)
        in_flight += await watch.in_flight()
        await watch.spread_over(2, without=sender.id)
        await killed.start()

        # One is frozen until the others have taken its chats, and wakes up.
        view = await watch.spread_over(3)
        await more_steps()
        frozen = next(each for each in view.members if each.sends)
        process_of(frozen, processes).send(signal.SIGSTOP)
        in_flight += await watch.in_flight()
        await watch.spread_over(2, without=frozen.id)
        process_of(frozen, processes).send(signal.SIGCONT)

        # One is cut off from the database, and comes back.
        view = await watch.spread_over(3, without=frozen.id)
        await more_steps()
        lonely = next(each for each in view.members if not each.sends)
        process_of(lonely, processes).wire.cut()
        await watch.spread_over(2, without=lonely.id)
        process_of(lonely, processes).wire.mend()

        # The database is away.
        await watch.spread_over(3, without=lonely.id)
        await more_steps()
        await outage()
        in_flight += await patiently(watch.in_flight)
        await watch.spread_over(3)

        # One is stopped in order, which nobody notices.
        view = await watch.spread_over(3)
        await more_steps()
        asked_before = town.again
        leaving = view.members[0]
        await process_of(leaving, processes).end(signal.SIGTERM)
        await watch.spread_over(2, without=leaving.id)
        await more_steps()
        asked_by_the_stop = town.again - asked_before

        while len(town.editions) < READERS:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
        done.set()
        steps = sum(await asyncio.gather(*talks))
        logs = [each.log.read_text() for each in processes]
    await database.close()
    twice = sum(count - 1 for count in town.editions.values())
    return Outcome(town, steps, twice, in_flight, asked_by_the_stop, logs)
