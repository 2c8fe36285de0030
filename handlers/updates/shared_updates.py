"""Updates while several replicas answer one bot, each for the chats of its shards.

Whoever receives an update writes it down; the replica with its shard claims it from the table. So
an update that comes to two replicas is answered once, and one that was claimed by a replica that
died is claimed again. A single process does not use the table.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from telegram import Update

from digest.pacing.priorities import Standing
from handlers.core.conversation import questions_of, recall
from handlers.updates.update_journal import FAILURES, REMEMBERED, is_stale
from handlers.updates.update_kinds import identity, item_of
from storage.replicas.shared_updates import AskedQuestion, Batch, NewUpdate
from storage.replicas.spread import SHARDS, shard_of
from storage.serving.liveness import uptime

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from telegram import Bot

    from handlers.core.services.memory import Memory
    from handlers.updates.update_journal import UpdateJournal
    from storage.replicas.shared_updates import ClaimedUpdate, SharedUpdatesTable


class SharedQuestions:
    """The open questions that this replica has noted or learned of."""

    def __init__(self, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._memory = memory
        self._clock = clock
        self._noted: dict[tuple[int, int, int], str] = {}

    def changed_by(self, update: Update) -> Iterator[tuple[tuple[int, int, int], AskedQuestion]]:
        """Yield the open questions of an update's person that have changed, with their key."""
        for key, questions in questions_of(update, self._memory, self._clock()):
            if self._noted.get(key, "") != questions:
                self._noted[key] = questions
                yield key, AskedQuestion(*key, item_of(update).shard, questions)

    def learn(self, shards: Collection[int], found: Collection[AskedQuestion]) -> None:
        """Remember the questions that are open in shards that this replica has gained.

        Those that it remembers from before may have ended at another replica.
        """
        memory = self._memory
        for open_ in (memory.questions, memory.journeys, memory.desk_questions):
            open_.drop_those(lambda asker: shard_of(asker.chat_id) in shards)
        for each in found:
            self._noted[each.chat_id, each.user_id, each.thread_id] = each.questions
            recall(memory, each, self._clock())


@dataclass(slots=True)
class Unwritten:
    """Updates and open questions for the next transaction."""

    new: dict[int, tuple[NewUpdate, float]] = field(default_factory=dict)
    """Number of an update → the update, and when it was added, in monotonic seconds."""
    begun: dict[int, asyncio.Future[bool]] = field(default_factory=dict)
    """Number of an update to be answered now → whether this replica may answer it."""
    ended: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    """Updates of which no reader has seen a part of the answer, for another replica."""
    left: set[int] = field(default_factory=set)
    """Updates that were begun, whose readers another replica is to ask."""
    questions: dict[tuple[int, int, int], AskedQuestion] = field(default_factory=dict)
    """Ids of a chat, a person and a topic → the open questions there."""

    def __bool__(self) -> bool:
        """Return whether there is anything to write."""
        return bool(
            self.new or self.ended or self.begun or self.released or self.left or self.questions
        )

    def rows(self, claim: Collection[int], now: float) -> Batch:
        """Return everything as the rows of one transaction, with the shards to claim updates of."""
        new = [replace(each, age=now - since) for each, since in self.new.values()]
        return Batch(
            new,
            self.ended,
            self.begun,
            self.released,
            self.left,
            [*self.questions.values()],
            claim,
        )

    def put_back(self, failed: Unwritten) -> None:
        """Add the content of a failed transaction; later notes of the same update win."""
        self.new = {**failed.new, **self.new}
        self.ended |= failed.ended
        self.released |= failed.released
        self.left |= failed.left
        self.questions = {**failed.questions, **self.questions}

    def permit(self, may_answer: Callable[[int], bool]) -> None:
        """Decide for each update that waits to be answered, by its number, whether it may be."""
        for number, future in self.begun.items():
            if not future.done():
                future.set_result(may_answer(number))


log = logging.getLogger(__name__)

POLL = 0.04
"""Seconds between two looks for updates that other replicas have written down."""
STALE_QUERY = timedelta(seconds=10)
"""Age after which an inline query is dropped: its letters have been typed on."""
LOOK_ALONE = 5.0
"""The same for a process that is alone: a replica may have written one down after its removal."""
FORGET = 60.0
"""Seconds between two deletions of old rows."""


class SharedUpdates:
    """The updates that this replica has received, claimed and begun to answer.

    `journal` knows those answered by this process alone; `passed` returns monotonic seconds.
    """

    def __init__(
        self,
        table: SharedUpdatesTable,
        journal: UpdateJournal,
        clock: Callable[[], datetime],
        passed: Callable[[], float] = uptime,
    ) -> None:
        self._table = table
        self._journal = journal
        self._clock = clock
        self._passed = passed
        self.replica_id = 0
        self.is_on = False
        """Whether there are other replicas, or updates from when there were."""
        self.is_alone = True
        """Whether there are no other replicas now. Updates are shared until the table has none."""
        self.shards: frozenset[int] = frozenset()
        """The shards that this replica holds and does not give back."""
        self._has_room: Callable[[], bool] = lambda: True
        self._bot: Bot | None = None
        self._questions: SharedQuestions | None = None
        self._accept: Callable[[Update], None] = lambda _: None
        self._say_again: Callable[[Update], None] = lambda _: None
        self._standing_of: Callable[[Update], Standing] = lambda _: Standing.KNOWN
        self._unwritten = Unwritten()
        self._alone: deque[NewUpdate] = deque(maxlen=REMEMBERED)
        """The last updates answered without the table, while this process was alone."""
        self._posts: Counter[int] = Counter()
        """Number of an update → posts of it that wait until it is written down."""
        self._claimed: set[int] = set()
        """Updates that this replica has claimed and not ended."""
        self._kept: set[int] = set()
        """Those of them that a stop leaves to another replica."""
        self._writing = asyncio.Lock()
        self._hurry = asyncio.Event()
        self._is_failing = False
        self._is_unsure = False
        """Whether the table may say of updates that they are ours, though we were not told."""
        self._polling: asyncio.Task[None] | None = None
        self._is_closing = False

    def begin(
        self,
        replica_id: int,
        bot: Bot,
        memory: Memory,
        *,
        accept: Callable[[Update], None],
        say_again: Callable[[Update], None],
        standing_of: Callable[[Update], Standing],
        has_room: Callable[[], bool] = lambda: True,
        is_on: bool,
    ) -> None:
        """Start to claim updates, once others exist.

        `accept` gets each claimed update, in order, while `has_room`. `say_again` gets one that a
        replica began to answer before it died, and ends it once its reader was asked.
        """
        self.replica_id, self.is_on = replica_id, is_on
        self._bot, self._questions = bot, SharedQuestions(memory, self._clock)
        self._accept, self._say_again = accept, say_again
        self._standing_of, self._has_room = standing_of, has_room
        self._polling = asyncio.create_task(self._poll(), name="shared updates")

    def has(self, update: Update) -> bool:
        """Return whether an update is a claimed one."""
        return update.update_id in self._claimed

    def hold(self, shards: frozenset[int], *, shared: bool) -> None:
        """Claim the updates of these shards only; `shared` is whether other replicas exist."""
        self.shards, self.is_alone = shards, not shared
        if not shared or self._questions is None:
            return
        self.is_on = True
        now = self._passed()
        while self._alone:
            new = self._alone.popleft()
            self._unwritten.new[new.update_id] = new, now

    def answered_alone(self, update: Update) -> None:
        """Note an update that was answered without the table, so that no other replica does."""
        new = NewUpdate(update.update_id, item_of(update).shard, "")
        if self.is_on:
            self._unwritten.new[new.update_id] = new, self._passed()
        else:
            self._alone.append(new)

    def add(self, update: Update) -> None:
        """Note an update, to be written down by the next `write`."""
        new = NewUpdate(
            update.update_id,
            item_of(update).shard,
            update.to_json(),
            rank=self._standing_of(update),
        )
        self._unwritten.new[update.update_id] = new, self._passed()

    async def look(self) -> bool:
        """Claim this replica's updates, and write what is pending; return whether any was."""
        return await self._carry_out(look=True)

    async def write(self) -> None:
        """Write down the updates that were added; then also claim those of this replica.

        Those that cannot be written (DatabaseUnavailableError, SQLAlchemyError, OSError) are tried
        again with the next write.
        """
        await self._carry_out()

    async def write_patiently(self) -> None:
        """Write down the updates that were added, however long the database is away."""
        while True:
            try:
                return await self.write()
            except FAILURES as error:
                self._failed(error)
                await asyncio.sleep(POLL)

    async def take_over(self, left: Collection[Update]) -> None:
        """Share the updates that a process which was alone has left in its journal."""
        for update in left:
            self._journal.forget(update)
            self.add(update)
        await self.write()
        for update in left:
            await self._journal.strike_off(update)

    async def accepts(self, update: Update) -> bool:
        """Write down an update that was added; return whether its sender may forget it."""
        number = update.update_id
        self._posts[number] += 1
        try:
            await self.write()
        except FAILURES:
            if self._posts[number] == 1:
                # Telegram keeps it. Another post of it may still wait to write it down.
                self._unwritten.new.pop(number, None)
            return False
        finally:
            self._posts[number] -= 1
            if not self._posts[number]:
                del self._posts[number]
        return True

    async def may_answer(self, update: Update) -> bool:
        """Mark an update before its answer begins; return whether this replica may answer it.

        If the database is away it may: nobody else can claim the update meanwhile.
        """
        if not self.has(update):
            return True
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._unwritten.begun[update.update_id] = done
        try:
            await self._carry_out()
        except Exception as error:  # noqa: BLE001 - the reader gets an answer after any error
            self._failed(error)
            if not done.done():
                done.set_result(True)
        is_ours = await done
        if is_ours:
            self._journal.is_new(identity(update))
        else:
            self._claimed.discard(update.update_id)
        return is_ours

    def end(self, update: Update) -> None:
        """Note that an update was answered or dropped, with the questions that are open now."""
        if update.update_id not in self._claimed or update.update_id in self._kept:
            return
        self._claimed.discard(update.update_id)
        self._unwritten.ended.add(update.update_id)
        if self._questions is not None:
            self._unwritten.questions.update(self._questions.changed_by(update))
        self._hurry.set()

    def keep(self, update: Update) -> None:
        """Note that an update is left to another replica; `leave` decides about it."""
        if update.update_id in self._claimed:
            self._kept.add(update.update_id)

    def leave(self, updates: Collection[Update]) -> None:
        """Give updates of which their readers have seen nothing to another replica at a stop."""
        self._kept.clear()
        for update in updates:
            self.hand_over(update)

    def put_off(self, update: Update) -> None:
        """Note that an update whose answer the database interrupted is to be answered again.

        Only the table says who answers it: this replica may be removed before the database is back.
        """
        if update.update_id in self._claimed and update.update_id not in self._kept:
            self.hand_over(update)
            self._hurry.set()

    def leave_begun(self, update: Update) -> None:
        """Leave it to whoever claims an update to ask its reader: this replica cannot now."""
        number = update.update_id
        if number in self._kept:
            return
        if number in self._claimed:
            self._claimed.discard(number)
            self._unwritten.left.add(number)
        else:
            shard = item_of(update).shard
            new = NewUpdate(number, shard, update.to_json(), begun=True)
            self._unwritten.new[number] = new, self._passed()
        self._hurry.set()

    def hand_over(self, update: Update) -> None:
        """Leave an update of which the reader has seen nothing to the replica that claims it."""
        # That may be this replica, or one that reads which updates this one has seen.
        self._journal.forget(update)
        if update.update_id in self._claimed:
            self._claimed.discard(update.update_id)
            self._unwritten.released.add(update.update_id)
        else:
            self.add(update)

    async def flush(self) -> None:
        """Write what is left to write, at a stop; a failure is only logged."""
        self._is_closing = True
        try:
            await self._carry_out()
        except FAILURES as error:
            self._failed(error)

    async def close(self) -> None:
        """Stop claiming updates."""
        self._is_closing = True
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait({self._polling})
            self._polling = None

    async def gained(self, shards: Collection[int]) -> None:
        """Recall the open questions in the chats of some shards."""
        found = await self._table.open_questions(shards)
        if self._questions is not None:
            # While it was alone, its questions were in its memory only.
            self._questions.learn(shards if self.is_on else (), found)

    async def forget_old(self) -> None:
        """Delete rows that are too old to matter; a failure is only logged."""
        try:
            await self._table.forget_old()
        except FAILURES as error:
            log.debug("old shared updates were not deleted: %s", error)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        forget_at = loop.time() + FORGET
        looked = loop.time()
        while True:
            try:
                async with asyncio.timeout(POLL):
                    await self._hurry.wait()
                self._hurry.clear()
            except TimeoutError:
                pass
            if not self.is_on and loop.time() < looked + LOOK_ALONE:
                continue
            looked = loop.time()
            try:
                if await self.look():
                    self.is_on = True
                elif self.is_alone and not self._is_pending:
                    self.is_on = False
            except FAILURES as error:
                self._failed(error)
            except Exception:
                log.exception("shared updates could not be claimed")
            if loop.time() >= forget_at:
                forget_at = loop.time() + FORGET
                await self.forget_old()

    @property
    def _is_pending(self) -> bool:
        is_waiting = bool(self._unwritten or self._claimed)
        return is_waiting or len(self.shards) < SHARDS or not self._has_room()

    async def _carry_out(self, *, look: bool = False) -> bool:
        """Write what is pending in one transaction, and accept what was claimed; return if any was.

        One task writes for all that wait for the lock, as in the journal. The others return without
        a visit to the database. With `look`, updates are claimed also if nothing is pending.
        """
        async with self._writing:
            if self._is_unsure:
                await self._learn_held()
            claim = self.shards if self._has_room() and not self._is_closing else frozenset()
            batch, self._unwritten = self._unwritten, Unwritten()
            is_writing = bool(batch)
            if not is_writing and not (look and claim):
                return False
            try:
                if is_writing:
                    rows = batch.rows(claim, self._passed())
                    outcome = await self._table.carry_out(self.replica_id, rows)
                else:
                    outcome = await self._table.claim(self.replica_id, claim)
            except BaseException as error:
                # The claim may have been carried out, if only the answer was lost.
                self._is_unsure = self._is_unsure or bool(claim)
                self._unwritten.put_back(batch)
                # Others have removed this replica, which soon learns it and starts over.
                is_removed = isinstance(error, IntegrityError)
                batch.permit(lambda _: not is_removed)
                raise
            self._is_failing = False
            batch.permit(lambda number: number in outcome.begun)
            self._claim_all(outcome.claimed)
            return is_writing or bool(outcome.claimed)

    async def _learn_held(self) -> None:
        """Accept the updates that were claimed for this replica without its learning of it."""
        held = await self._table.held(self.replica_id)
        self._is_unsure = False
        gone = self._unwritten
        known = self._claimed | gone.ended | gone.released | gone.left
        self._claim_all([each for each in held if each.update_id not in known])

    def _claim_all(self, rows: Collection[ClaimedUpdate]) -> None:
        """Accept claimed updates; drop those that cannot be read."""
        for each in rows:
            self._claimed.add(each.update_id)
            try:
                self._claim(each)
            except Exception:
                log.exception("update %d cannot be read", each.update_id)
                self._claimed.discard(each.update_id)
                self._unwritten.ended.add(each.update_id)

    def _claim(self, row: ClaimedUpdate) -> None:
        update = Update.de_json(json.loads(row.body), self._bot)
        age = timedelta(seconds=row.age)
        if is_stale(update, age) or (update.inline_query is not None and age > STALE_QUERY):
            self.end(update)
        elif row.begun:
            self._say_again(update)
        elif self._journal.has_seen(identity(update)):
            self.end(update)
        else:
            self._accept(update)

    def _failed(self, error: Exception) -> None:
        if not self._is_failing:
            log.warning("cannot share updates with the other replicas: %s", error)
        self._is_failing = True
