"""The queue of ledger rows that are due, read ahead with their messages ready.

Alerts go first, even those planned during a long fan-out. Rows of subscribers who want no more
editions are settled, and unsent editions of a past day become catch-ups.
"""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.timing.schedule import day_has_passed, joins_next
from storage.ledger.deliveries import UNWANTED
from storage.model import DeliveryKind, DeliveryState, Settlement

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Sequence,
    )
    from datetime import datetime

    from digest.making.edition_builder import EditionBuilder
    from digest.making.issue import Issue
    from digest.pacing.priorities import AnswerPriority
    from digest.sending.ledger_writer import LedgerWriter
    from digest.sending.send_delivery import DeliverySender
    from storage.ledger.deliveries import Cursor, Deliveries, WaitingRows
    from storage.ledger.plans import Plans
    from storage.model import Delivery

AHEAD = 128
"""Maximum number of rows read at a time."""
YOUNG = 1
"""The garbage collector's generation collected between two batches.

Once the caches are full, each new edition replaces another, so Python counts few new objects, and
its automatic collection comes seldom and then takes 50 ms.
"""
LONGEST_REST = 60.0
PLANNED_BY = timedelta(minutes=5)
"""Longest delay of an edition's planning, which includes the rows postponed to join it."""


class DeliveryQueue:
    """The queue of rows that are due, in the order in which the sender takes them."""

    def __init__(
        self,
        deliveries: Deliveries,
        plans: Plans,
        edition_builder: EditionBuilder,
        ledger_writer: LedgerWriter,
        delivery_sender: DeliverySender,
        *,
        clock: Callable[[], datetime],
        answer_priority: AnswerPriority,
        busy: Collection[int],
    ) -> None:
        self._deliveries = deliveries
        self._plans = plans
        self._edition_builder = edition_builder
        self._ledger_writer = ledger_writer
        self._delivery_sender = delivery_sender
        self._clock = clock
        self._answer_priority = answer_priority
        self._busy = busy
        self._something_new = False

    def note_new_rows(self) -> None:
        """Note that the ledger has new rows, which may be alerts."""
        self._something_new = True

    async def rows(
        self, *, halted: Callable[[], bool], finish: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[tuple[Delivery, Issue], None]:
        """Yield the rows that are due with their messages, alerts first, each row once.

        `finish` waits until all rows yielded so far are handled.
        """
        began = self._clock()
        async for kind in self._kinds():
            cursor: Cursor | None = None
            while True:
                doubtful = self._delivery_sender.line.doubtful
                if not doubtful and self._others_are_due():
                    async for ready in self._out_of_turn(began, halted):
                        yield ready
                await self._make_way(goes_on=cursor is not None)
                now = self._clock()
                peeked = await self._deliveries.peek(
                    now, limit=1 if doubtful else AHEAD, after=cursor, kind=kind
                )
                cursor = peeked.cursor
                for ready in await self._ready(peeked, now):
                    yield ready
                if doubtful:
                    # Send one row to find out whether Telegram can be reached again.
                    await finish()
                if cursor is None or halted():
                    break
            if halted():
                break

    async def _make_way(self, *, goes_on: bool) -> None:
        """Let answers go first; between two batches, also collect garbage."""
        if not self._answer_priority.is_free:
            await self._answer_priority.give()
        if goes_on:
            gc.collect(YOUNG)

    async def rest(self) -> float:
        """Return the seconds until the next row may be sent, at most a minute if none is known."""
        now = self._clock()
        until = self._delivery_sender.line.closed_until
        if until is not None and self._delivery_sender.line.is_closed(now):
            return (until - now).total_seconds()
        moment = await self._deliveries.next_time()
        if moment is None:
            return LONGEST_REST
        return min(max((moment - now).total_seconds(), 0.0), LONGEST_REST)

    async def _kinds(self) -> AsyncIterator[DeliveryKind | None]:
        alert = await self._deliveries.next_time(kind=DeliveryKind.ALERT)
        if alert is not None and alert <= self._clock():
            yield DeliveryKind.ALERT
        yield None

    async def _out_of_turn(
        self, began: datetime, halted: Callable[[], bool]
    ) -> AsyncIterator[tuple[Delivery, Issue]]:
        """Yield alerts and postponed rows that fell due since a pass began.

        A hundred thousand editions take an hour. Neither an alert nor a chat postponed for half a
        minute has to wait for all of them.
        """
        cursor: Cursor | None = (began, 0)
        while cursor is not None and not halted():
            now = self._clock()
            peeked = await self._deliveries.peek(now, limit=AHEAD, after=cursor, urgent=True)
            cursor = peeked.cursor
            for ready in await self._ready(peeked, now):
                yield ready

    def _others_are_due(self) -> bool:
        now = self._clock().timestamp()
        again = {moment for moment in self._delivery_sender.later if moment <= now}
        self._delivery_sender.later -= again
        new, self._something_new = self._something_new, False
        return new or bool(again)

    async def _ready(self, peeked: WaitingRows, now: datetime) -> list[tuple[Delivery, Issue]]:
        await self._drop(peeked.unwanted)
        rows = [row for row in peeked if row.id not in self._busy]
        rows = await self._not_late(rows, now)
        made = await self._edition_builder.make(rows, now, let_others=self._answer_priority.give)
        return [(row, made[row.id]) for row in rows]

    async def _not_late(self, rows: Sequence[Delivery], now: datetime) -> list[Delivery]:
        """Return the rows, with unsent editions of a past day turned into catch-ups.

        If the subscriber's next edition is near, such a row is postponed to become part of it.
        """
        late = {
            row.id: row
            for row in rows
            if row.kind is DeliveryKind.EDITION
            and row.part == 0
            and day_has_passed(row.due, row.zone, now)
        }
        if not late:
            return list(rows)
        following = await self._deliveries.next_editions(late)
        waits = {
            number: moment + PLANNED_BY
            for number, moment in following.items()
            if joins_next(late[number].due, moment, late[number].zone, now)
        }
        await asyncio.gather(
            *(
                self._ledger_writer.settle(
                    Settlement(number, DeliveryState.PLANNED, not_before=not_before)
                )
                for number, not_before in waits.items()
            )
        )
        await self._plans.plan_late(late.keys() - waits.keys(), now)
        fresh = [
            await self._deliveries.get(row.id) if row.id in late else row
            for row in rows
            if row.id not in waits
        ]
        return [row for row in fresh if row is not None and row.state is DeliveryState.PLANNED]

    async def _drop(self, rows: Sequence[Delivery]) -> None:
        await asyncio.gather(
            *(
                self._ledger_writer.settle(
                    Settlement(row.id, DeliveryState.SKIPPED, part=row.part, error=UNWANTED)
                )
                for row in rows
                if row.id not in self._busy
            )
        )
