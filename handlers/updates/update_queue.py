"""The queue of updates between Telegram and the handlers; no chat delays another.

`Intake` is python-telegram-bot's queue of fetched updates, `UpdateQueue` has each in its turn.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from digest.pacing.current_answer import current_answer, waiting_for_others
from digest.pacing.priorities import Priority
from digest.pacing.telegram_errors import UnreachableError
from handlers.updates.lanes import ArrivalOutcome, Lanes
from handlers.updates.telegram_outage import TelegramOutage
from handlers.updates.update_answer import UpdateAnswer
from handlers.updates.update_kinds import (
    asks_for_rights,
    concerns_us,
    identity,
    item_of,
    private_payload,
)
from handlers.updates.update_notices import UpdateNotices

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine
    from datetime import datetime

    from telegram import Bot
    from telegram.ext import Application

    from digest.pacing.priorities import AnswerPriority, Standing
    from digest.pacing.rate_limiter import RateLimiter
    from handlers.core.services.services import Services
    from handlers.updates.shared_updates import SharedUpdates
    from handlers.updates.update_journal import UpdateJournal
    from handlers.updates.update_kinds import Item

    OurApplication: TypeAlias = Application[Any, Any, Any, Any, Services, Any]

log = logging.getLogger(__name__)

OVER = 0.5
"""Share of the updates that may wait at which the log says that no more are dropped."""


class Intake(asyncio.Queue[object]):
    """python-telegram-bot's queue between fetching and answering, with a limited length.

    An update that was fetched before is dropped. That happens if Telegram was not notified in time
    that it had arrived. While there are several replicas, updates go to the table that they share.
    `room` waits while too many updates wait for more to be fetched; `shared` is None on SQLite.
    """

    def __init__(
        self,
        room: Callable[[], Awaitable[None]],
        journal: UpdateJournal,
        shared: SharedUpdates | None = None,
    ) -> None:
        super().__init__()
        self._room = room
        self._journal = journal
        self._shared = shared

    def unshared(self, update: Update) -> None:
        """Add an update that this replica has claimed from the shared table."""
        super().put_nowait(update)

    async def put(self, item: object) -> None:
        """Add an update to the queue as soon as there is room."""
        await self._room()
        if isinstance(item, Update):
            if self._shared is not None and self._shared.is_on:
                self._shared.add(item)
                return
            if not self._journal.is_new(identity(item)):
                log.info("update %d came twice; it is answered once", item.update_id)
                return
        await super().put(item)


class DroppedUpdates:
    """Counts dropped updates, and logs when too many of strangers wait and when that is over.

    `unknown_share` returns the waiting ones of strangers, as a share of those that may wait.
    """

    def __init__(self, unknown_share: Callable[[], float]) -> None:
        self._unknown_share = unknown_share
        self.known = 0
        """Dropped updates of operators and readers since the start."""
        self.unknown = 0
        """Dropped updates of new and unknown people since the start."""
        self._before: int | None = None
        """The value of `unknown` when too many began to wait; None while there is room."""

    def count(self, standing: Standing) -> None:
        """Count a dropped update of a person with this standing."""
        if not standing.has_share:
            self.known += 1
            return
        if self._before is None and self._unknown_share() >= 1:
            self._before = self.unknown
            log.warning("too many updates of new or unknown people wait: further ones are dropped")
        self.unknown += 1

    def look(self) -> None:
        """Log how many were dropped, once few enough wait again."""
        if self._before is not None and self._unknown_share() <= OVER:
            log.info(
                "%d updates of new or unknown people were dropped; there is room again",
                self.unknown - self._before,
            )
            self._before = None


FIND_THEIR_LANES = 4
"""Turns of the event loop after which each fetched update has begun or waits in its lane."""
TRIES = 10
"""Times that an update is answered of which nothing arrived, since there was no connection."""
ABANDONED = 0.5
"""Seconds that cancelled answers get to end at a stop."""


class UpdateQueue(BaseUpdateProcessor):
    """The processor that answers each update in its turn."""

    def __init__(
        self,
        rate_limiter: RateLimiter,
        answer_priority: AnswerPriority,
        journal: UpdateJournal,
        clock: Callable[[], datetime],
        commands: Collection[str],
        *,
        shared: SharedUpdates | None = None,
    ) -> None:
        # The base class would make a task for each waiting update; `lanes` says which begin.
        super().__init__(1)
        self._rate_limiter = rate_limiter
        self._answer_priority = answer_priority
        self._journal = journal
        self._clock = clock
        self._commands = commands
        self._shared = shared
        self._lanes = Lanes(self._begin, self._wait_for, self._call_later)
        self._answers: dict[Item, UpdateAnswer] = {}
        self.dropped = DroppedUpdates(lambda: self._lanes.unknown_share)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asking: dict[int, tuple[Update, asyncio.Task[None]]] = {}
        """Updates outside the table whose readers are being asked to repeat them, by number."""
        self._room = asyncio.Event()
        self._room.set()
        self._closing = False
        self._is_taking_in = False
        self._left: dict[int, Update] = {}
        """Updates that are left for the next start, by number."""
        self._application: OurApplication | None = None
        self._notices: UpdateNotices | None = None
        self._outage = TelegramOutage(self._ask_telegram, rate_limiter.rest)

    def serve(self, application: OurApplication) -> None:
        """Set the application to answer for, after its bot has learned its own name."""
        self._application = application
        self._notices = UpdateNotices(application)

    async def _ask_telegram(self) -> None:
        if self._application is not None:
            await self._application.bot.get_me()

    @property
    def waiting(self) -> int:
        """Number of updates that wait for their turn."""
        return sum(not answer.has_begun for answer in self._answers.values())

    @property
    def has_room(self) -> bool:
        """Whether more updates may be claimed from those that replicas share."""
        return not (self._lanes.is_full or self._closing or self._outage.is_on)

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Cancel all background tasks."""
        self._outage.close()
        for task in self._tasks:
            task.cancel()

    async def until_there_is_room(self) -> None:
        """Wait while too many updates wait for more to be fetched."""
        if not self._closing:
            if not self._room.is_set():
                # This may take long; the answers given in the meantime have their own priority.
                self._taken_in()
            await self._room.wait()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Give an update its lane; it is answered in its turn by a task of its own, or dropped."""
        if not isinstance(update, Update):
            await coroutine
            return
        # A coroutine that is never awaited has to be closed.
        cast("Coroutine[Any, Any, Any]", coroutine).close()
        if not self._arrived(update):
            self._end(update)

    def _end(self, update: Update) -> None:
        if self._shared is not None:
            self._shared.end(update)
        if update.update_id not in self._left:
            self._journal.end(update)

    def fetched(self) -> None:
        """Note that updates were fetched: editions wait until each update is in its lane.

        Telegram is asked for more only after that, so newer messages wait for it as well.
        """
        if not self._is_taking_in:
            self._is_taking_in = True
            self._answer_priority.begin()

    async def write_down(self) -> None:
        """Store the waiting updates, so that they outlive this process; call before fetching more.

        If the database fails, answering goes on. Updates that several replicas share are written
        down before this returns, however long that takes.
        """
        try:
            if self._shared is not None and self._shared.is_on:
                await self._shared.write_patiently()
            for _ in range(FIND_THEIR_LANES):
                await asyncio.sleep(0)
            await self._journal.keep(
                [
                    answer.update
                    for answer in self._answers.values()
                    if not answer.has_begun
                    and not answer.is_only_released
                    and answer.item.chat is not None
                    and not self._is_shared(answer.update)
                ],
                self._clock(),
            )
        finally:
            self._taken_in()

    async def accepts(self, update: Update) -> bool:
        """Store an update that was put into the queue; return whether its sender may forget it.

        It may not if several replicas share updates and this one could not be written down.
        """
        if self._shared is None or not self._shared.is_on:
            await self.write_down()
            return True
        return await self._shared.accepts(update)

    def _is_shared(self, update: Update) -> bool:
        return self._shared is not None and self._shared.has(update)

    @property
    def busy(self) -> frozenset[int]:
        """The shards of which an update is being answered."""
        return frozenset(
            answer.item.shard
            for answer in self._answers.values()
            if answer.has_begun and not answer.is_left
        )

    def part_with(self, shards: Collection[int]) -> None:
        """Begin no more updates of some shards, which another replica is to answer."""
        if self._shared is None:
            return
        for answer in [*self._answers.values()]:
            if answer.item.shard not in shards:
                continue
            if answer.has_begun:
                self._part_with_unsent(answer, self._shared)
                continue
            self._lanes.withdraw(answer.item)
            if self._is_shared(answer.update):
                self._shared.hand_over(answer.update)
                self._drop(answer)
                continue
            if answer.item.chat is not None:
                self._shared.hand_over(answer.update)
                self._never(answer.update)
            self._give_up(answer.item)
        for update, asking in [*self._asking.values()]:
            if item_of(update).shard in shards:
                asking.cancel()
                self._shared.leave_begun(update)
                self._journal.end(update)

    def _part_with_unsent(self, answer: UpdateAnswer, shared: SharedUpdates) -> None:
        """Leave an answer that waits for Telegram, and is not in the table yet, to another one."""
        if answer.failure is not None and not answer.is_left:
            answer.leave_begun()
            shared.hand_over(answer.update)
            self._journal.end(answer.update)
            answer.abandon()

    async def take_up(self, bot: Bot) -> list[Update]:
        """Return the updates that an earlier process left to answer; ask to repeat begun ones."""
        left = await self._journal.take_up(bot, self._clock())
        for update in left.begun:
            self.say_again(update)
        return left.waiting

    def say_again(self, update: Update) -> None:
        """Ask a reader to send an update again, since its answer may not have arrived."""
        application, notices = self._application, self._notices
        if (
            application is None
            or notices is None
            or not concerns_us(update, application.bot, self._commands)
        ):
            self._end(update)
            return
        standing = application.bot_data.admissions.standing_of(update)

        async def ask() -> None:
            while not await notices.ask_to_say_again(update, standing):
                if self._is_shared(update) and self._shared is not None:
                    self._outage.begin()
                    self._shared.leave_begun(update)
                    return
                await self._outage.over()
            self._end(update)

        asking = self._later(ask())
        if not self._is_shared(update):
            self._asking[update.update_id] = update, asking
            asking.add_done_callback(lambda _: self._asking.pop(update.update_id, None))

    def _taken_in(self) -> None:
        """Let editions go on after fetched updates are in their lanes."""
        if self._is_taking_in:
            self._is_taking_in = False
            self._answer_priority.end()

    def close(self) -> None:
        """Begin no more updates; those that wait are left for the next start."""
        self._closing = True
        self._room.set()
        for item in self._lanes.close():
            update = self._answers[item].update
            self._left[update.update_id] = update
            if self._shared is not None:
                self._shared.keep(update)
            self._give_up(item)

    async def abandon(self, patience: float) -> None:
        """Cancel the answers of which nothing was sent, and store their updates; leave the others.

        After `patience` seconds, answers of which the reader has seen a part are cancelled too.
        """
        answers = [answer for answer in self._answers.values() if answer.has_begun]
        unseen = [answer for answer in answers if not answer.has_sent]
        self._left |= {answer.update.update_id: answer.update for answer in unseen}
        for answer in unseen:
            if self._shared is not None:
                self._shared.keep(answer.update)
            answer.abandon()
        await _ended(unseen, ABANDONED)
        left = [update for update in self._left.values() if update.inline_query is None]
        if self._shared is not None and self._shared.is_on:
            self._shared.leave(left)
            await self._shared.flush()
            left = []
        seen = [answer for answer in answers if answer.has_sent]
        await _ended(seen, patience)
        for answer in seen:
            if answer.task is not None and not answer.task.done():
                # Its reader is asked to repeat, by another replica or after the next start.
                answer.leave_begun()
            answer.abandon()
        await _ended(seen, ABANDONED)
        await self._journal.close(left, self._clock())
        if left:
            log.info("%d updates wait in the database for the next start", len(left))

    def _arrived(self, update: Update) -> bool:
        """Accept an update into its lane; return False if it is dropped or left to others."""
        application, notices = self._application, self._notices
        if (
            application is None
            or notices is None
            or not concerns_us(update, application.bot, self._commands)
        ):
            return False
        if self._closing:
            self._leave(update, notices)
            return False
        item = item_of(update)
        item.number = update.update_id
        item.standing = application.bot_data.admissions.standing_of(update)
        was_kept = self._journal.has(update)
        answer = UpdateAnswer(
            update,
            item,
            self._lanes,
            self._answer_priority,
            notices.release,
            end=self._end,
            is_released=was_kept,
        )
        if not was_kept and self._is_too_much(update, item):
            self._later(notices.send_elsewhere(update))
            self._never(update)
            return False
        self._answers[item] = answer
        arrival = self._lanes.arrive(item)
        if arrival.given_up is not None:
            self._never(self._answers[arrival.given_up].update)
            self._give_up(arrival.given_up)
        if arrival.outcome is ArrivalOutcome.DROPPED:
            del self._answers[item]
            self.dropped.count(item.standing)
            self._later(notices.ask_for_a_moment(update, answer, self._clock()))
            self._never(update)
            return False
        if arrival.outcome is ArrivalOutcome.BEGUN:
            self._begin(item)
        elif self._is_only_released(update, application):
            # In its turn, which costs a request, and neither a visit to the database nor a handler.
            answer.is_only_released = True
        else:
            answer.waits()
        if self._lanes.is_full:
            self._room.clear()
        return True

    def _leave(self, update: Update, notices: UpdateNotices) -> None:
        """Keep an update for the next start, or for other replicas."""
        self._left[update.update_id] = update
        if self._shared is not None:
            self._shared.keep(update)
        if update.callback_query is not None:
            self._later(notices.release(update.callback_query))

    def _begin(self, item: Item) -> None:
        """Answer an update, now that it has its turn."""
        if self._application is not None:
            answer = self._answers[item]
            answering = self._answer(answer, self._application)
            # In a context of its own: this may be called at the end of another answer.
            answer.task = Context().run(
                self._application.create_task, answering, update=answer.update
            )

    def _is_only_released(self, update: Update, application: OurApplication) -> bool:
        """Return whether a waiting tap is released and not answered: it would only be refused."""
        query = update.callback_query
        return (
            query is not None
            and application.bot_data.admissions.shuts_out(update)
            and not asks_for_rights(query)
        )

    async def _answer(self, answer: UpdateAnswer, application: OurApplication) -> None:
        query, notices = answer.update.callback_query, self._notices
        try:
            if answer.is_only_released and self._is_only_released(answer.update, application):
                if query is not None and notices is not None and answer.claim_tap():
                    await notices.release(query)
            else:
                await self._handle(answer, application)
        finally:
            self._forget(answer)
            self._lanes.finish(answer.item)
            if answer.is_put_off and self._shared is not None:
                self._shared.put_off(answer.update)
            elif not answer.is_left:
                self._end(answer.update)

    async def _handle(self, answer: UpdateAnswer, application: OurApplication) -> None:
        token = current_answer.set(answer)
        answer.begins()
        try:
            answer.is_shared = self._is_shared(answer.update)
            if not answer.is_shared:
                self._journal.begin(answer.update, self._clock())
            await self._journal.strike_off(answer.update)
            if self._shared is None or await self._shared.may_answer(answer.update):
                await application.process_update(answer.update)
                await self._see_to_unsent(answer)
                if self._shared is not None and not answer.is_shared and not answer.is_left:
                    self._shared.answered_alone(answer.update)
        finally:
            answer.ends()
            current_answer.reset(token)

    async def _see_to_unsent(self, answer: UpdateAnswer) -> None:
        """Answer once more if nothing can have arrived; otherwise ask the reader to repeat."""
        for _ in range(TRIES):
            if answer.failure is None or self._application is None:
                return
            if answer.has_sent or not isinstance(answer.failure, UnreachableError):
                break
            if answer.put_off():
                # Whoever holds the chat then; this process claims nothing before it is over.
                self._outage.begin()
                return
            self._answer_priority.end()
            try:
                with waiting_for_others():
                    await self._outage.over()
            finally:
                self._answer_priority.begin()
            answer.failure = None
            await self._application.process_update(answer.update)
        if answer.failure is not None:
            answer.leave_begun()
            self.say_again(answer.update)

    def _forget(self, answer: UpdateAnswer) -> None:
        answer.stop_waiting()
        self._answers.pop(answer.item, None)
        self.dropped.look()
        if not self._lanes.is_full:
            self._room.set()

    def _give_up(self, item: Item) -> None:
        answer = self._answers[item]
        query = answer.update.callback_query
        if query is not None and answer.claim_tap() and self._notices is not None:
            self._later(self._notices.release(query))
        self._drop(answer)

    def _drop(self, answer: UpdateAnswer) -> None:
        self._forget(answer)
        self._end(answer.update)

    def _never(self, update: Update) -> None:
        """Delete an update from the journal, so that the next start does not answer it either."""
        self._journal.end(update)
        if self._journal.has(update):
            self._later(self._journal.strike_off(update))

    def _wait_for(self, chat: int, before: int) -> float:
        return self._rate_limiter.wait_for(chat, Priority.ANSWER, before=before)

    def _call_later(self, seconds: float, call: Callable[[], None]) -> None:
        async def wait() -> None:
            await self._rate_limiter.rest(seconds)
            call()

        self._later(wait())

    def _later(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(doing, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _is_too_much(self, update: Update, item: Item) -> bool:
        """Return whether a tap would send more to a group than its limit for this minute allows."""
        query, room = update.callback_query, None
        if query is not None and item.chat is not None and private_payload(query) is not None:
            room = self._rate_limiter.room(item.chat)
        if room is None or item.chat is None or self._lanes.waits_for(item.chat, item.wish):
            return False
        return room <= self._lanes.begun_or_waiting(item.chat)


async def _ended(answers: Collection[UpdateAnswer], seconds: float) -> None:
    tasks = {answer.task for answer in answers if answer.task is not None}
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
