"""`./dev bench replicas`: several processes on one PostgreSQL, and what the death of one costs.

One, two and three processes of the bot take updates by webhook behind a balancer: first readers one
by one, then all at once. Then three processes die in every way, one after another in the order of a
seed, while editions are sent and people converse (`bench/rigs/replicas/dying.py`): once with a
webhook, once polling, and once through PgBouncer and nginx, if the machine has both. With
`--deaths` they only die; with `--before COMMIT` three processes of that commit are replaced by
those of this one instead. The balancer, Telegram and PostgreSQL run on the same machine, so on two
cores three processes answer no faster than one.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import make_url

from bench.archive import postgresql
from bench.harness.postgresql import DatabaseServer
from bench.harness.processes import percentile
from bench.harness.report import Metric
from bench.rigs.news import day
from bench.rigs.replicas.dying import DEATHS, STEADY, THREE, Dying, Watch, in_order, named
from bench.rigs.replicas.proxies import missing, proxies
from bench.rigs.replicas.replicated import ReplicaTown, next_port, replicas
from bench.rigs.replicas.upgraded import upgrade
from bot.composition import Archive, utc_now
from bot.configuration.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.rigs.replicas.replicated import ReplicaProcess

NUMBERS = (1, 2, 3)
ONE_BY_ONE = 300
PAUSE = 0.05
"""Seconds between two readers who ask one by one."""
AT_ONCE = 1_500
FAST = {"MESSAGES_PER_SECOND": "1000", "PAID_BROADCAST": "true"}
POOLED = "pooled"
"""The name of the database that is reached through PgBouncer."""

_OF_DEATHS = {
    "killed_s": Metric("until others have all chats of one killed, and send", "s", at_most=2.0),
    "frozen_s": Metric("the same of one frozen", "s", at_most=6.0),
    "cut_off_s": Metric("the same of one cut off from the database", "s", at_most=6.0),
    "silent_s": Metric("the same of one cut off from Telegram", "s", at_most=16.0),
    "changes_a_minute": Metric("changes of sender while its line flaps", at_most=1.0),
    "changes_in_vain": Metric("the same while nobody reaches Telegram", at_most=0.0),
    "heard_again_s": Metric("until somebody is answered after that", "s"),
    "stopped_s": Metric("the same of one stopped in order", "s", at_most=1.0),
    "started_s": Metric("from its first heartbeat until a new one has its share", "s", at_most=1.0),
    "database_s": Metric("from a kill of the database until people are answered again", "s"),
    "missed": Metric("editions and answers that never came", at_most=0.0),
    "unanswered": Metric("answers among them", at_most=0.0),
    "twice": Metric("editions that came twice"),
    "in_flight": Metric("editions in flight when their sender died"),
    "twice_beyond": Metric("editions that came twice beyond those", at_most=0.0),
    "again": Metric("steps that people were asked to repeat"),
    "extra": Metric("answers that came though their reader was asked to repeat"),
    "steps": Metric("steps of conversations that were answered"),
}
WAYS = {
    "webhook_": "by webhook",
    "polling_": "polling",
    "pgbouncer_": "through PgBouncer and nginx",
}
"""How updates reach the replicas: prefix of the figures → words."""

FIGURES = {
    "answers_per_s": Metric("answers a second, all asking at once, by number of processes"),
    "processor_ms": Metric("processor time of an answer, all processes", "ms"),
    "p50_ms": Metric("half of the answers within, readers one by one", "ms"),
    "p99_ms": Metric("99 of 100 answers within, readers one by one", "ms"),
    "added_p50_ms": Metric("added by two more processes, at the median", "ms", at_most=50.0),
    "added_p99_ms": Metric("added by two more processes, for one of 100", "ms", at_most=150.0),
    **{
        f"{prefix}{key}": replace(metric, what=f"{way}: {metric.what}")
        for prefix, way in WAYS.items()
        for key, metric in _OF_DEATHS.items()
    },
    "upgrade_s": Metric("from the first stop until three new ones have all chats", "s"),
    "waited": Metric("new processes that waited until the old ones had ended"),
    "sent_meanwhile": Metric("editions that had come when the last one was replaced"),
    **_OF_DEATHS,
}


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


async def _die(*, webhook: bool, seed: int) -> dict[str, float]:
    """Let three processes die in every way, and the database too; return the figures."""
    # A server that forgets its last commits when it is killed would lose updates.
    server = await asyncio.to_thread(DatabaseServer)

    async def kill() -> None:
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)

    await asyncio.to_thread(server.start)
    try:
        archive = await _archive(server.url)
        async with (
            ReplicaTown(9) as town,
            replicas(
                *(town, make_url(server.url).database or "", server.socket, THREE),
                webhook=webhook,
                settings=STEADY,
            ) as all_,
        ):
            found = await Dying(town, archive, all_, kill).run(in_order(seed))
        await archive.close()
        return found
    finally:
        await asyncio.to_thread(server.remove)


async def _archive(url: str) -> Archive:
    """Return an open archive with a day's news."""
    archive = Archive(Settings(telegram_bot_token="", database_url=url))
    await archive.open(())
    await day.fill(archive, utc_now())
    return archive


async def _die_behind_pgbouncer(url: str) -> dict[str, float]:
    """Let three processes die with PgBouncer and nginx between; return the figures."""
    server = await asyncpg.connect(url)
    await server.execute(f"CREATE DATABASE {POOLED}")
    await server.close()
    address = make_url(url).set(database=POOLED)
    archive = await _archive(address.render_as_string(hide_password=False))
    folder = Path(str(address.query["host"]))
    async with (
        ReplicaTown(8) as town,
        proxies(folder, POOLED, next_port(), THREE) as between,
        replicas(town, "", "", THREE, settings=STEADY, between=between) as all_,
    ):
        found = await Dying(town, archive, all_).run(DEATHS)
    await archive.close()
    return found


async def measure(
    *, quick: bool = False, before: str | None = None, deaths: bool = False, seed: int = 1
) -> dict[str, Any]:
    """Measure answers with one, two and three processes, and then deaths among three."""
    if before is not None:
        return await upgrade(before, quick=quick)
    found = {} if deaths else await _without_deaths(quick=quick)
    found |= named("webhook_", await _die(webhook=True, seed=seed))
    return found | named("polling_", await _die(webhook=False, seed=seed))


async def _without_deaths(*, quick: bool) -> dict[str, Any]:
    """Measure answers with one, two and three processes."""
    by_number: dict[str, dict[str, float]] = {}
    found: dict[str, Any] = {}
    scale = 10 if quick else 1
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with postgresql(Path(folder) / "postgresql") as url:
            address = make_url(url)
            server = f"{address.query['host']}/.s.PGSQL.5432"
            archive = await _archive(url)
            watch = Watch(archive)
            for number in NUMBERS:
                async with (
                    ReplicaTown(number) as town,
                    replicas(
                        *(town, address.database or "", server, number),
                        settings=FAST | {"TELEGRAM_API_URL": town.url},
                    ) as all_,
                ):
                    await watch.spread(number)
                    by_number[str(number)] = await _answers(town, all_, scale)
                    await asyncio.gather(*(each.end(signal.SIGTERM) for each in all_))
            await archive.close()
            if not missing():
                found = named("pgbouncer_", await _die_behind_pgbouncer(url))
    keys = ("answers_per_s", "processor_ms", "p50_ms", "p99_ms")
    one, three = by_number["1"], by_number["3"]
    return {
        "replicas": len(NUMBERS),
        **{key: {number: each[key] for number, each in by_number.items()} for key in keys},
        "added_p50_ms": three["p50_ms"] - one["p50_ms"],
        "added_p99_ms": three["p99_ms"] - one["p99_ms"],
        **found,
    }
