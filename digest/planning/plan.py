"""Who is due, and the ledger's rows for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from digest.timing.schedule import day_has_passed, joins_next, last_due, next_due
from storage.ledger.plans import CHUNK, DueDecision

if TYPE_CHECKING:
    from datetime import datetime

    from storage.ledger.deliveries import Deliveries
    from storage.ledger.plans import DueGroup


class Planner:
    """Plans the editions of those who are due.

    Args:
        deliveries: The ledger.
        chunk: Subscribers planned in one transaction; others may write in between.
    """

    def __init__(self, deliveries: Deliveries, *, chunk: int = CHUNK) -> None:
        self._deliveries = deliveries
        self._chunk = chunk
        self._alone = asyncio.Lock()

    async def plan_due(self, now: datetime) -> int:
        """Plan an edition for everybody who is due, and everybody's next time.

        However many due times somebody missed, one edition comes of them: at once, or with the
        next one where that is near.

        Returns:
            How many editions were planned.
        """
        total = 0
        async with self._alone:
            waiting_since = await self._deliveries.waiting_since()
            while True:
                due, planned = await self._deliveries.plan(
                    now,
                    lambda group: decide(group, now),
                    limit=self._chunk,
                    waiting_since=waiting_since,
                )
                total += planned
                if due < self._chunk:
                    return total


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
