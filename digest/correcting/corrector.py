"""The corrector: edits the delivered copies of corrected stories, behind all editions.

It looks for copies in the ledger, makes them again, edits them at Telegram's pace, and counts how
each ended. All of it is in the database, so that a new process goes on where another one died; an
edit whose outcome was lost is repeated, and Telegram answers that nothing was to be modified. One
request without an answer delays its own copy; all wait only while nothing gets through.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError
from telegram.error import TelegramError

from digest.correcting.edit_errors import NO_ANSWER, Next, judge_edit
from digest.pacing.priorities import AnswerPriority, Priority
from digest.pacing.telegram_errors import UNREACHED
from storage.db.outage import DatabaseUnavailableError
from storage.desk.corrections import AGAIN, EditOutcome
from storage.model.edition_model import OPEN
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from typing import Any

    from digest.correcting.copy_builder import CopyBuilder, Remade
    from digest.correcting.edit_errors import Verdict
    from digest.correcting.shared_cards import SharedCards
    from digest.making.request_body import RequestBody
    from digest.pacing.rate_limiter import RateLimiter
    from storage.desk.corrections import Copy, Corrections

log = logging.getLogger(__name__)

BATCH = 256
"""Copies read and made at a time."""
IN_FLIGHT = 64
"""Maximum number of edits in progress at a time."""
ENOUGH = 64
"""Outcomes recorded in one transaction."""
LOOK = 2.0
"""Seconds between two looks for new corrections, which another process may have made."""
PATIENCE = 2.0
"""Seconds that an edit waits for its chat's limit; for a longer wait the copy is postponed."""
OUTAGE = 16
"""Requests without an answer after which edits pause; 1 of 5 fails so often once in 10^11."""


class EditingOutbox(Protocol):
    """An editor of delivered messages."""

    async def edit(self, chat_id: int, message_id: int, payload: RequestBody) -> None:
        """Replace the content of a message; raise TelegramError if refused or out of reach."""


class Corrector:
    """Edits delivered copies until each is edited or given up."""

    def __init__(
        self,
        corrections: Corrections,
        copies: CopyBuilder,
        outbox: EditingOutbox,
        rate_limiter: RateLimiter,
        *,
        clock: Callable[[], datetime],
        answer_priority: AnswerPriority | None = None,
        shared: SharedCards | None = None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._corrections = corrections
        self._copies = copies
        self._outbox = outbox
        self._rate_limiter = rate_limiter
        self._clock = clock
        self._answer_priority = answer_priority or AnswerPriority()
        self._shared = shared
        self._in_flight = in_flight
        self._kicked = asyncio.Event()
        self._failures = 0
        self._closures = 0
        self._closed_until: datetime | None = None
        self._stopped = False
        self._todo: deque[tuple[Copy, Remade, int]] = deque()
        """Copies that were read, their messages, and the newest correction that these show."""
        self._reading = asyncio.Lock()
        self._busy: set[int] = set()
        """The ids of deliveries that are being edited, or whose outcome is not recorded yet."""
        self._outcomes: list[EditOutcome] = []
        self._parts: dict[tuple[int, int], tuple[int, int]] = {}
        """Postponed copy → the newest correction that its first messages show, and their number."""
        self._broken: Exception | None = None

    def kick(self) -> None:
        """Note that there is a new correction, and wake the corrector."""
        self._kicked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Edit copies until `stop` is set."""
        while not stop.is_set():
            self._kicked.clear()
            try:
                await self._until(stop, self.drain())
            except DatabaseUnavailableError as error:
                await self._until(stop, error.over())
                continue
            except LeaseLostError:
                raise
            except DBAPIError:
                log.exception("The corrections cannot be read or written")
            except Exception:
                # Copies wait in the database; a bug must not end the corrector.
                log.exception("The corrector failed because of a bug")
            if self._stopped:
                return
            await self._until(stop, self._kicked.wait(), LOOK)

    async def drain(self) -> int:
        """Look for copies, edit all that may be edited now, and return how many ended."""
        ended = await self._record()
        self._busy.clear()
        open_ = await self._corrections.open()
        if not open_:
            self._parts.clear()
            return ended
        self._copies.forget()
        for number in open_:
            await self._corrections.search(number)
        ended += await self._edit_all()
        for number in open_:
            if self._is_closed():
                break
            if self._shared is None or await self._shared.edit(number):
                await self._corrections.close(number, self._clock())
        return ended

    async def _edit_all(self) -> int:
        ended = 0
        self._broken = None
        while not self._is_closed():
            # After an outage one copy at a time shows whether Telegram can be reached again.
            probing = self._closed_until is not None
            workers = [
                asyncio.create_task(self._work(probing=probing))
                for _ in range(1 if probing else self._in_flight)
            ]
            try:
                ended += sum(await asyncio.gather(*workers))
            finally:
                self._todo.clear()
                for worker in workers:
                    worker.cancel()
                await asyncio.wait(workers)
                ended += await asyncio.shield(self._record())
            if self._broken is not None:
                raise self._broken
            if not probing or self._closed_until is not None:
                break
        return ended

    async def _work(self, *, probing: bool) -> int:
        """Edit one copy after another, until none is left; return how many outcomes it recorded."""
        ended = 0
        while self._broken is None and probing == (self._closed_until is not None):
            try:
                found = await self._next(1 if probing else BATCH)
                if found is None:
                    break
                if not self._answer_priority.is_free:
                    await self._answer_priority.give()
                outcome = await self._edit(*found)
                if outcome is None:
                    self._busy.discard(found[0].row.id)
                    continue
                self._outcomes.append(outcome)
                if len(self._outcomes) >= ENOUGH:
                    ended += await self._record()
            except Exception as error:  # noqa: BLE001 - raised once the other edits have ended
                self._broken = error
        return ended

    async def _next(self, most: int) -> tuple[Copy, Remade, int] | None:
        """Return a copy that may be edited now, or None; read so many if none is at hand."""
        async with self._reading:
            if self._is_closed():
                return None
            if not self._todo:
                waiting = await self._corrections.waiting(
                    self._clock(), limit=most + len(self._busy)
                )
                # A message is edited for one correction at a time, so the newest texts arrive last.
                fresh: dict[int, Copy] = {}
                for each in waiting:
                    if each.row.id not in self._busy:
                        fresh.setdefault(each.row.id, each)
                copies = [*fresh.values()]
                made = await self._copies.make(copies, let_others=self._answer_priority.give)
                newest = self._copies.newest
                self._todo.extend((*pair, newest) for pair in zip(copies, made, strict=True))
            if not self._todo:
                return None
            found = self._todo.popleft()
            self._busy.add(found[0].row.id)
            return found

    async def _record(self) -> int:
        """Record how edits went, now or with the next ones; return how many copies ended."""
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes:
            return 0
        try:
            await self._corrections.settle(outcomes)
        except BaseException:
            self._outcomes += outcomes
            raise
        self._busy.difference_update(each.delivery_id for each in outcomes)
        return sum(each.retry_at is None for each in outcomes)

    async def _edit(self, copy: Copy, remade: Remade, newest: int) -> EditOutcome | None:
        """Edit the messages of one copy; return how it went, or None to leave it for later."""
        ids = (copy.correction_id, copy.row.id)
        if copy.row.state.value in OPEN:
            # Its later parts are still to be sent.
            return EditOutcome(*ids, retry_at=self._clock() + AGAIN)
        if not remade.changes or remade.error is not None:
            return EditOutcome(*ids, remade.error, counted=remade.changes)
        made_for, done = self._parts.pop(ids, (newest, 0))
        done = done if made_for == newest else 0
        parts = zip(copy.message_ids, remade.parts, strict=False)
        for number, (message_id, part) in enumerate(parts):
            if part is None or number < done:
                continue
            outcome = await self._edit_message(copy, message_id, part, remade)
            if outcome is not None:
                if outcome.retry_at is not None and number:
                    self._parts[ids] = (newest, number)
                return outcome if outcome.counted else None
        return EditOutcome(*ids, newest=newest)

    async def _edit_message(
        self, copy: Copy, message_id: int, part: RequestBody, remade: Remade
    ) -> EditOutcome | None:
        """Edit one message; return None once it has the content, else its copy's outcome."""
        chat_id, ids = copy.row.chat_id, (copy.correction_id, copy.row.id)
        plain = bare = False
        while True:
            wait = self._rate_limiter.wait_for(chat_id, Priority.CORRECTION)
            if wait > PATIENCE:
                return EditOutcome(*ids, retry_at=self._clock() + timedelta(seconds=wait))
            await self._rate_limiter.acquire(chat_id, Priority.CORRECTION)
            error = await self._request(copy, message_id, part.plain() if plain else part)
            if error is None:
                self._answered()
                return None
            verdict = judge_edit(
                error,
                attempts=copy.attempts,
                now=self._clock(),
                plain=plain,
                form=remade.form,
            )
            if verdict.step is Next.AGAIN or verdict.error == NO_ANSWER:
                self._not_answered()
            else:
                self._answered()
            if verdict.step is Next.DONE:
                return None
            if verdict.step is Next.PLAIN and part.text:
                plain = True
            elif verdict.step is Next.WITHOUT_PICTURES and not bare:
                bare = True
                part = self._copies.without_pictures(copy) or part
            else:
                return self._ended(copy, verdict)

    async def _request(self, copy: Copy, message_id: int, part: RequestBody) -> Exception | None:
        """Ask Telegram to edit a message; return the error, or None if it is edited."""
        try:
            await self._outbox.edit(copy.row.chat_id, message_id, part)
        except LeaseLostError:
            raise
        except Exception as error:
            if not isinstance(error, TelegramError):
                log.exception("Delivery %d could not be corrected because of a bug", copy.row.id)
            return error
        return None

    def _ended(self, copy: Copy, verdict: Verdict) -> EditOutcome:
        ids, now = (copy.correction_id, copy.row.id), self._clock()
        match verdict.step:
            case Next.WAIT:
                retry = verdict.retry_at or now + AGAIN
                self._rate_limiter.flooded(copy.row.chat_id, (retry - now).total_seconds())
                return EditOutcome(*ids, retry_at=retry)
            case Next.AGAIN:
                return EditOutcome(*ids, verdict.error, retry_at=verdict.retry_at)
            case Next.STOP:
                self._stopped = True
                return EditOutcome(*ids, counted=False)
        return EditOutcome(*ids, error=verdict.error)

    def _answered(self) -> None:
        self._failures = self._closures = 0
        self._closed_until = None

    def _not_answered(self) -> None:
        """Note a request without an answer; edit nothing for a while if nothing gets through."""
        self._failures += 1
        if self._failures >= OUTAGE and not self._is_closed():
            pause = timedelta(seconds=UNREACHED.pause(self._closures))
            self._closed_until = self._clock() + pause
            self._closures += 1

    def _is_closed(self) -> bool:
        if self._stopped or self._closed_until is None:
            return self._stopped
        # A clock that is set back does not keep it closed.
        left = (self._closed_until - self._clock()).total_seconds()
        return 0 < left <= UNREACHED.longest

    @staticmethod
    async def _until(
        stop: asyncio.Event, what: Coroutine[Any, Any, object], seconds: float | None = None
    ) -> None:
        """Wait for something until a stop or so many seconds; cancel it or raise its error."""
        doing = asyncio.ensure_future(what)
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait(
                {doing, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if doing.done():
                doing.result()
        finally:
            stopping.cancel()
            if not doing.done():
                doing.cancel()
                # Not `wait`: what failed meanwhile, as its connection did, would be logged.
                await asyncio.gather(doing, return_exceptions=True)
