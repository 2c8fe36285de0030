"""Who is due, and the ledger's rows for them."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from digest.timing.schedule import day_has_passed, joins_next, last_due, next_due
from storage.ledger.plans import CHUNK, DueDecision

if TYPE_CHECKING:
    from storage.ledger.deliveries import Deliveries
    from storage.ledger.plans import DueGroup


log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
"""How long the editions of one time may take: by then those of the next hour are due."""


class Planner:
    """Plans the editions of those who are due.

    Args:
        deliveries: The ledger.
        chunk: Subscribers planned in one transaction; others may write in between.
        per_second: Messages that go out in a second at best.
        early: How long before their time editions may begin, where many are due together.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        *,
        chunk: int = CHUNK,
        per_second: float = 25.0,
        early: timedelta = timedelta(),
    ) -> None:
        self._deliveries = deliveries
        self._chunk = chunk
        self._per_second = per_second
        self._early = early
        self._alone = asyncio.Lock()

    async def plan_due(self, now: datetime) -> int:
        """Plan an edition for everybody who is due, and everybody's next time.

        However many due times somebody missed, one edition comes of them: at once, or with the
        next one where that is near. Whoever was the last of an hour is the first of it on the next
        day. Where many are due together soon, they are planned before, so that half of them are
        there at their time.

        Returns:
            How many editions were planned.
        """
        async with self._alone:
            waiting_since = await self._deliveries.waiting_since()
            total = await self._plan(now, waiting_since)
            if self._early:
                soon = await self._deliveries.due_later(now, now + self._early)
                for moment, count in soon.items():
                    if moment - lead(count, self._per_second, self._early) <= now:
                        total += await self._plan(now, waiting_since, early=moment)
        takes = timedelta(seconds=total / self._per_second)
        if takes > KEPT:
            log.warning(
                "%d editions are due together and take %d min at %g a second: the hour cannot be "
                "kept; see EARLY_MINUTES and `onnews digest cost`",
                total,
                takes // timedelta(minutes=1),
                self._per_second,
            )
        return total

    async def _plan(
        self, now: datetime, waiting_since: datetime | None, *, early: datetime | None = None
    ) -> int:
        """Plan what is due, or what will be at a moment; how many editions."""
        total = 0
        while True:
            due, planned = await self._deliveries.plan(
                now,
                lambda group: decide(group, now),
                limit=self._chunk,
                waiting_since=waiting_since,
                turned=is_turned(early or now),
                early=early,
            )
            total += planned
            if due < self._chunk:
                return total


def is_turned(moment: datetime) -> bool:
    """Whether an hour goes the other way round on that day, as it does on every second one."""
    return moment.astimezone(UTC).toordinal() % 2 == 1


def lead(count: int, per_second: float, most: timedelta) -> timedelta:
    """How long before their time editions begin, so that half of them are there by then."""
    return min(most, timedelta(seconds=count / per_second / 2))


def decide(group: DueGroup, now: datetime) -> DueDecision:
    """What becomes of subscribers whose time has come."""
    if group.paused_until is not None and group.paused_until > now:
        return DueDecision(next_due(group, now), None)
    following = next_due(group, group.next_at)
    missed = group.next_at
    if following <= now:
        # More than one was missed. What has come since belongs to it too, so it is of now.
        missed = max(missed, last_due(group, now))
        following = next_due(group, now)
    elif not day_has_passed(missed, group.zone, now):
        return DueDecision(following, missed)
    if joins_next(missed, following, group.zone, now):
        return DueDecision(following, None)
    return DueDecision(following, now, catch_up=True)
