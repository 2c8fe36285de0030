"""Time of the next check of a source: its rhythm, its server's requests, backoff. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from storage.db.backoff import Backoff

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

LEAST = 10 * 60
"""Seconds between two checks of the busiest source."""
MOST = 12 * 3600
"""Seconds between two checks of the quietest source."""
FAILED = Backoff(first=5 * 60, longest=24 * 3600)
"""Pauses after failed checks of a source."""
_REMEMBERED = timedelta(days=30)
_ITEMS = 30


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to check a source, and when next."""

    interval: int
    """Seconds between two checks."""
    next_check: datetime


def after_news(
    interval: int,
    published: Iterable[datetime | None],
    now: datetime,
    chance: random.Random,
    *,
    fresh: bool = False,
    wish: int | None = None,
) -> Rhythm:
    """Return the rhythm after a round in which a document was read, `fresh` with new articles.

    The interval moves towards half the usual gap between two articles, by at most a factor of two.
    If articles have no times of day, the interval shrinks after each round with new articles and
    grows after other rounds. `wish` is in seconds.
    """
    recent = sorted({one for one in published if one and one > now - _REMEMBERED}, reverse=True)
    days_only = len({one.time() for one in recent}) == 1
    if len(recent) >= 3 and not (fresh and days_only):
        shown = recent[:_ITEMS]
        gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(shown)]
        aim = max(median(gaps), (now - recent[0]).total_seconds() / 4) / 2
    else:
        aim = interval / 1.5 if fresh else interval * 1.5
    return _spread(min(max(aim, interval / 2), interval * 2), now, chance, wish)


def after_nothing(
    interval: int, now: datetime, chance: random.Random, *, wish: int | None = None
) -> Rhythm:
    """Return the rhythm after "not modified": the interval (seconds) grows by a fifth."""
    return _spread(interval * 1.2, now, chance, wish)


def after_failure(
    interval: int,
    failures: int,
    now: datetime,
    chance: random.Random,
    *,
    wish: int | None = None,
) -> Rhythm:
    """Return the rhythm after failures: each doubles the pause, of at least `wish` seconds."""
    pause = FAILED.pause(failures - 1)
    spread = max(pause * chance.uniform(0.8, 1.2), float(wish or 0))
    return Rhythm(interval, now + timedelta(seconds=int(spread)))


def _spread(aim: float, now: datetime, chance: random.Random, wish: int | None) -> Rhythm:
    interval = int(min(max(aim, LEAST), MOST))
    wait = max(interval * chance.uniform(0.9, 1.1), float(min(wish or 0, MOST)))
    return Rhythm(interval, now + timedelta(seconds=int(wait)))
