"""From the ledger to Telegram, and back to the ledger.

Rows that wait are read ahead and made ready (`delivery_queue`); when Telegram's limits let one
through it is claimed, sent and settled (`send_delivery`). Reading, making, sending and writing
overlap; how much of each is under way is bounded, and does not grow with the number of subscribers.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from digest.making.rich_messages import RichMessages
from digest.pacing.answer_priority import AnswerPriority
from digest.pacing.rate_limiter import Priority
from digest.pacing.telegram_errors import pause
from digest.sending.delivery_queue import DeliveryQueue
from digest.sending.ledger_writer import LINGER, LedgerWriter
from digest.sending.send_delivery import DeliverySender, Outbox, StoppedError
from storage.db.outage import DatabaseUnavailableError
from storage.model import DeliveryKind, DeliveryState, Settlement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from datetime import datetime

    from digest.making.edition_builder import EditionBuilder
    from digest.making.issue import Issue
    from digest.pacing.rate_limiter import RateLimiter
    from storage.ledger.deliveries import Deliveries
    from storage.model import Delivery, Subscriber
    from storage.readers.subscribers import Subscribers

__all__ = ["Outbox", "Sender", "StoppedError"]

log = logging.getLogger(__name__)

ANSWER_TIME = 0.25
"""Seconds that Telegram may take to answer without the rate suffering from it."""
FEWEST, MOST = 32, 192
"""Bounds of how many rows are under way at a time."""
HOLD = timedelta(minutes=2)
"""How long a row that a reader asked for is left to the answer that sends it."""
LAST_WORDS = 7.0


class Sender:
    """Delivers the ledger's rows, as fast as Telegram allows.

    Args:
        deliveries: The ledger.
        subscribers: For those who are gone, and chats that move.
        edition_builder: Makes of a row what it carries.
        outbox: Puts a message on its way.
        rate_limiter: Telegram's limits, shared with everything else that sends.
        clock: This moment.
        answer_priority: Whom to let go first; left out, nobody.
        in_flight: Rows under way at a time, of which a crash leaves no more unrecorded; left out,
            as many as the rate takes.
        linger: Seconds that a few entries of the ledger wait for more of them.
        last_words: Seconds that a stop gives to what is under way.
        rich: What front pages take beside their text.
        paid: Whether editions and alerts may go past Telegram's free rate for a fee; what a reader
            asked for is an answer and never does.
        tell_gone: Told the ids of subscribers whose chats can be written to no more.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        subscribers: Subscribers,
        edition_builder: EditionBuilder,
        outbox: Outbox,
        rate_limiter: RateLimiter,
        *,
        clock: Callable[[], datetime],
        answer_priority: AnswerPriority | None = None,
        in_flight: int | None = None,
        linger: float = LINGER,
        last_words: float = LAST_WORDS,
        rich: RichMessages | None = None,
        paid: bool = False,
        tell_gone: Callable[[Sequence[int]], Awaitable[None]] | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._edition_builder = edition_builder
        self._clock = clock
        self._answer_priority = answer_priority or AnswerPriority()
        self._in_flight = in_flight or _taken_by(rate_limiter.rate)
        self._last_words = last_words
        self._ledger_writer = LedgerWriter(
            deliveries, clock=clock, linger=linger, enough=max(self._in_flight // 3, 1)
        )
        self._delivery_sender = DeliverySender(
            deliveries,
            subscribers,
            outbox,
            rate_limiter,
            self._ledger_writer,
            clock=clock,
            answer_priority=self._answer_priority,
            rich=rich or RichMessages(),
            paid=paid,
            tell_gone=tell_gone,
        )
        self._busy: set[int] = set()
        self._queue = DeliveryQueue(
            deliveries,
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

    @property
    def heard(self) -> float:
        """When Telegram last said something about a delivery, in seconds of `time.monotonic`."""
        return self._delivery_sender.line.heard

    def kick(self) -> None:
        """There is something new in the ledger."""
        self._queue.hear_of_more()
        self._kicked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver whatever falls due, until `stop` is set; then finish what is in flight.

        What another process left in flight when it died is sent once more.

        Raises:
            StoppedError: Telegram does not know the bot any more.
            LeaseLostError: Another process serves the archive now.
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
                    rest = pause(failures).total_seconds()
                    failures += 1
                await self._sleep(rest, stop)
        finally:
            stopper.cancel()
            await self._ledger_writer.close()

    async def drain(self) -> int:
        """Deliver everything that is due now, and return when it is settled.

        Returns:
            How many rows were dealt with.

        Raises:
            StoppedError: Telegram does not know the bot any more.
        """
        return await self._pass()

    async def deliver_now(
        self, subscriber: Subscriber, now: datetime, *, read: int | None = None
    ) -> DeliveryState:
        """Make an edition of what is new for a reader who asks for it, and send it at once.

        Args:
            subscriber: The reader.
            now: This moment.
            read: An article that the reader has just read, which the edition leaves out.

        Returns:
            `SENT`; `SKIPPED` when there is nothing new, or the edition is on its way already;
            `PLANNED` when Telegram lets it wait and it is sent later; `FAILED`.

        Raises:
            LookupError: The subscriber is no more.
            DatabaseUnavailableError: The ledger cannot be written just now.
        """
        delivery_id = await self._deliveries.plan_now(
            subscriber.id, now, hold=now + HOLD, read=read
        )
        row = await self._deliveries.get(delivery_id)
        if row is None:
            raise LookupError(f"no subscriber has the id {subscriber.id}")
        # Whoever asked is told by the answer that there is nothing, not by an edition, and gets all
        # that a day may have.
        row = replace(row, empty_note=False, evening_minute=None)
        self._busy.add(row.id)
        try:
            issue = (await self._edition_builder.make([row], now))[row.id]
            return await self._handle(row, issue, Priority.ANSWER)
        finally:
            self._busy.discard(row.id)
            self.kick()

    async def _pass(self) -> int:
        """Deliver all that is due; a stop, an outage or a defect ends it early."""
        slots = asyncio.Semaphore(self._in_flight)
        dealt_with = 0

        def finished(task: asyncio.Task[None]) -> None:
            self._under_way.discard(task)
            slots.release()

        try:
            due = self._queue.rows(halted=self._halted, finish=self._finish)
            async with aclosing(due) as rows:
                async for row, issue in rows:
                    await slots.acquire()
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
            # What is on its way arrives, and must be settled once the database is back.
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

    async def _finish(self) -> None:
        """Wait for what is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _halted(self) -> bool:
        if self._stopping or self._broken is not None:
            return True
        line = self._delivery_sender.line
        # Asked three times a row: mostly there is no need of the clock.
        return line.closed_until is not None and line.is_closed(self._clock())

    async def _see_through(self, row: Delivery, issue: Issue) -> None:
        """Handle a row of the pass; a defect ends the pass, not without a word."""
        priority = Priority.ALERT if row.kind is DeliveryKind.ALERT else Priority.EDITION
        try:
            await self._handle(row, issue, priority)
        except Exception as error:  # noqa: BLE001 - raised by the pass
            self._broken = error
        finally:
            self._busy.discard(row.id)

    async def _handle(self, row: Delivery, issue: Issue, priority: Priority) -> DeliveryState:
        """One row, from ready to settled."""
        if issue.error is not None or len(issue.parts) <= row.part:
            state = DeliveryState.SKIPPED if issue.error is None else DeliveryState.FAILED
            if row.part and issue.error is None:
                state = DeliveryState.SENT  # it has become shorter since its first parts went
            await self._ledger_writer.settle(
                Settlement(row.id, state, part=row.part, error=issue.error),
                urgent=priority is Priority.ANSWER,
            )
            return state
        if not await self._gate(row, priority):
            return DeliveryState.PLANNED
        return await self._delivery_sender.deliver(row, issue, priority)

    async def _gate(self, row: Delivery, priority: Priority) -> bool:
        """Wait for a row's turn; False when it is not to be sent now."""
        if self._halted() and priority is not Priority.ANSWER:
            return False
        task = asyncio.current_task()
        if task in self._under_way:
            # Nothing is claimed while it waits here, so a stop need not wait for it.
            self._waiting.add(task)
        try:
            passed = await self._delivery_sender.at_gate(row, priority)
        finally:
            self._waiting.discard(task)
        return passed and (priority is Priority.ANSWER or not self._halted())

    async def _sleep(self, seconds: float, stop: asyncio.Event) -> None:
        """Wait for a kick or a stop, but no longer than `seconds`."""
        await self._wait_until(self._kicked.wait(), stop, seconds)

    async def _recover(self, stop: asyncio.Event) -> int:
        """Take up what another process left in flight; how much that is."""
        while not stop.is_set():
            try:
                return await self._deliveries.recover()
            except DatabaseUnavailableError as error:
                await self._wait_until(error.over(), stop)
        return 0

    async def _wait_until(
        self, what: Coroutine[Any, Any, object], stop: asyncio.Event, seconds: float | None = None
    ) -> None:
        """Wait for something or a stop, but no longer than `seconds`."""
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
        """Once told to stop, let those go who only wait for their turn, and in the end all."""
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
    """How many rows a rate of messages a second keeps under way."""
    return min(max(round(rate * ANSWER_TIME), FEWEST), MOST)
