"""When to ask a source again: its own rhythm, its server's wishes, growing pauses. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

LEAST = 10 * 60
"""Seconds between two checks of the busiest source."""
MOST = 12 * 3600
"""Seconds between two checks of the quietest."""
FIRST_PAUSE = 5 * 60
LONGEST_PAUSE = 24 * 3600
_REMEMBERED = timedelta(days=30)
_ITEMS = 30


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to ask, and when next."""

    interval: int
    """Seconds."""
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
    """The rhythm after a round that was read.

    The interval moves towards half the usual time between two articles, by at most a factor of
    two at once. Where they have no times, or days only, it shrinks with each round that brought
    something, and grows with the others.

    Args:
        interval: Seconds, as learned so far.
        published: Of the articles that the source shows now.
        now: The present.
        chance: Where the spread over time comes from.
        fresh: Whether some of them were not there the last time.
        wish: Seconds for which the server asks not to be asked again.
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
    """The rhythm after "not modified": a little slower."""
    return _spread(interval * 1.2, now, chance, wish)


def after_failure(
    interval: int,
    failures: int,
    now: datetime,
    chance: random.Random,
    *,
    wish: int | None = None,
) -> Rhythm:
    """The pause after failures in a row; each doubles it, and the interval stays as learned.

    Args:
        interval: Seconds, as learned so far.
        failures: How many in a row, this one included.
        now: The present.
        chance: Where the spread over time comes from.
        wish: What Retry-After asked for; the pause is never shorter.
    """
    pause = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE)
    spread = max(pause * chance.uniform(0.8, 1.2), float(wish or 0))
    return Rhythm(interval, now + timedelta(seconds=int(spread)))


def _spread(aim: float, now: datetime, chance: random.Random, wish: int | None) -> Rhythm:
    interval = int(min(max(aim, LEAST), MOST))
    wait = max(interval * chance.uniform(0.9, 1.1), float(min(wish or 0, MOST)))
    return Rhythm(interval, now + timedelta(seconds=int(wait)))
