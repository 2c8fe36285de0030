"""The list of all alarms. Each has a file here and a template `alarm_<name>.html.j2`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.alarms import (
    backup,
    cut_off,
    disk,
    late_editions,
    second_poller,
    unread_sources,
    webhook_errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.alarms.alarm import Facts
    from bot.samples import Sample

SAMPLES: Mapping[str, Callable[[Sample], list[Facts]]] = {
    backup.NAME: backup.samples,
    cut_off.NAME: cut_off.samples,
    disk.NAME: disk.samples,
    late_editions.NAME: late_editions.samples,
    second_poller.NAME: second_poller.samples,
    unread_sources.NAME: unread_sources.samples,
    webhook_errors.NAME: webhook_errors.samples,
}
"""Name of an alarm → the function that returns its sample facts for the text review."""


def sample_values(name: str, sample: Sample) -> list[dict[str, Any]]:
    """Return sample values for an alarm's template: one for its beginning, one for its end.

    Both are returned for each of the alarm's sample facts.
    """
    since = sample.now - timedelta(hours=2, minutes=5)
    return [
        {**facts, "since": since, "until": until, "now": sample.now, "zone": sample.zone}
        for facts in SAMPLES[name](sample)
        for until in (None, sample.now)
    ]
