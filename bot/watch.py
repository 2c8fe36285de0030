"""Watches over the sources: how each is, and which categories will be thin for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from news import health

if TYPE_CHECKING:
    from datetime import datetime

    from news.health import Health, Thin
    from storage.pulse import Pulse
    from storage.sources import Sources


@dataclass(frozen=True, slots=True)
class Look:
    """How all sources are at one moment."""

    healths: tuple[Health, ...]
    """Those in trouble first."""
    thin: tuple[Thin, ...]
    cut_off: bool
    """Whether so many cannot be reached that the fault is on this side."""


class Watch:
    """Looks after the sources."""

    def __init__(self, sources: Sources, pulse: Pulse) -> None:
        self._sources = sources
        self._pulse = pulse

    async def look(self, now: datetime) -> Look:
        """How the sources are."""
        times = await self._pulse.times(now - health.REMEMBERED)
        shares = await self._pulse.shares(now - health.SHARES_OF)
        healths = health.judge_all(await self._sources.all(), times)
        return Look(healths, health.thin(healths, shares), health.cut_off(healths))
