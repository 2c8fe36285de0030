"""The corrector: edits the delivered copies of corrected stories, behind all editions.

It looks for copies in the ledger, makes them again, edits them at Telegram's pace, and counts how
each ended. All of it is in the database, so that a new process goes on where another one died; an
edit whose outcome was lost is repeated, and Telegram answers that nothing was to be modified.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError
from telegram.error import TelegramError

from digest.correcting.copy_builder import NOTHING_TO_CHANGE
from digest.correcting.edit_errors import Next, judge_edit
from digest.pacing.priorities import AnswerPriority, Priority
from storage.db.outage import DatabaseUnavailableError
from storage.desk.corrections import AGAIN, EditOutcome
from storage.model.edition_model import OPEN
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
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
LONGEST_REST = timedelta(seconds=30)


class EditingOutbox(Protocol):
    """An editor of delivered messages."""

    async def edit(self, chat_id: int, message_id: int, payload: RequestBody) -> None:
        """Replace the content of a message.

        Raises:
            telegram.error.TelegramError: Telegram refused, or could not be reached.
            LeaseLostError: Another process serves the archive now; nothing was edited.
        """


class Corrector:
    """Edits delivered copies until each is edited or given up.

    Args:
        corrections: The corrections and their copies.
        copies: Makes messages again.
        outbox: Edits messages.
        rate_limiter: Telegram's limits, shared with everything else that sends.
        clock: Returns the current time.
        answer_priority: Pauses the corrector while answers are made.
        shared: Edits the cards that readers sent to friends; None for none.
        in_flight: Maximum number of edits in progress at a time.
    """

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
        self._closed_until: datetime | None = None
        self._stopped = False

    def kick(self) -> None:
        """Note that there is a new correction, and wake the corrector."""
        self._kicked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Edit copies until `stop` is set.

        Raises:
            LeaseLostError: Another process serves the archive now.
        """
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
        """Look for copies, edit all that may be edited now, and return how many ended.

        Raises:
            LeaseLostError: Another process serves the archive now.
        """
        open_ = await self._corrections.open()
        if not open_:
            return 0
        self._copies.forget()
        ended = 0
        for number in open_:
            await self._corrections.copy_search.search(number)
        ended += await self._edit_all()
        for number in open_:
            if self._shared is not None and not self._is_closed():
                ended += await self._shared.edit(number)
            await self._corrections.close(number, self._clock())
        return ended

    async def _edit_all(self) -> int:
        ended = 0
        after = (0, 0)
        while not self._is_closed():
            copies = await self._corrections.waiting(self._clock(), limit=BATCH, after=after)
            if not copies:
                break
            after = (copies[-1].correction_id, copies[-1].row.id)
            ended += await self._edit_batch(copies)
            if len(copies) < BATCH:
                break
        return ended

    async def _edit_batch(self, copies: Sequence[Copy]) -> int:
        """Edit these copies, and record in parts how it went; return how many ended."""
        if not self._answer_priority.is_free:
            await self._answer_priority.give()
        made = await self._copies.make(copies, let_others=self._answer_priority.give)
        todo = list(zip(copies, made, strict=True))[::-1]
        outcomes: list[EditOutcome] = []
        ended = 0

        async def work() -> None:
            nonlocal outcomes, ended
            while todo and not self._is_closed():
                copy, remade = todo.pop()
                if not self._answer_priority.is_free:
                    await self._answer_priority.give()
                outcome = await self._edit(copy, remade)
                if outcome is None:
                    continue
                outcomes.append(outcome)
                ended += outcome.retry_at is None
                if len(outcomes) >= ENOUGH:
                    full, outcomes = outcomes, []
                    await self._corrections.settle(full)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._in_flight, len(todo))):
                    group.create_task(work())
        except* (DatabaseUnavailableError, LeaseLostError, DBAPIError) as failed:
            raise failed.exceptions[0] from None
        finally:
            if outcomes:
                await asyncio.shield(self._corrections.settle(outcomes))
        return ended

    async def _edit(self, copy: Copy, remade: Remade) -> EditOutcome | None:
        """Edit the messages of one copy; return how it went, or None to leave it for later."""
        number = copy.row.id
        if copy.row.state.value in OPEN:
            # Its later parts are still to be sent.
            return EditOutcome(copy.correction_id, number, retry_at=self._clock() + AGAIN)
        if remade is NOTHING_TO_CHANGE or remade.error is not None:
            return EditOutcome(copy.correction_id, number, remade.error, counted=remade.changes)
        for message_id, part in zip(copy.message_ids, remade.parts, strict=False):
            if part is None:
                continue
            outcome = await self._edit_message(copy, message_id, part, remade)
            if outcome is not None:
                return outcome if outcome.counted else None
        return EditOutcome(copy.correction_id, number)

    async def _edit_message(
        self, copy: Copy, message_id: int, part: RequestBody, remade: Remade
    ) -> EditOutcome | None:
        """Edit one message; return None once it has the content.

        Otherwise the outcome of its copy; one that does not count means that nothing is known and
        that nothing is edited for now.
        """
        chat_id, ids = copy.row.chat_id, (copy.correction_id, copy.row.id)
        plain = bare = False
        while True:
            wait = self._rate_limiter.wait_for(chat_id, Priority.CORRECTION)
            if wait > PATIENCE:
                return EditOutcome(*ids, retry_at=self._clock() + timedelta(seconds=wait))
            await self._rate_limiter.acquire(chat_id, Priority.CORRECTION)
            error = await self._request(copy, message_id, part.plain() if plain else part)
            if error is None:
                self._failures = 0
                return None
            verdict = judge_edit(
                error,
                attempts=copy.attempts,
                now=self._clock(),
                failures=self._failures,
                plain=plain,
                form=remade.form,
            )
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
        """Ask Telegram to edit a message; return the error, or None if it is edited.

        Raises:
            LeaseLostError: Another process serves the archive now.
        """
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
        """Return the outcome of a copy with a message that could not be edited now."""
        ids, now = (copy.correction_id, copy.row.id), self._clock()
        match verdict.step:
            case Next.WAIT:
                retry = verdict.retry_at or now + AGAIN
                self._rate_limiter.flooded(copy.row.chat_id, (retry - now).total_seconds())
                return EditOutcome(*ids, retry_at=retry)
            case Next.AGAIN:
                self._failures += 1
                self._closed_until = verdict.retry_at
                return EditOutcome(*ids, retry_at=verdict.retry_at)
            case Next.STOP:
                self._stopped = True
                return EditOutcome(*ids, counted=False)
        return EditOutcome(*ids, error=verdict.error)

    def _is_closed(self) -> bool:
        """Return whether nothing is to be edited now."""
        if self._stopped:
            return True
        return self._closed_until is not None and self._clock() < self._closed_until

    @staticmethod
    async def _until(
        stop: asyncio.Event, what: Coroutine[Any, Any, object], seconds: float | None = None
    ) -> None:
        """Wait for something or a stop, at most `seconds`; what is not done then is cancelled.

        Raises:
            Exception: What was waited for raised it.
        """
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
