"""The sender: takes ledger rows that are due, and sends and settles them.

Rows are read ahead with their messages (`DeliveryQueue`). When Telegram's limits allow, a row is
claimed, sent and settled (`send_delivery`). Reading, rendering, sending and writing overlap. The
work in progress is bounded and does not grow with the number of subscribers.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from digest.making.rich_messages import RichMessages
from digest.pacing.priorities import AnswerPriority, Priority
from digest.pacing.telegram_errors import UNREACHED
from digest.sending.ledger_writer import LINGER, LedgerWriter
from digest.sending.send_delivery import DeliverySender
from digest.timing.schedule import day_has_passed, joins_next
from storage.db.outage import DatabaseUnavailableError
from storage.ledger.deliveries import UNWANTED
from storage.model import DeliveryKind, DeliveryState, Settlement

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Coroutine,
        Sequence,
    )
    from datetime import datetime

    from digest.making.edition_builder import EditionBuilder
    from digest.making.issue import Issue
    from digest.pacing.rate_limiter import RateLimiter
    from digest.sending.send_delivery import Outbox
    from storage.ledger.deliveries import Cursor, Deliveries, WaitingRows
    from storage.ledger.plans import Plans
    from storage.model import Article, Delivery, Edition, Subscriber
    from storage.model.desk_model import Pin
    from storage.readers.subscribers import Subscribers


log = logging.getLogger(__name__)

ANSWER_TIME = 0.25
"""Seconds that Telegram may take to answer without lowering the rate."""
FEWEST = 32
"""Minimum number of rows that may wait at the rate limiter at a time."""
MOST = 192
"""Maximum number of rows in progress at a time.

On a busy machine the two transactions of a row take seconds, while its message takes less.
"""
HOLD = timedelta(minutes=2)
"""How long a row that a reader asked for is reserved for the answer before any pass may send it."""
LAST_WORDS = 7.0


class Sender:
    """Delivers the ledger's rows, as fast as Telegram allows.

    Args:
        in_flight: Maximum number of rows in progress at a time, which a crash may leave unrecorded.
        linger: Seconds that a small batch of ledger entries waits for more.
        last_words: Seconds that a stop gives to deliveries in progress.
        paid: Whether editions and alerts may exceed Telegram's free rate for a fee. An edition that
            a reader asks for is an answer and never does.
        transactions: Settlements written at a time; if several, claims are written beside them.
        on_gone: Called with the ids of subscribers in chats that can get no more messages.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        subscribers: Subscribers,
        edition_builder: EditionBuilder,
        outbox: Outbox,
        rate_limiter: RateLimiter,
        *,
        plans: Plans,
        clock: Callable[[], datetime],
        answer_priority: AnswerPriority | None = None,
        in_flight: int = MOST,
        linger: float = LINGER,
        last_words: float = LAST_WORDS,
        rich: RichMessages | None = None,
        paid: bool = False,
        transactions: int = 1,
        on_gone: Callable[[Sequence[int]], Awaitable[None]] | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._plans = plans
        self._edition_builder = edition_builder
        self._clock = clock
        self._answer_priority = answer_priority or AnswerPriority()
        self._in_flight = in_flight
        self._at_gate = _taken_by(rate_limiter.rate)
        self._last_words = last_words
        new_writer = partial(
            LedgerWriter,
            deliveries,
            clock=clock,
            linger=linger,
            enough=max(min(self._in_flight, self._at_gate) // 3, 1),
        )
        self._ledger_writer = new_writer(at_once=transactions)
        self._claims = new_writer() if transactions > 1 else self._ledger_writer
        self._delivery_sender = DeliverySender(
            deliveries,
            subscribers,
            outbox,
            rate_limiter,
            self._ledger_writer,
            claims=self._claims,
            on_turn=self._pass_gate,
            clock=clock,
            answer_priority=self._answer_priority,
            rich=rich or RichMessages(),
            paid=paid,
            on_gone=on_gone,
        )
        self._busy: set[int] = set()
        self._queue = DeliveryQueue(
            deliveries,
            plans,
            edition_builder,
            self._ledger_writer,
            self._delivery_sender,
            clock=clock,
            answer_priority=self._answer_priority,
            busy=self._busy,
        )
        self._kicked = asyncio.Event()
        self._stopping = False
        self._broken: BaseException | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._beyond_gate: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()

    @property
    def last_answer(self) -> float:
        """When Telegram last answered about a delivery, in seconds of `time.monotonic`."""
        return self._delivery_sender.line.last_answer

    def kick(self) -> None:
        """Note that the ledger has new rows, and wake the sender."""
        self._queue.note_new_rows()
        self._kicked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set, also what a crash left, and finish what is in progress.

        Raises StoppedError if Telegram does not know the bot any more.
        """
        left = await self._recover(stop)
        if left:
            log.warning(
                "%d deliveries were in flight when ON News ended; they are sent again", left
            )
        stopper = asyncio.create_task(self._stop_with(stop), name="sender-stop")
        failures = 0
        try:
            while not stop.is_set():
                self._kicked.clear()
                try:
                    await self._pass()
                    rest = await self._queue.rest()
                    failures = 0
                except DatabaseUnavailableError as error:
                    await self._wait_until(error.over(), stop)
                    rest = 0.0
                except DBAPIError:
                    log.exception("The ledger cannot be read")
                    rest = UNREACHED.pause(failures)
                    failures += 1
                await self._sleep(rest, stop)
        finally:
            stopper.cancel()
            await asyncio.gather(self._claims.close(), self._ledger_writer.close())

    async def drain(self) -> int:
        """Deliver and settle everything that is due; return how many rows. Raises as `run` does."""
        return await self._pass()

    async def deliver_now(
        self, subscriber: Subscriber, now: datetime, *, read: int | None = None
    ) -> DeliveryState:
        """Make an edition of what is new but `read` for a reader who asks, and send it at once.

        Returns `SENT`, `FAILED`, `SKIPPED` if there is nothing new or it is being sent, or
        `PLANNED` if Telegram's limits delay it. Raises LookupError if the subscriber no longer
        exists.
        """
        delivery_id = await self._plans.plan_now(subscriber.id, now, hold=now + HOLD, read=read)
        row = await self._deliveries.get(delivery_id)
        if row is None:
            raise LookupError(f"no subscriber has the id {subscriber.id}")
        # The answer, not an edition, says that there is no news. The edition may have a full day's
        # stories.
        row = replace(row, empty_note=False, evening_minute=None)
        self._busy.add(row.id)
        try:
            issue = (await self._edition_builder.make([row], now))[row.id]
            return await self._handle(row, issue, Priority.ANSWER)
        finally:
            self._busy.discard(row.id)
            self.kick()

    async def preview(self, subscriber: Subscriber, now: datetime) -> tuple[Delivery, Edition]:
        """Choose the edition that a subscriber would get now; see `EditionChooser.preview`."""
        return await self._edition_builder.chooser.preview(subscriber, now)

    async def with_lead(
        self, subscriber: Subscriber, article: Article, pin: Pin
    ) -> tuple[Delivery, Edition]:
        """Choose a subscriber's edition if an article led; see `EditionChooser.with_lead`."""
        return await self._edition_builder.chooser.with_lead(subscriber, article, pin)

    async def _pass(self) -> int:
        """Deliver all rows that are due, and return how many; an outage or a defect stops it."""
        dealt_with = 0

        def finished(task: asyncio.Task[None]) -> None:
            self._under_way.discard(task)
            self._beyond_gate.discard(task)
            self._room.set()

        try:
            due = self._queue.rows(halted=self._halted, finish=self._finish)
            async with aclosing(due) as rows:
                async for row, issue in rows:
                    while not self._has_room():
                        self._room.clear()
                        await self._room.wait()
                    if not self._answer_priority.is_free:
                        await self._answer_priority.give()
                    if self._halted():
                        break
                    self._busy.add(row.id)
                    task = asyncio.create_task(self._see_through(row, issue))
                    self._under_way.add(task)
                    task.add_done_callback(finished)
                    dealt_with += 1
            await self._finish()
        except DatabaseUnavailableError:
            # Messages in progress arrive and must be settled once the database is back.
            await self._finish()
            raise
        except BaseException:
            for task in self._under_way:
                task.cancel()
            raise
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        return dealt_with

    def _has_room(self) -> bool:
        rows = len(self._under_way)
        return rows < self._in_flight and rows - len(self._beyond_gate) < self._at_gate

    async def _finish(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _halted(self) -> bool:
        if self._stopping or self._broken is not None:
            return True
        line = self._delivery_sender.line
        # Called three times for each row, so avoid reading the clock.
        return line.closed_until is not None and line.is_closed(self._clock())

    async def _see_through(self, row: Delivery, issue: Issue) -> None:
        """Handle one row of a pass; a defect is kept for the pass to raise."""
        priority = Priority.ALERT if row.kind is DeliveryKind.ALERT else Priority.EDITION
        try:
            await self._handle(row, issue, priority)
        except Exception as error:  # noqa: BLE001 - raised by the pass
            self._broken = error
        finally:
            self._busy.discard(row.id)

    async def _handle(self, row: Delivery, issue: Issue, priority: Priority) -> DeliveryState:
        if issue.error is not None or len(issue.parts) <= row.part:
            self._pass_gate()
            state = DeliveryState.SKIPPED if issue.error is None else DeliveryState.FAILED
            if row.part and issue.error is None:
                state = DeliveryState.SENT  # it became shorter after its first parts were sent
            await self._ledger_writer.settle(
                Settlement(row.id, state, part=row.part, error=issue.error),
                urgent=priority is Priority.ANSWER,
            )
            return state
        if not await self._gate(row, priority):
            return DeliveryState.PLANNED
        return await self._delivery_sender.deliver(row, issue, priority)

    async def _gate(self, row: Delivery, priority: Priority) -> bool:
        if self._halted() and priority is not Priority.ANSWER:
            return False
        task = asyncio.current_task()
        if task in self._under_way:
            # The row is not claimed while it waits here, so a stop may cancel it.
            self._waiting.add(task)
        try:
            passed = await self._delivery_sender.at_gate(row, priority)
        finally:
            self._waiting.discard(task)
        return passed and (priority is Priority.ANSWER or not self._halted())

    def _pass_gate(self) -> None:
        """Note that the current row waits no longer at the rate limiter."""
        task = asyncio.current_task()
        if task in self._under_way:
            self._beyond_gate.add(task)
            self._room.set()

    async def _sleep(self, seconds: float, stop: asyncio.Event) -> None:
        await self._wait_until(self._kicked.wait(), stop, seconds)

    async def _recover(self, stop: asyncio.Event) -> int:
        while not stop.is_set():
            try:
                return await self._deliveries.recover()
            except DatabaseUnavailableError as error:
                await self._wait_until(error.over(), stop)
        return 0

    async def _wait_until(
        self, what: Coroutine[Any, Any, object], stop: asyncio.Event, seconds: float | None = None
    ) -> None:
        waiting = asyncio.ensure_future(what)
        stopped = asyncio.ensure_future(stop.wait())
        try:
            if not stop.is_set():
                await asyncio.wait(
                    {waiting, stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            waiting.cancel()
            stopped.cancel()

    async def _stop_with(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stopping = True
        for task in self._waiting:
            task.cancel()
        await asyncio.sleep(self._last_words)
        if self._under_way:
            log.warning(
                "%d deliveries got no answer in time; the next start sends them again",
                len(self._under_way),
            )
        for task in self._under_way:
            task.cancel()


def _taken_by(rate: float) -> int:
    """Return the number of rows at the rate limiter that a rate in messages a second needs."""
    return min(max(round(rate * ANSWER_TIME), FEWEST), MOST)


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
