"""A day's figures as Prometheus reads them. No label names a reader, a chat or a delivery."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from storage.model import DeliveryKind, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.ledger import Day


def exposition(day: Day, *, rate: float) -> bytes:
    """The figures in Prometheus's text format, with those of the process beside them.

    Args:
        day: How the deliveries due today went.
        rate: Messages a second that may leave just now.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(day, rate))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, day: Day, rate: float) -> None:
        self._day = day
        self._rate = rate

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
            "Deliveries due today that met an error, and the state that it left them in.",
            labels=["error", "state"],
        )
        for (error, state), count in day.errors.items():
            errors.add_metric([error, state], count)
        yield errors
        yield _gauge("onnews_deliveries_sent", "Deliveries due today that arrived.", day.sent)
        yield _gauge(
            "onnews_deliveries_busiest_minute",
            "Deliveries that arrived in the minute in which most did.",
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
            "Seconds after their time within which this share of today's deliveries arrived.",
            labels=["share"],
        )
        for share, seconds in (("0.5", day.half), ("0.99", day.nearly_all)):
            if seconds is not None:
                within.add_metric([share], seconds)
        yield within
        slowest = GaugeMetricFamily(
            "onnews_delivery_slowest_seconds",
            "Seconds after their time at which the latest of today's deliveries arrived.",
            labels=["place"],
        )
        for place, slow in enumerate(day.slowest, start=1):
            late = max((slow.settled - slow.due).total_seconds(), 0.0)
            slowest.add_metric([str(place)], late)
        yield slowest
        yield _gauge(
            "onnews_messages_per_second",
            "Messages a second that may leave just now; fewer after Telegram has said 429.",
            self._rate,
        )


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
