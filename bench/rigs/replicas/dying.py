"""Three replicas that die in every way, one after another, while people converse and editions go.

Each accident has readers of its own, whose editions fall due just before it. The order of the
accidents comes from a seed.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench.harness.processes import BrokenRunError
from bench.rigs.news import day
from bot.composition import utc_now
from storage.db.outage import patiently
from storage.model import DeliveryState
from storage.replicas.members import Members
from storage.replicas.spread import SHARDS
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from bench.rigs.replicas.replicated import ReplicaProcess, ReplicaTown
    from bot.composition import Archive
    from storage.replicas.members import Member, ReplicaView

THREE = 3
DUE = 400
"""Readers whose edition falls due before each accident."""
AHEAD = 100
"""Readers whose edition is due in `IN_A_WHILE`; a clock that is ahead may send it."""
IN_A_WHILE = timedelta(minutes=50)
TASTES = 200
PEOPLE = 20
THINKING = 0.2
"""Seconds between an answer and the next step of the same person."""
STEADY = {"MESSAGES_PER_SECOND": "90", "PAID_BROADCAST": "true"}
"""At this pace, the editions of an accident are still being sent while it happens."""
LOOK = 0.02
PATIENCE = 120.0
"""Seconds after which a state that does not come fails the run."""
IN_HAND = 20
"""Answers that may come after a kill of the database without using it again."""
ALL_CUT = 25.0
"""Seconds for which nobody reaches Telegram, well beyond those after which one is replaced."""
FLAPPING = 64.0
SILENT, WELL = 12.0, 4.0
"""Seconds for which a line that flaps is down, and up."""
HOUR_OFF = timedelta(hours=1)
LAST_LINES = 30
"""Lines of each log that a failed run prints."""


def fake_time() -> str:
    """Return the path of the library that sets a process's clock; empty if there is none here."""
    return next(map(str, Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "")


class Watch:
    """The rows of the replicas, read from outside."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._members = Members(archive.database)

    async def view(self) -> ReplicaView:
        """Return the rows."""
        return await patiently(self._members.view)

    async def until(self, holds: Callable[[ReplicaView], bool]) -> tuple[ReplicaView, float]:
        """Wait for a condition; return the rows, and the seconds that it took.

        Raises:
            BrokenRunError: It did not come to hold.
        """
        began = time.perf_counter()
        while not holds(view := await self.view()):
            if time.perf_counter() - began > PATIENCE:
                held = Counter(view.holders.values())
                rows = [(each.name, each.sends, held[each.id]) for each in view.members]
                raise BrokenRunError(
                    f"the replicas (name, sends, shards) did not come to be as they should: {rows}"
                )
            await asyncio.sleep(LOOK)
        return view, time.perf_counter() - began

    async def spread(self, number: int, *, without: int = 0) -> tuple[ReplicaView, float]:
        """Wait until some replicas hold all shards evenly, and one of them sends."""

        def holds(view: ReplicaView) -> bool:
            ids = {each.id for each in view.members}
            counts = [[*view.holders.values()].count(each) for each in ids]
            return (
                len(ids) == number
                and without not in ids
                and sum(counts) == SHARDS
                and max(counts) - min(counts) <= 1
                and sum(each.sends for each in view.members) == 1
            )

        return await self.until(holds)

    async def goes_on(self, number: int, *, without: int) -> tuple[ReplicaView, float]:
        """Wait until one of some replicas sends, and all shards are held, but not by `without`."""

        def holds(view: ReplicaView) -> bool:
            senders = [each.id for each in view.members if each.sends]
            return (
                len(view.members) == number
                and len(senders) == 1
                and without not in {*senders, *view.holders.values()}
                and sum(each is not None for each in view.holders.values()) == SHARDS
            )

        return await self.until(holds)

    async def in_flight(self) -> int:
        """Return the number of editions that are being sent."""
        return await patiently(
            lambda: self._deliveries(deliveries.c.state == DeliveryState.SENDING.value)
        )

    async def are_over(self, number: int) -> bool:
        """Return whether the editions of the first chats have ended, sent or not.

        Those of the readers ahead don't count: a clock that is ahead may send them meanwhile.
        """
        ended = (DeliveryState.SENT.value, DeliveryState.FAILED.value, DeliveryState.SKIPPED.value)
        first = select(subscribers.c.id).where(subscribers.c.chat_id <= number)
        condition = deliveries.c.state.in_(ended) & deliveries.c.subscriber_id.in_(first)
        return await patiently(lambda: self._deliveries(condition)) >= number

    async def _deliveries(self, condition: ColumnElement[bool]) -> int:
        async with self._archive.database.reading() as connection:
            count = select(func.count()).select_from(deliveries).where(condition)
            return int(await connection.scalar(count) or 0)


def process_of(member: Member, processes: Sequence[ReplicaProcess]) -> ReplicaProcess:
    """Return the process of a replica, by the number in its name."""
    pid = int(member.name.rpartition(":")[2])
    return next(p for p in processes if p.process is not None and p.process.pid == pid)


class Dying:
    """The accidents of three replicas, and what came of them.

    Args:
        town: Telegram and its people.
        archive: The replicas' database.
        processes: The replicas.
        kill_database: Kills the database's server and starts it again; None if it may not die.
    """

    def __init__(
        self,
        town: ReplicaTown,
        archive: Archive,
        processes: Sequence[ReplicaProcess],
        kill_database: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._town = town
        self._archive = archive
        self._processes = processes
        self._kill_database = kill_database
        self._watch = Watch(archive)
        self._tastes: list[str] = []
        self._due = 0
        self._in_flight = 0
        self._found: dict[str, float] = {}

    async def run(self, accidents: Sequence[str]) -> dict[str, float]:
        """Let accidents happen one after another; return the figures.

        Args:
            accidents: Names of methods of this class.

        Raises:
            BrokenRunError: A state did not come; the text says what was seen.
        """
        done = asyncio.Event()
        await self._watch.spread(THREE)
        self._tastes = await day.keep_tastes(self._archive.database, day.choices(TASTES))
        await self._subscribe(AHEAD, 10_000_000, utc_now() + IN_A_WHILE)
        talks = [
            asyncio.create_task(self._town.talk(each, done, pause=THINKING))
            for each in range(PEOPLE)
        ]
        try:
            for accident in accidents:
                await self._fall_due()
                await getattr(self, accident)()
            await self._watch.spread(THREE)
            while len(self._on_time) < self._due and not await self._watch.are_over(self._due):  # noqa: ASYNC110 - the database has no event for it
                await asyncio.sleep(LOOK)
        except BrokenRunError as error:
            raise BrokenRunError(f"{error}\n{self._seen()}") from error
        finally:
            done.set()
        steps = sum(await asyncio.gather(*talks))
        return self._found | self._outcome() | {"steps": steps}

    @property
    def _on_time(self) -> list[int]:
        return [chat for chat in self._town.editions if chat <= self._due]

    def _outcome(self) -> dict[str, float]:
        town = self._town
        missed = self._due - len(self._on_time)
        if town.missed or missed:
            print(self._seen())
        twice = sum(count - 1 for count in town.editions.values())
        return {
            "missed": len(town.missed) + missed,
            "unanswered": len(town.missed),
            "twice": twice,
            "in_flight": self._in_flight,
            "twice_beyond": max(0, twice - self._in_flight),
            "again": town.again,
            "extra": town.extra.total(),
        }

    def _seen(self) -> str:
        logs = (each.log.read_text().splitlines()[-LAST_LINES:] for each in self._processes)
        return "\n".join([str(self._town), *("\n".join(["", *lines]) for lines in logs)])

    async def _fall_due(self) -> None:
        """Add readers whose edition is due, and wait for the first of them to get it."""
        # So long ago that it is due also by a clock that is an hour behind.
        due = utc_now() - HOUR_OFF - timedelta(minutes=1)
        await self._subscribe(DUE, self._due + 1, due)
        self._due += DUE
        before = len(self._town.editions)
        began = time.perf_counter()
        while len(self._town.editions) == before:
            if time.perf_counter() - began > PATIENCE:
                raise BrokenRunError("no edition came")
            await asyncio.sleep(LOOK)

    async def _subscribe(self, number: int, first: int, due: datetime) -> None:
        await patiently(
            lambda: day.subscribe(
                self._archive.database,
                self._tastes,
                number,
                due=due.replace(second=0, microsecond=0),
                now=utc_now(),
                first_chat=first,
            )
        )

    async def _sender(self) -> tuple[Member, ReplicaProcess]:
        view, _ = await self._watch.until(
            lambda view: (
                len(view.members) == THREE and sum(each.sends for each in view.members) == 1
            )
        )
        sender = next(each for each in view.members if each.sends)
        return sender, process_of(sender, self._processes)

    async def killed(self) -> None:
        """The one that sends is killed, and started again."""
        sender, process = await self._sender()
        began = time.perf_counter()
        await process.end(signal.SIGKILL)
        self._in_flight += await self._watch.in_flight()
        await self._watch.goes_on(THREE - 1, without=sender.id)
        self._found["killed_s"] = time.perf_counter() - began
        await process.start()
        await self._watch.until(lambda view: len(view.members) == THREE)
        _, self._found["started_s"] = await self._watch.spread(THREE)

    async def frozen(self) -> None:
        """The one that sends is frozen, and goes on later."""
        sender, process = await self._sender()
        process.send(signal.SIGSTOP)
        self._in_flight += await self._watch.in_flight()
        _, self._found["frozen_s"] = await self._watch.goes_on(THREE - 1, without=sender.id)
        process.send(signal.SIGCONT)
        await self._watch.spread(THREE, without=sender.id)

    async def cut_off(self) -> None:
        """The one that sends loses the database."""
        sender, process = await self._sender()
        process.wire.cut()
        self._in_flight += await self._watch.in_flight()
        _, self._found["cut_off_s"] = await self._watch.goes_on(THREE - 1, without=sender.id)
        process.wire.mend()
        await self._watch.spread(THREE, without=sender.id)

    async def flapping(self) -> None:
        """The line of the one that sends to Telegram is down, up, and down again."""
        sender, process = await self._sender()
        senders = [sender.id]
        gone_on = asyncio.create_task(self._watch.goes_on(THREE, without=sender.id))
        began = time.perf_counter()
        for turn in range(round(FLAPPING / (SILENT + WELL))):
            (process.telegram.cut, process.telegram.refuse)[turn % 2]()
            senders += await self._senders(SILENT)
            process.telegram.mend()
            senders += await self._senders(WELL)
        _, self._found["silent_s"] = await gone_on
        changes = sum(one != other for one, other in itertools.pairwise(senders))
        minutes = (time.perf_counter() - began) / 60
        self._found["changes_a_minute"] = changes / minutes
        # Trusted again only after a minute of answers, which is no wait of the next newcomer.
        await self._watch.spread(THREE)

    async def all_silent(self) -> None:
        """Nobody reaches Telegram for a while, and nothing changes hands."""
        sender, _ = await self._sender()
        for process in self._processes:
            process.telegram.cut()
        senders = await self._senders(ALL_CUT)
        self._found["changes_in_vain"] = len({*senders} - {sender.id})
        for process in self._processes:
            process.telegram.mend()
        began, answered = time.perf_counter(), len(self._town.waits)
        await self._answered(answered)
        self._found["heard_again_s"] = time.perf_counter() - began

    async def database(self) -> None:
        """The database's server is killed."""
        if self._kill_database is None:
            return
        self._in_flight += await self._watch.in_flight()
        began, answered = time.perf_counter(), len(self._town.waits)
        await self._kill_database()
        await self._answered(answered + IN_HAND)
        self._found["database_s"] = time.perf_counter() - began

    async def stopped(self) -> None:
        """The one that sends is stopped in order, and started again."""
        sender, process = await self._sender()
        process.send(signal.SIGTERM)
        _, self._found["stopped_s"] = await self._watch.goes_on(THREE - 1, without=sender.id)
        await process.end(signal.SIGTERM)
        await process.start()
        await self._watch.until(lambda view: len(view.members) == THREE)

    async def clocks(self) -> None:
        """One clock is an hour ahead and one an hour behind, and the one that sends is killed."""
        if not (library := fake_time()):
            return
        for process, hours in zip(self._processes, ("+1h", "-1h"), strict=False):
            await process.end(signal.SIGTERM)
            process.settings |= {
                "LD_PRELOAD": library,
                "FAKETIME": hours,
                "DONT_FAKE_MONOTONIC": "1",
            }
            await process.start()
            await self._watch.until(lambda view: len(view.members) == THREE)
        await self._fall_due()
        _, process = await self._sender()
        await process.end(signal.SIGKILL)
        self._in_flight += await self._watch.in_flight()
        await process.start()
        await self._watch.until(lambda view: len(view.members) == THREE)
        await self._fall_due()

    async def _senders(self, seconds: float) -> list[int]:
        """Return the replicas that sent during some seconds of silence, one after another.

        What its sender claims then is in flight as well, so the most of any moment counts.
        """
        found: list[int] = []
        most, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            found += [each.id for each in (await self._watch.view()).members if each.sends]
            most = max(most, await self._watch.in_flight())
            await asyncio.sleep(LOOK)
        self._in_flight += most
        return found

    async def _answered(self, answers: int) -> None:
        began = time.perf_counter()
        while len(self._town.waits) <= answers:
            if time.perf_counter() - began > PATIENCE:
                raise BrokenRunError("nobody was answered any more")
            await asyncio.sleep(LOOK)


ACCIDENTS = ("killed", "frozen", "cut_off", "flapping", "all_silent", "database", "stopped")
"""Methods of `Dying`, in any order; `clocks` comes last, since it leaves the clocks off."""
DEATHS = ("killed", "frozen", "cut_off", "stopped")


def in_order(seed: int) -> Sequence[str]:
    """Return all accidents in an order of this seed."""
    # Not for secrets: the order is to be the same again.
    return (*random.Random(seed).sample(ACCIDENTS, len(ACCIDENTS)), "clocks")  # noqa: S311


def named(prefix: str, found: Mapping[str, float]) -> dict[str, float]:
    """Return figures under keys with a prefix."""
    return {f"{prefix}{key}": value for key, value in found.items()}
