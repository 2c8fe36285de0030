"""The alarm about half or more of the sources failing for a long time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alarms.alarm import Alarm, UnknownError
from news.health import FAILURES
from storage.model import SourceState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.alarms.alarm import Facts
    from bot.samples import Sample
    from storage.model import Source

NAME = "unread_sources"
FEWEST = 4
"""Fewest active sources for which the alarm is raised; fewer say too little."""
LONGEST = timedelta(hours=6)
"""How long a source may go without a successful fetch.

Four times the source's own interval, if that is longer.
"""


def unread_sources(
    sources: Callable[[], Awaitable[Sequence[Source]]],
    hides: Callable[[datetime], Awaitable[bool]],
) -> Alarm:
    """Return the alarm about many sources that fail for a long time.

    `hides` returns whether this machine is offline at a moment, which has its own message.
    """

    async def look(now: datetime) -> Facts | None:
        if await hides(now):
            raise UnknownError("the machine is offline")
        asked = [one for one in await sources() if one.state is SourceState.ACTIVE]
        unread = sum(_is_unread(one, now) for one in asked)
        if len(asked) < FEWEST or 2 * unread < len(asked):
            return None
        return {"unread": unread, "all": len(asked)}

    return Alarm(
        NAME,
        look,
        "%(unread)d of %(all)d sources cannot be read",
        after=timedelta(minutes=30),
        over_after=timedelta(hours=1),
    )


def _is_unread(source: Source, now: datetime) -> bool:
    since = source.last_ok or source.added
    longest = max(LONGEST, timedelta(seconds=4 * source.interval))
    return source.failures >= FAILURES or now - since > longest


def samples(_: Sample) -> list[Facts]:
    """Return sample facts of this alarm for the review of all texts."""
    return [{"unread": 29, "all": 57}]
