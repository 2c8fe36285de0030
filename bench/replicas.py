"""`./dev bench replicas`: several processes on one PostgreSQL, and what the death of one costs.

One, two and three processes of the bot take updates by webhook behind a balancer: first readers one
by one, then all at once. Then of three processes one after another is killed, frozen, cut off from
the database and stopped, while editions are sent and people converse; once more through PgBouncer
and nginx, if the machine has both. At last one, two and three read 6,500 articles, and a single
process reads them in the same order. With `--before COMMIT` three processes of that commit are
replaced by those of this one instead. The balancer, Telegram and PostgreSQL run on the same
machine, so on two cores three processes answer no faster than one.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import func, make_url, select

from bench.archive import postgresql
from bench.harness.postgresql import DatabaseServer
from bench.harness.processes import BrokenRunError, percentile
from bench.harness.report import Metric
from bench.rigs.news import day
from bench.rigs.replicas.proxies import missing, proxies
from bench.rigs.replicas.replicated import ReplicaTown, next_port, replicas
from bench.rigs.replicas.shared_reading import read_by
from bench.rigs.replicas.upgraded import upgrade
from bot.composition import Archive, utc_now
from bot.configuration.settings import Settings
from storage.db.outage import patiently
from storage.model import DeliveryState
from storage.replicas.members import Members
from storage.replicas.spread import SHARDS
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.rigs.replicas.replicated import ReplicaProcess
    from storage.replicas.members import Member, ReplicaView

NUMBERS = (1, 2, 3)
ONE_BY_ONE = 300
PAUSE = 0.05
"""Seconds between two readers who ask one by one."""
AT_ONCE = 1_500
DUE = 1_500
TASTES = 200
PEOPLE = 40
DUE_IN_FULL, PEOPLE_IN_FULL = 3_000, 200
FAST = {"MESSAGES_PER_SECOND": "1000", "PAID_BROADCAST": "true"}
STEADY = {"MESSAGES_PER_SECOND": "90", "PAID_BROADCAST": "true"}
"""At this pace, editions are still being sent when the last process is stopped."""
POOLED = "pooled"
"""The name of the database that is reached through PgBouncer."""
LOOK = 0.02
IN_HAND = 20
"""Answers that may come after a kill of the database without using it again."""
PATIENCE = 60.0
"""Seconds after which a state that does not come fails the run."""

FIGURES = {
    "answers_per_s": Metric("answers a second, all asking at once, by number of processes"),
    "processor_ms": Metric("processor time of an answer, all processes", "ms"),
    "p50_ms": Metric("half of the answers within, readers one by one", "ms"),
    "p99_ms": Metric("99 of 100 answers within, readers one by one", "ms"),
    "added_p50_ms": Metric("added by two more processes, at the median", "ms", at_most=50.0),
    "added_p99_ms": Metric("added by two more processes, for one of 100", "ms", at_most=150.0),
    "processor_s_per_1000": Metric("processor time to read 1,000 articles, beyond rest", "s"),
    "reading_cost": Metric("the same with three, by that with one", at_most=1.15),
    "otherwise": Metric("articles in another story or event than in one process", at_most=0.0),
    "killed_s": Metric("until others have all chats of one killed, and send", "s", at_most=2.0),
    "frozen_s": Metric("the same of one frozen", "s", at_most=6.0),
    "cut_off_s": Metric("the same of one cut off from the database", "s", at_most=6.0),
    "stopped_s": Metric("the same of one stopped in order", "s", at_most=1.0),
    "started_s": Metric("from its first heartbeat until a new one has its share", "s", at_most=1.0),
    "takeover_max_s": Metric("the longest of those", "s"),
    "database_s": Metric("from a kill of the database until people are answered again", "s"),
    "pgbouncer_killed_s": Metric("through PgBouncer and nginx: of one killed", "s"),
    "pgbouncer_frozen_s": Metric("the same of one frozen", "s"),
    "pgbouncer_cut_off_s": Metric("the same of one cut off from PgBouncer", "s"),
    "pgbouncer_stopped_s": Metric("the same of one stopped in order", "s"),
    "pgbouncer_takeover_max_s": Metric("the longest of those", "s", at_most=6.0),
    "pgbouncer_missed": Metric("editions and answers that never came", at_most=0.0),
    "upgrade_s": Metric("from the first stop until three new ones have all chats", "s"),
    "waited": Metric("new processes that waited until the old ones had ended"),
    "steps": Metric("steps of conversations that were answered"),
    "sent_meanwhile": Metric("editions that had come when the last one was replaced"),
    "missed": Metric("editions and answers that never came", at_most=0.0),
    "unanswered": Metric("answers among them"),
    "twice": Metric("editions that came twice"),
    "in_flight": Metric("editions in flight when their sender died"),
    "again": Metric("steps that people were asked to repeat"),
    "extra": Metric("answers that came though their reader was asked to repeat"),
}


class _Watch:
    """The rows of the replicas, read from outside."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._members = Members(archive.database)

    async def until(self, holds: Callable[[ReplicaView], bool]) -> tuple[ReplicaView, float]:
        """Wait for a condition; return the rows, and the seconds that it took."""
        began = time.perf_counter()
        while not holds(view := await patiently(self._members.view)):
            if time.perf_counter() - began > PATIENCE:
                raise BrokenRunError(f"the replicas did not come to be as they should: {view}")
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

    async def in_flight(self) -> int:
        """Return the number of editions that are being sent."""
        return await patiently(self._in_flight)

    async def _in_flight(self) -> int:
        sending = deliveries.c.state == DeliveryState.SENDING.value
        async with self._archive.database.reading() as connection:
            count = select(func.count()).select_from(deliveries).where(sending)
            return int(await connection.scalar(count) or 0)


async def _answers(
    town: ReplicaTown, processes: Sequence[ReplicaProcess], scale: int
) -> dict[str, float]:
    """Ask one by one, then all at once; return the figures."""
    for number in range(20):
        await town.ask_once(900_000 + number)
    alone = []
    for number in range(ONE_BY_ONE // scale):
        alone.append(asyncio.create_task(town.ask_once(number)))
        await asyncio.sleep(PAUSE)
    waits = await asyncio.gather(*alone)
    used = sum(each.seconds for each in processes)
    began = time.perf_counter()
    count = AT_ONCE // scale
    await asyncio.gather(*(town.ask_once(100_000 + number) for number in range(count)))
    took = time.perf_counter() - began
    return {
        "answers_per_s": count / took,
        "processor_ms": 1000 * (sum(each.seconds for each in processes) - used) / count,
        "p50_ms": 1000 * percentile(waits, 0.5),
        "p99_ms": 1000 * percentile(waits, 0.99),
    }


def _process(member: Member, processes: Sequence[ReplicaProcess]) -> ReplicaProcess:
    pid = int(member.name.rpartition(":")[2])
    return next(p for p in processes if p.process is not None and p.process.pid == pid)


async def _deaths(
    town: ReplicaTown,
    watch: _Watch,
    processes: Sequence[ReplicaProcess],
    archive: Archive,
    *,
    due: int = DUE,
    people: int = PEOPLE,
    server: DatabaseServer | None = None,
) -> dict[str, float]:
    """Let one process after another die while people converse; return the figures.

    Args:
        town: Telegram and its people.
        watch: The rows of the replicas.
        processes: The replicas.
        archive: Their database.
        due: Readers whose edition is due.
        people: People who converse.
        server: The database's server, which is killed once as well; None if it is not.
    """
    found: dict[str, float] = {}
    in_flight = 0
    await _subscribe(archive, due)
    done = asyncio.Event()
    talks = [asyncio.create_task(town.talk(person, done)) for person in range(people)]
    while not town.editions:  # noqa: ASYNC110 - as above
        await asyncio.sleep(LOOK)
    view, _ = await watch.spread(3)

    sender = next(each for each in view.members if each.sends)
    began = time.perf_counter()
    await _process(sender, processes).end(signal.SIGKILL)
    in_flight += await watch.in_flight()
    await watch.spread(2, without=sender.id)
    found["killed_s"] = time.perf_counter() - began

    dead = next(p for p in processes if p.process is not None and p.process.returncode is not None)
    await dead.start()
    await watch.until(lambda view: len(view.members) == 3)  # all of them
    view, found["started_s"] = await watch.spread(3)

    sender = next(each for each in view.members if each.sends)
    frozen = _process(sender, processes)
    frozen.send(signal.SIGSTOP)
    in_flight += await watch.in_flight()
    _, found["frozen_s"] = await watch.spread(2, without=sender.id)
    frozen.send(signal.SIGCONT)

    view, _ = await watch.spread(3, without=sender.id)
    sender = next(each for each in view.members if each.sends)
    lonely = _process(sender, processes)
    lonely.wire.cut()
    in_flight += await watch.in_flight()
    _, found["cut_off_s"] = await watch.spread(2, without=sender.id)
    lonely.wire.mend()

    view, _ = await watch.spread(3, without=sender.id)
    if server is not None:
        in_flight += await watch.in_flight()
        found["database_s"] = await _killed(server, town)

    view, _ = await watch.spread(3)
    sender = next(each for each in view.members if each.sends)
    _process(sender, processes).send(signal.SIGTERM)
    _, found["stopped_s"] = await watch.spread(2, without=sender.id)

    while len(town.editions) < due and await patiently(lambda: _open(archive, due)):  # noqa: ASYNC110 - as above
        await asyncio.sleep(LOOK)
    done.set()
    steps = sum(await asyncio.gather(*talks))
    found["takeover_max_s"] = max(found[key] for key in found if key != "database_s")
    return found | _outcome(town, due) | {"in_flight": in_flight, "steps": steps}


def _outcome(town: ReplicaTown, due: int) -> dict[str, float]:
    """Return what the people of a town got, and what they missed."""
    return {
        "missed": len(town.missed) + due - len(town.editions),
        "unanswered": len(town.missed),
        "twice": sum(count - 1 for count in town.editions.values()),
        "again": town.again,
        "extra": town.extra.total(),
    }


async def _killed(server: DatabaseServer, town: ReplicaTown) -> float:
    """Kill the database and start it again; return the seconds until somebody is answered."""
    await asyncio.to_thread(server.kill)
    began, answered = time.perf_counter(), len(town.waits)
    await asyncio.to_thread(server.start)
    while len(town.waits) <= answered + IN_HAND:
        if time.perf_counter() - began > PATIENCE:
            raise BrokenRunError("nobody was answered after the database had been killed")
        await asyncio.sleep(LOOK)
    return time.perf_counter() - began


async def _through_pgbouncer(url: str) -> dict[str, float]:
    """Let processes die as before, with PgBouncer and nginx between; return the figures.

    Args:
        url: The address of a database whose server gets another one.
    """
    server = await asyncpg.connect(url)
    await server.execute(f"CREATE DATABASE {POOLED}")
    await server.close()
    address = make_url(url).set(database=POOLED)
    archive = Archive(
        Settings(telegram_bot_token="", database_url=address.render_as_string(hide_password=False))
    )
    await archive.open(())
    await day.fill(archive, utc_now())
    watch, folder = _Watch(archive), Path(str(address.query["host"]))
    async with (
        ReplicaTown(8) as town,
        proxies(folder, POOLED, next_port(), 3) as between,
        replicas(town, "", "", 3, settings=STEADY, between=between) as all_,
    ):
        await watch.spread(3)
        found = await _deaths(town, watch, all_, archive)
    await archive.close()
    return {key: found[key.removeprefix("pgbouncer_")] for key in FIGURES if "bouncer" in key}


async def _subscribe(archive: Archive, number: int) -> None:
    """Add readers whose edition is due now."""
    now = utc_now()
    keys = await day.keep_tastes(archive.database, day.choices(TASTES))
    await day.subscribe(
        archive.database, keys, number, due=now.replace(second=0, microsecond=0), now=now
    )


async def _open(archive: Archive, due: int) -> bool:
    """Return whether any edition may still be sent."""
    ended = (DeliveryState.SENT.value, DeliveryState.FAILED.value, DeliveryState.SKIPPED.value)
    async with archive.database.reading() as connection:
        count = select(func.count()).where(deliveries.c.state.in_(ended))
        return int(await connection.scalar(count) or 0) < due


async def _full(*, quick: bool) -> dict[str, float]:
    """Let processes and the database die among many readers and people; return the figures."""
    # A server that forgets its last commits when it is killed would lose updates.
    server = await asyncio.to_thread(DatabaseServer)
    await asyncio.to_thread(server.start)
    scale = 10 if quick else 1
    try:
        archive = Archive(Settings(telegram_bot_token="", database_url=server.url))
        await archive.open(())
        await day.fill(archive, utc_now())
        watch, database = _Watch(archive), make_url(server.url).database or ""
        async with (
            ReplicaTown(9) as town,
            replicas(town, database, server.socket, 3, settings=STEADY) as all_,
        ):
            await watch.spread(3)
            due, people = DUE_IN_FULL // scale, PEOPLE_IN_FULL // scale
            crowd = {"due": due, "people": people}
            found = await _deaths(town, watch, all_, archive, **crowd, server=server)
        await archive.close()
        return found
    finally:
        await asyncio.to_thread(server.remove)


async def measure(
    *, quick: bool = False, before: str | None = None, full: bool = False
) -> dict[str, Any]:
    """Measure answers with one, two and three processes, and then deaths among three.

    Args:
        quick: Whether to ask a tenth of the questions.
        before: A commit whose three replicas are replaced by those of this one, instead of all
            that.
        full: Whether to measure only the deaths, that of the database too, among more readers and
            people.
    """
    if before is not None:
        return await upgrade(before, quick=quick)
    if full:
        return await _full(quick=quick)
    by_number: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with postgresql(Path(folder) / "postgresql") as url:
            address = make_url(url)
            server = f"{address.query['host']}/.s.PGSQL.5432"
            archive = Archive(Settings(telegram_bot_token="", database_url=url))
            await archive.open(())
            await day.fill(archive, utc_now())
            watch = _Watch(archive)
            for number in NUMBERS:
                async with (
                    ReplicaTown(number) as town,
                    replicas(town, address.database or "", server, number, settings=FAST) as all_,
                ):
                    await watch.spread(number)
                    by_number[str(number)] = await _answers(town, all_, 10 if quick else 1)
                    await asyncio.gather(*(each.end(signal.SIGTERM) for each in all_))
            async with (
                ReplicaTown(9) as town,
                replicas(town, address.database or "", server, 3, settings=STEADY) as all_,
            ):
                await watch.spread(3)
                found = await _deaths(town, watch, all_, archive)
            await archive.close()
            if not missing():
                found |= await _through_pgbouncer(url)
            otherwise = 0
            for number in NUMBERS:
                papers = Path(folder) / f"papers{number}"
                papers.mkdir()
                used, differ = await read_by(number, url, papers, scale=10 if quick else 1)
                by_number[str(number)]["processor_s_per_1000"] = used
                otherwise += differ
    keys = ("answers_per_s", "processor_ms", "p50_ms", "p99_ms", "processor_s_per_1000")
    one, three = by_number["1"], by_number["3"]
    return {
        "replicas": len(NUMBERS),
        **{key: {number: each[key] for number, each in by_number.items()} for key in keys},
        "added_p50_ms": three["p50_ms"] - one["p50_ms"],
        "added_p99_ms": three["p99_ms"] - one["p99_ms"],
        "reading_cost": three["processor_s_per_1000"] / one["processor_s_per_1000"],
        "otherwise": otherwise,
        **found,
    }
