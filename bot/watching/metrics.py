"""The metrics in Prometheus's format, and the figures behind them.

No label names a reader, a chat or a delivery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from bot.http_server.descriptors import count_descriptors
from news import health
from storage.articles.model_use import ModelUses
from storage.model import DeliveryKind, DeliveryState, State
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from bot.http_server.port import HttpPort
    from bot.watching.fleet import ReplicaFigures
    from bot.watching.source_health import SourceMonitor
    from storage.articles.model_use import ModelUse
    from storage.articles.pictures import Pictures
    from storage.db.database import Database
    from storage.ledger.delivery_stats import Day
    from storage.readers.subscribers import Subscribers

    Family = GaugeMetricFamily | CounterMetricFamily


@dataclass(frozen=True, slots=True)
class ArchiveFigures:
    """Counts of readers, sources and pictures, the database's size, and the model's use."""

    readers: Mapping[State, int]
    sources: Mapping[health.Condition, int]
    database_bytes: int
    pictures: Mapping[bool, int]
    """True → the number of ready pictures; False → the number that failed."""
    model: ModelUse
    """What was asked of the language model today; zeros without one."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """Figures that the process knows without a query."""

    rate: float
    """Messages per second that may be sent now."""
    waiting: int
    """Updates received and not yet handled."""
    unpolled: float | None
    """Seconds since Telegram last answered a poll, or with a webhook anything; None before."""
    ports: tuple[HttpPort, ...] = ()
    """The open HTTP ports of this process."""
    replicas: ReplicaFigures | None = None
    """The replicas as this one last saw them; None on SQLite, and before its first heartbeat."""
    dropped_known: int = 0
    """Updates of operators and readers dropped since the start, because too many waited."""
    dropped_unknown: int = 0
    """The same of new and unknown people."""
    letters_left: Mapping[str, int] | None = None
    """Letters in the mailbox that were left, by reason; None without a mailbox."""


class _Figures(Collector):
    def __init__(
        self,
        day: Day | None,
        archive: ArchiveFigures | None,
        process: ProcessFigures,
        shared: int | None,
    ) -> None:
        self._day = day
        self._archive = archive
        self._process = process
        self._shared = shared

    def collect(self) -> Iterator[Family]:
        yield from _of_process(self._process)
        yield _family(
            "onnews_database_up",
            "Whether the database answered in time, 1 or 0; without it, its figures are left out.",
            int(self._day is not None and self._archive is not None),
        )
        if self._process.replicas is not None:
            yield from _of_replicas(self._process.replicas)
            if self._shared is not None:
                yield _family(
                    "onnews_shared_updates_waiting",
                    "Updates in the table of all processes that none has claimed yet.",
                    self._shared,
                )
        if self._archive is not None:
            yield from _of_archive(self._archive)
        if self._day is not None:
            yield from _of_day(self._day)


def exposition(
    day: Day | None,
    archive: ArchiveFigures | None,
    process: ProcessFigures,
    shared: int | None = None,
) -> bytes:
    """Return the metrics in Prometheus's text format.

    Figures are None while the database does not answer; `shared` is None on SQLite too.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(day, archive, process, shared))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _family(
    name: str,
    about: str,
    values: float | Mapping[Any, float],
    *labels: str,
    kind: type[Family] = GaugeMetricFamily,
) -> Family:
    """Return a figure, or one for each tuple of values of its labels."""
    if not isinstance(values, Mapping):
        return kind(name, about, value=values)
    family = kind(name, about, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _of_process(process: ProcessFigures) -> Iterator[Family]:
    yield _family(
        "onnews_messages_per_second",
        "Messages per second that may be sent now; fewer after Telegram answered 429.",
        process.rate,
    )
    yield _family(
        "onnews_updates_waiting",
        "Updates from Telegram that are received and not yet handled.",
        process.waiting,
    )
    yield _family(
        "onnews_updates_dropped",
        "Updates that were dropped because too many of their chat or sender waited.",
        {("known",): process.dropped_known, ("unknown",): process.dropped_unknown},
        "sender",
        kind=CounterMetricFamily,
    )
    if process.letters_left is not None:
        yield _family(
            "onnews_letters_left",
            "Letters in the mailbox of MAIL_IN that were left, by reason.",
            {(reason,): count for reason, count in process.letters_left.items()},
            "reason",
            kind=CounterMetricFamily,
        )
    if process.unpolled is not None:
        yield _family(
            "onnews_last_poll_age_seconds",
            "Seconds since Telegram last answered a poll, or with a webhook anything.",
            process.unpolled,
        )
    descriptors = count_descriptors()
    yield _family("onnews_descriptors_open", "File descriptors that are open.", descriptors.open)
    yield _family(
        "onnews_descriptors_limit",
        "File descriptors that this process may open (LimitNOFILE, ulimit -n).",
        descriptors.limit,
    )
    yield _family(
        "onnews_http_connections",
        "Connections to METRICS_ADDRESS, WEBHOOK_LISTEN or PAGES_LISTEN.",
        {(port.name,): port.connections for port in process.ports},
        "setting",
    )
    yield _family(
        "onnews_http_displaced",
        "Connections that were closed to make room for others, or refused.",
        {(port.name,): port.displaced for port in process.ports},
        "setting",
        kind=CounterMetricFamily,
    )


def _of_replicas(replicas: ReplicaFigures) -> Iterator[Family]:
    fleet = replicas.fleet
    yield _family("onnews_replicas", "Processes that share this bot's work.", fleet.replicas)
    yield _family("onnews_replica_sends", "Whether this process sends, 1 or 0.", replicas.sends)
    yield _family(
        "onnews_replica_shards", "Shards of chats that this process answers.", replicas.shards
    )
    yield _family("onnews_shards_unheld", "Shards of chats that no process answers.", fleet.unheld)
    yield _family("onnews_senders", "Processes that send editions.", len(fleet.senders))
    yield _family("onnews_versions", "Different versions that run.", len(fleet.versions))
    yield _family(
        "onnews_role_missing",
        "Whether no process has this role of ROLES, 1 or 0.",
        {(role,): role in fleet.missing for role in Role},
        "role",
    )


def _of_archive(archive: ArchiveFigures) -> Iterator[Family]:
    yield _family(
        "onnews_readers",
        "Chats that the bot knows, by state.",
        {(state,): archive.readers.get(state, 0) for state in State},
        "state",
    )
    yield _family(
        "onnews_sources",
        "Sources by their health.",
        {
            (each, "yes" if each in health.TROUBLE else "no"): archive.sources.get(each, 0)
            for each in health.Condition
        },
        "condition",
        "trouble",
    )
    yield _family(
        "onnews_pictures",
        "Pictures of stories: ready for front pages, or failed.",
        {("ready",): archive.pictures.get(True, 0), ("failed",): archive.pictures.get(False, 0)},
        "state",
    )
    yield _family("onnews_database_bytes", "The size of the database.", archive.database_bytes)
    yield _family(
        "onnews_model_tokens",
        "Tokens that the language model read and wrote today (UTC).",
        archive.model.tokens,
    )
    yield _family(
        "onnews_model_headlines",
        "Headlines that the language model was asked for today (UTC), by what became of them.",
        {("translated",): archive.model.translated, ("refused",): archive.model.refused},
        "outcome",
    )
    yield _family(
        "onnews_model_failures",
        "Requests to the language model without an answer today (UTC).",
        archive.model.failed,
    )


def _of_day(day: Day) -> Iterator[Family]:
    yield _family(
        "onnews_deliveries",
        "Deliveries due today.",
        {each: day.states.get(each, 0) for each in product(DeliveryKind, DeliveryState)},
        "kind",
        "state",
    )
    yield _family(
        "onnews_delivery_errors",
        "Deliveries due today that met an error, by the error and their state after it.",
        day.errors,
        "error",
        "state",
    )
    yield _family("onnews_deliveries_sent", "Deliveries due today that arrived.", day.sent)
    yield _family(
        "onnews_deliveries_busiest_minute",
        "Deliveries that arrived in the busiest minute.",
        day.most,
    )
    for name, moment in (("first", day.first), ("last", day.last)):
        if moment is not None:
            yield _family(
                f"onnews_deliveries_{name}_timestamp_seconds",
                f"When the {name} delivery due today arrived.",
                moment.timestamp(),
            )
    within = {("0.5",): day.half, ("0.99",): day.nearly_all}
    yield _family(
        "onnews_delivery_seconds",
        "Seconds after they were due within which this share of today's deliveries arrived.",
        {share: seconds for share, seconds in within.items() if seconds is not None},
        "share",
    )
    late = [max((each.settled - each.due).total_seconds(), 0.0) for each in day.slowest]
    yield _family(
        "onnews_delivery_slowest_seconds",
        "Seconds after they were due at which the latest of today's deliveries arrived.",
        {(str(place),): seconds for place, seconds in enumerate(late, start=1)},
        "place",
    )


async def archive_figures(
    database: Database,
    subscribers: Subscribers,
    source_monitor: SourceMonitor,
    pictures: Pictures,
    now: datetime,
) -> ArchiveFigures:
    """Count readers, sources and pictures, and measure the database."""
    readers = await subscribers.count()
    look = await source_monitor.look(now)
    made, use = await pictures.count(), await ModelUses(database).today(now)
    size = await _size(database)
    return ArchiveFigures(readers, health.summary(look.healths), size, made, use)


async def _size(database: Database) -> int:
    if database.path is not None:
        return await asyncio.to_thread(_size_of, database.path)
    size = text("SELECT pg_database_size(current_database())")
    found = await database.read(lambda connection: connection.scalar(size))
    return int(found or 0)


def _size_of(path: Path) -> int:
    """Return the bytes of an SQLite file and its write-ahead log."""
    log = path.with_name(f"{path.name}-wal")
    return sum(each.stat().st_size for each in (path, log) if each.exists())
