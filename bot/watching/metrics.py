"""The metrics in Prometheus's format. No label names a reader, a chat or a delivery."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.http_server.descriptors import count_descriptors
from news.health import TROUBLE, Condition
from storage.model import DeliveryKind, DeliveryState, State
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.watching.fleet import ReplicaFigures
    from bot.watching.gauges import ArchiveFigures, ProcessFigures
    from storage.ledger.delivery_stats import Day


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
    registry.register(_ProcessCollector(process, answers=day is not None and archive is not None))
    if process.replicas is not None:
        registry.register(_ReplicaCollector(process.replicas, shared))
    if archive is not None:
        registry.register(_ArchiveCollector(archive))
    if day is not None:
        registry.register(_Figures(day))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _ProcessCollector(Collector):
    def __init__(self, process: ProcessFigures, *, answers: bool) -> None:
        self._process = process
        self._answers = answers

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        process = self._process
        yield _gauge(
            "onnews_messages_per_second",
            "Messages per second that may be sent now; fewer after Telegram answered 429.",
            process.rate,
        )
        yield _gauge(
            "onnews_updates_waiting",
            "Updates from Telegram that are received and not yet handled.",
            process.waiting,
        )
        dropped = CounterMetricFamily(
            "onnews_updates_dropped",
            "Updates that were dropped because too many of their chat or sender waited.",
            labels=["sender"],
        )
        dropped.add_metric(["known"], process.dropped_known)
        dropped.add_metric(["unknown"], process.dropped_unknown)
        yield dropped
        if process.unpolled is not None:
            yield _gauge(
                "onnews_last_poll_age_seconds",
                "Seconds since Telegram last answered a poll, or with a webhook anything.",
                process.unpolled,
            )
        descriptors = count_descriptors()
        yield _gauge("onnews_descriptors_open", "File descriptors that are open.", descriptors.open)
        yield _gauge(
            "onnews_descriptors_limit",
            "File descriptors that this process may open (LimitNOFILE, ulimit -n).",
            descriptors.limit,
        )
        connections = GaugeMetricFamily(
            "onnews_http_connections",
            "Connections to METRICS_ADDRESS or WEBHOOK_LISTEN.",
            labels=["setting"],
        )
        displaced = CounterMetricFamily(
            "onnews_http_displaced",
            "Connections that were closed to make room for others, or refused.",
            labels=["setting"],
        )
        for port in process.ports:
            connections.add_metric([port.name], port.connections)
            displaced.add_metric([port.name], port.displaced)
        yield connections
        yield displaced
        yield _gauge(
            "onnews_database_up",
            "Whether the database answered in time, 1 or 0; without it, its figures are left out.",
            int(self._answers),
        )


class _ReplicaCollector(Collector):
    def __init__(self, replicas: ReplicaFigures, shared: int | None) -> None:
        self._replicas = replicas
        self._shared = shared

    def collect(self) -> Iterator[GaugeMetricFamily]:
        replicas = self._replicas
        fleet = replicas.fleet
        yield _gauge("onnews_replicas", "Processes that share this bot's work.", fleet.replicas)
        yield _gauge("onnews_replica_sends", "Whether this process sends, 1 or 0.", replicas.sends)
        yield _gauge(
            "onnews_replica_shards", "Shards of chats that this process answers.", replicas.shards
        )
        yield _gauge(
            "onnews_shards_unheld", "Shards of chats that no process answers.", fleet.unheld
        )
        yield _gauge("onnews_senders", "Processes that send editions.", len(fleet.senders))
        yield _gauge("onnews_versions", "Different versions that run.", len(fleet.versions))
        missing = GaugeMetricFamily(
            "onnews_role_missing",
            "Whether no process has this role of ROLES, 1 or 0.",
            labels=["role"],
        )
        for role in Role:
            missing.add_metric([role], role in fleet.missing)
        yield missing
        if self._shared is not None:
            yield _gauge(
                "onnews_shared_updates_waiting",
                "Updates in the table of all processes that none has claimed yet.",
                self._shared,
            )


class _ArchiveCollector(Collector):
    def __init__(self, archive: ArchiveFigures) -> None:
        self._archive = archive

    def collect(self) -> Iterator[GaugeMetricFamily]:
        readers = GaugeMetricFamily(
            "onnews_readers", "Chats that the bot knows, by state.", labels=["state"]
        )
        for state in State:
            readers.add_metric([state], self._archive.readers.get(state, 0))
        yield readers
        sources = GaugeMetricFamily(
            "onnews_sources", "Sources by their health.", labels=["condition", "trouble"]
        )
        for condition in Condition:
            trouble = "yes" if condition in TROUBLE else "no"
            count = self._archive.sources.get(condition, 0)
            sources.add_metric([condition, trouble], count)
        yield sources
        pictures = GaugeMetricFamily(
            "onnews_pictures",
            "Pictures of stories: ready for front pages, or failed.",
            labels=["state"],
        )
        for name, is_ready in (("ready", True), ("failed", False)):
            pictures.add_metric([name], self._archive.pictures.get(is_ready, 0))
        yield pictures
        yield _gauge(
            "onnews_database_bytes", "The size of the database.", self._archive.database_bytes
        )


class _Figures(Collector):
    def __init__(self, day: Day) -> None:
        self._day = day

    def collect(self) -> Iterator[GaugeMetricFamily]:
        day = self._day
        counts = GaugeMetricFamily(
            "onnews_deliveries", "Deliveries due today.", labels=["kind", "state"]
        )
        for kind, state in product(DeliveryKind, DeliveryState):
            counts.add_metric([kind, state], day.states.get((kind, state), 0))
        yield counts
        errors = GaugeMetricFamily(
            "onnews_delivery_errors",
            "Deliveries due today that met an error, by the error and their state after it.",
            labels=["error", "state"],
        )
        for (error, state), count in day.errors.items():
            errors.add_metric([error, state], count)
        yield errors
        yield _gauge("onnews_deliveries_sent", "Deliveries due today that arrived.", day.sent)
        yield _gauge(
            "onnews_deliveries_busiest_minute",
            "Deliveries that arrived in the busiest minute.",
            day.most,
        )
        for name, moment in (("first", day.first), ("last", day.last)):
            if moment is not None:
                yield _gauge(
                    f"onnews_deliveries_{name}_timestamp_seconds",
                    f"When the {name} delivery due today arrived.",
                    moment.timestamp(),
                )
        within = GaugeMetricFamily(
            "onnews_delivery_seconds",
            "Seconds after they were due within which this share of today's deliveries arrived.",
            labels=["share"],
        )
        for share, seconds in (("0.5", day.half), ("0.99", day.nearly_all)):
            if seconds is not None:
                within.add_metric([share], seconds)
        yield within
        slowest = GaugeMetricFamily(
            "onnews_delivery_slowest_seconds",
            "Seconds after they were due at which the latest of today's deliveries arrived.",
            labels=["place"],
        )
        for place, slow in enumerate(day.slowest, start=1):
            late = max((slow.settled - slow.due).total_seconds(), 0.0)
            slowest.add_metric([str(place)], late)
        yield slowest


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
