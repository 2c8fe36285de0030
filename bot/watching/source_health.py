"""The health check of all sources, and of the categories that depend on failing ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from news import health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from news.health import Health, ThinCategory
    from storage.model import Source
    from storage.sources.sources import SourceActivity, Sources


@dataclass(frozen=True, slots=True)
class Look:
    """The health of all sources at one moment."""

    healths: tuple[Health, ...]
    """The health of each source, those with problems first."""
    thin: tuple[ThinCategory, ...]
    cut_off: bool
    """Whether so many sources fail that this machine's connection is the likely cause."""


class SourceMonitor:
    """Checks the health of the sources."""

    def __init__(self, sources: Sources, activity: SourceActivity) -> None:
        self._sources = sources
        self._activity = activity

    async def look(self, now: datetime) -> Look:
        """Return the health of all sources."""
        times = await self._activity.times(now - health.REMEMBERED)
        shares = await self._activity.shares(now - health.SHARES_OF)
        found = await self._sources.all()
        # In a thread: judging half a year of many sources would delay answers to readers.
        return await asyncio.to_thread(_look_at, found, times, shares)


def _look_at(
    sources: Sequence[Source],
    times: Mapping[int, Sequence[datetime]],
    shares: Mapping[str, Mapping[int, int]],
) -> Look:
    healths = health.judge_all(sources, times)
    return Look(healths, health.thin(healths, shares), health.cut_off(healths))
