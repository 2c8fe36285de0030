"""Sample values for the templates of messages to operators, for each state of each template."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.alarms.declared import ALARMS as DECLARED
from bot.samples import GONE
from news.health import TROUBLE, Condition, Health
from storage.model import Show, Source, SourceKind, SourceState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.alarms.alarm import Alarm
    from bot.samples import Sample

    Values = dict[str, Any]


def _alarm(alarm: Alarm, sample: Sample) -> list[Values]:
    """Return the values of an alarm's beginning and of its end, for each of its sample facts."""
    since = sample.now - timedelta(hours=2, minutes=5)
    return [
        {**facts, "since": since, "until": until, "now": sample.now, "zone": sample.zone}
        for facts in alarm.samples(sample)
        for until in (None, sample.now)
    ]


def _offline_alarm(sample: Sample) -> list[Values]:
    return [
        {"since": sample.now - away, "until": sample.now, "zone": "Europe/Rome", "now": sample.now}
        for away in (timedelta(minutes=4), timedelta(days=2, hours=3))
    ]


def _sources_alarm(sample: Sample) -> list[Values]:
    source = Source(
        id=1,
        name=sample.of("source"),
        url=sample.url,
        site=sample.url,
        kind=SourceKind.FEED,
        state=SourceState.ACTIVE,
        language=None,
        weight=50,
        categories=(),
        read_pages=False,
        full_text=Show.PRIVATE,
        pictures=Show.YES,
        paywall=None,
        selectors={},
        etag=None,
        last_modified=None,
        interval=3600,
        next_check=sample.now,
        failures=9,
        last_ok=None,
        last_new=None,
        last_error=sample.of("reason"),
        added=sample.now,
    )
    bad = [Health(source, each, sample.now, sample.of("reason")) for each in TROUBLE]
    good = [Health(source, Condition.FINE)]
    return [
        {
            "bad": troubled,
            "good": well,
            "thin": thin,
            "cut_off": bool(troubled),
            "zone": sample.zone,
            "now": sample.now,
        }
        for troubled, well, thin in (
            (bad[:1], [], []),
            (bad, good, ["motor", GONE]),
            (bad * 3, good * sample.most, ["motor", "gucci", "china"][: sample.most]),
            ([], good, []),
        )
    ]


ALARMS: dict[str, Callable[[Sample], list[Values]]] = {
    "admission": lambda _: [
        {"outcome": outcome, "id": 1234, "allow": allow}
        for outcome in ("banned", "allowed", "operator", "")
        for allow in (True, False)
    ],
    "offline_alarm": _offline_alarm,
    "sources_alarm": _sources_alarm,
    **{f"alarm_{alarm.name}": partial(_alarm, alarm) for alarm in DECLARED},
}
"""Template → function that returns a set of values for each state."""
