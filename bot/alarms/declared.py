"""Every alarm: one file each, named here, and `alarm_<name>.html.j2` in `templates/`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.alarms import (
    backup,
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
    disk.NAME: disk.samples,
    late_editions.NAME: late_editions.samples,
    second_poller.NAME: second_poller.samples,
    unread_sources.NAME: unread_sources.samples,
    webhook_errors.NAME: webhook_errors.samples,
}
"""Name → facts for the page of texts."""


def sample_values(name: str, sample: Sample) -> list[dict[str, Any]]:
    """What an alarm's template is filled with: as it begins, and as it is over."""
    since = sample.now - timedelta(hours=2, minutes=5)
    return [
        {**facts, "since": since, "until": until, "now": sample.now, "zone": sample.zone}
        for facts in SAMPLES[name](sample)
        for until in (None, sample.now)
    ]
