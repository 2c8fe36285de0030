"""Planning of editions: ledger rows for all subscribers who are due."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from digest.timing.schedule import day_has_passed, joins_next, last_due, next_due
from storage.ledger.plans import CHUNK, DueDecision

if TYPE_CHECKING:
    from storage.ledger.plans import DueGroup, Plans


log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
"""Time that the editions of one due time may take before a warning, until the next hour's."""


class Planner:
    """Plans editions for the subscribers who are due, `chunk` in one transaction.

    If many are due together, they begin up to `early` before their due time.
    """

    def __init__(
        self,
        plans: Plans,
        *,
        chunk: int = CHUNK,
        per_second: float = 25.0,
        early: timedelta = timedelta(),
    ) -> None:
        self._plans = plans
        self._chunk = chunk
        self._per_second = per_second
        self._early = early
        self._alone = asyncio.Lock()

    async def plan_due(self, now: datetime) -> int:
        """Plan an edition for every subscriber who is due; return how many were planned.

        A subscriber who missed several due times gets one edition: at once, or with the next
        edition if that is near. The order alternates daily: the last subscriber of an hour is first
        on the next day. Many editions due together soon are planned early, so that half of them
        arrive by their due time.
        """
        async with self._alone:
            waiting_since = await self._plans.waiting_since()
            total = await self._plan(now, waiting_since)
            if self._early:
                soon = await self._plans.due_later(now, now + self._early)
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
        total = 0
        while True:
            due, planned = await self._plans.plan(
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
    """Return whether the order of an hour is reversed on that day, as on every second day."""
    return moment.astimezone(UTC).toordinal() % 2 == 1


def lead(count: int, per_second: float, most: timedelta) -> timedelta:
    """Return how early editions begin so that half of them arrive by their due time."""
    return min(most, timedelta(seconds=count / per_second / 2))


def decide(group: DueGroup, now: datetime) -> DueDecision:
    """Return the edition that a group of due subscribers gets, if any, and their next due time."""
    if group.paused_until is not None and group.paused_until > now:
        return DueDecision(next_due(group, now), None)
    following = next_due(group, group.next_at)
    missed = group.next_at
    if following <= now:
        # Several editions were missed: make one that covers all news up to now.
        missed = max(missed, last_due(group, now))
        following = next_due(group, now)
    elif not day_has_passed(missed, group.zone, now):
        return DueDecision(following, missed)
    if joins_next(missed, following, group.zone, now):
        return DueDecision(following, None)
    return DueDecision(following, now, catch_up=True)
