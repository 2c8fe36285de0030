"""The delivery of one row's messages to its chat, with the handling of Telegram's errors."""

from __future__ import annotations

import logging
from collections import deque
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Protocol

from telegram.error import InvalidToken, NetworkError, TelegramError

from digest.pacing.priorities import Priority
from digest.pacing.reachability import TelegramLine
from digest.pacing.telegram_errors import BAD_PICTURE, REFUSED, Action, UnknownMethodError, judge
from digest.planning.paid_broadcast import FREE_RATE
from storage.db.outage import patiently
from storage.model import DeliveryState, Form, Settlement
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from digest.making.issue import Issue
    from digest.making.request_body import RequestBody
    from digest.making.rich_messages import RichMessages
    from digest.pacing.priorities import AnswerPriority
    from digest.pacing.rate_limiter import RateLimiter
    from digest.pacing.telegram_errors import Judgement
    from digest.sending.ledger_writer import LedgerWriter
    from storage.ledger.deliveries import Deliveries
    from storage.model import Delivery
    from storage.readers.subscribers import Subscribers


LOWER = {
    Action.WITHOUT_PICTURES: Form.RICH,
    Action.HTML: Form.HTML,
    Action.NO_METHOD: Form.HTML,
}
"""The form to send after each error."""
SHOWN = 4_000
"""Maximum number of characters of refused blocks in the log."""


class DeliveryProgress:
    """The progress of one ledger row through its messages."""

    __slots__ = (
        "chat_id",
        "fee_refused",
        "issue",
        "message_ids",
        "moved",
        "paid",
        "part",
        "plain",
        "row",
    )

    def __init__(self, row: Delivery, issue: Issue, *, paid: bool = False) -> None:
        self.row = row
        self.issue = issue
        self.chat_id = row.chat_id
        self.part = row.part
        self.message_ids: list[int] = []
        self.plain = False
        self.moved = False
        self.paid = paid
        self.fee_refused = False


class FormLadder:
    """Moves rows to a lower form when Telegram refuses the current one.

    The forms of a front page are: with pictures, without, and as a plain edition. A form is stored
    in the ledger before it is sent. A message that is repeated because a request ended without an
    answer, even after a restart, keeps its form: two equal copies disturb a reader less than two
    different ones.
    """

    def __init__(self, rich: RichMessages, ledger_writer: LedgerWriter) -> None:
        self._rich = rich
        self._ledger_writer = ledger_writer
        self._logged: deque[str | None] = deque(maxlen=64)

    def known(self, issue: Issue) -> Issue:
        """Return the issue, or its plain form if the server does not support rich messages."""
        plain = issue.form in {Form.HTML, Form.CAPTIONED}
        if self._rich.are_known or issue.lower is None or plain:
            return issue
        return issue.lower(Form.HTML)

    async def step_down(self, progress: DeliveryProgress, verdict: Judgement) -> bool:
        """Prepare a row's next lower form; return False if there is none or it is not allowed.

        It is not allowed after a request that may have been carried out: a later refusal does not
        prove that nothing arrived. A request for an unknown method was certainly not carried out.
        """
        row, issue = progress.row, progress.issue
        unknown = verdict.action is Action.NO_METHOD
        if issue.lower is None or (row.attempts and not unknown):
            return False
        lower = issue.lower(LOWER[verdict.action])
        if lower.error is not None:
            return False
        if verdict.error == BAD_PICTURE:
            await self._rich.forget_pictures(issue.pictures)
        if not unknown:
            self._log(progress, verdict, lower)
        progress.issue = lower
        await self._ledger_writer.settle(
            Settlement(
                row.id,
                DeliveryState.SENDING,
                part=progress.part,
                message_ids=tuple(progress.message_ids),
                form=lower.form,
            )
        )
        return True

    def _log(self, progress: DeliveryProgress, verdict: Judgement, lower: Issue) -> None:
        issue = progress.issue
        log.error(
            "Telegram refuses the blocks of delivery %d, with the articles %s (%s); "
            "it goes out as %s",
            progress.row.id,
            list(issue.articles),
            verdict.telegram_words,
            "the plain edition" if lower.form is Form.HTML else "one without pictures",
        )
        if lower.form is Form.HTML and issue.shown not in self._logged:
            # Many readers get the same blocks: log them once.
            self._logged.append(issue.shown)
            log.error(
                "the message that Telegram refused: %s", issue.parts[0].rich_message()[:SHOWN]
            )


log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a message waits for its chat's limit; for a longer wait the row is postponed."""
LATE_CLAIM = timedelta(seconds=0.25)
"""If claiming a row takes longer, it waits at the rate limiter afterwards, and so do the next ones.

All rows with claims that waited for the database would otherwise leave together.
"""


class Outbox(Protocol):
    """A sender of prepared messages."""

    async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
        """Send a message to a chat, or its topic if not 0; return its id or raise TelegramError."""


class StoppedError(Exception):
    """Nothing can be sent any more, and trying again would not help. The text says why."""


class DeliverySender:
    """Sends the messages of each row in turn, starting from the first unsent part."""

    def __init__(
        self,
        deliveries: Deliveries,
        subscribers: Subscribers,
        outbox: Outbox,
        rate_limiter: RateLimiter,
        ledger_writer: LedgerWriter,
        *,
        claims: LedgerWriter,
        on_turn: Callable[[], None],
        clock: Callable[[], datetime],
        answer_priority: AnswerPriority,
        rich: RichMessages,
        paid: bool = False,
        on_gone: Callable[[Sequence[int]], Awaitable[None]] | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._subscribers = subscribers
        self._outbox = outbox
        self._rate_limiter = rate_limiter
        self._claims = claims
        self._on_turn = on_turn
        self._ledger_writer = ledger_writer
        self._clock = clock
        self._answer_priority = answer_priority
        self._rich = rich
        self._ladder = FormLadder(rich, ledger_writer)
        self._paid = paid
        self._on_gone = on_gone
        self.line = TelegramLine()
        self._claims_are_late = False
        self._ahead: set[int] = set()
        """Rows that are claimed before their turn."""
        self.later: set[int] = set()
        """When postponed rows are due again, in seconds since 1970."""

    async def at_gate(self, row: Delivery, priority: Priority) -> bool:
        """Wait, cancellably, for a row's turn; return False if its chat's limit postpones it."""
        wait = self._rate_limiter.wait_for(row.chat_id, priority)
        if wait > PATIENCE:
            await self._put_off(row, row.part, (), wait)
            return False
        if self._claims_are_late and priority is not Priority.ANSWER:
            self._ahead.add(row.id)
        else:
            await self._rate_limiter.acquire(row.chat_id, priority)
            self._on_turn()
        return True

    async def deliver(self, row: Delivery, issue: Issue, priority: Priority) -> DeliveryState:
        """Claim a row that has passed `at_gate`, send and settle it; `SKIPPED` if already claimed.

        Raises StoppedError if Telegram does not know the bot any more.
        """
        urgent = priority is Priority.ANSWER
        issue = self._ladder.known(issue)
        if not await self._claimed(row, issue.form, priority):
            return DeliveryState.SKIPPED
        if not (urgent or self._answer_priority.is_free):
            await self._answer_priority.give()
        progress = DeliveryProgress(row, issue, paid=self._paid and not urgent)
        if row.part:
            messages = await patiently(lambda: self._deliveries.messages(row.id))
            progress.message_ids = list(messages)
        while progress.part < len(progress.issue.parts):
            if progress.part > row.part:
                wait = self._rate_limiter.wait_for(progress.chat_id, priority)
                if wait > PATIENCE:
                    return await self._put_off(
                        row, progress.part, tuple(progress.message_ids), wait
                    )
                await self._rate_limiter.acquire(progress.chat_id, priority)
            verdict = await self._try(progress)
            if verdict is None:
                if progress.part < len(progress.issue.parts):
                    await self._settle(progress, DeliveryState.SENDING, urgent=urgent)
            elif not await self._mend(progress, verdict):
                return await self._conclude(progress, verdict)
        await self._settle(progress, DeliveryState.SENT, urgent=urgent)
        return DeliveryState.SENT

    async def _claimed(self, row: Delivery, form: Form | None, priority: Priority) -> bool:
        urgent = priority is Priority.ANSWER
        asked = self._clock()
        try:
            if not await self._claims.claim(row.id, form=form, urgent=urgent):
                return False
            self._claims_are_late = self._clock() - asked > LATE_CLAIM
            waits = not urgent and (self._claims_are_late or row.id in self._ahead)
        finally:
            self._ahead.discard(row.id)
        if waits and self._rate_limiter.wait_for(row.chat_id) <= PATIENCE:
            await self._rate_limiter.acquire(row.chat_id, priority)
        self._on_turn()
        return True

    async def _try(self, progress: DeliveryProgress) -> Judgement | None:
        """Send the next part; return None if it arrived, and otherwise the meaning of the error."""
        row, number = progress.row, progress.part
        payload = progress.issue.parts[number]
        if progress.plain:
            payload = payload.plain()
        # Only the first message of an edition makes a sound.
        if row.silent or number:
            payload = payload.silent()
        if progress.paid:
            payload = payload.paid()
        try:
            message_id = await self._outbox.send(progress.chat_id, row.thread_id, payload)
        except LeaseLostError:
            raise  # not sent; the serving process will send it
        except Exception as error:
            if not isinstance(error, TelegramError):
                log.exception("Delivery %d failed because of a bug", row.id)
            return await self._judge(progress, error)
        self.line.answered()
        progress.message_ids.append(message_id)
        progress.part += 1
        progress.plain = False
        if progress.fee_refused:
            self._pay_no_more()
        return None

    def _pay_no_more(self) -> None:
        """Stop paying: the message arrived without the fee, so Telegram had refused the fee."""
        if not self._paid:
            return
        self._paid = False
        self._rate_limiter.limit(FREE_RATE)
        log.error(
            "Telegram does not let this bot pay for more than %d messages a second, so that is the "
            "rate from now on; look at the bot's Stars, and at Paid Broadcasts in @BotFather. "
            "The next start tries again",
            FREE_RATE,
        )

    async def _judge(self, progress: DeliveryProgress, error: Exception) -> Judgement:
        if isinstance(error, UnknownMethodError):
            error = await self._what_is_unknown(error)
        row, now = progress.row, self._clock()
        verdict = judge(
            error,
            attempts=row.attempts,
            now=now,
            failures=self.line.tries(row.id),
            plain=progress.plain,
            form=progress.issue.form,
        )
        if not verdict.reached and self.line.failed(row, now):
            log.warning(
                "Telegram cannot be reached (%s); next try at %s",
                error,
                f"{self.line.closed_until:%H:%M:%S} UTC",
            )
        elif verdict.reached and isinstance(error, TelegramError):
            self.line.answered()
        if verdict.action is Action.WAIT and verdict.retry_at is not None:
            self._rate_limiter.flooded(progress.chat_id, (verdict.retry_at - now).total_seconds())
        return verdict

    async def _what_is_unknown(self, error: UnknownMethodError) -> Exception:
        """Ask Telegram whether a 404 concerns the method or the bot; return the error to handle.

        It is the same error for an unknown method, `InvalidToken` for an unknown bot, and
        `NetworkError` if Telegram could not be asked.
        """
        try:
            return error if await self._rich.method_is_unknown() else InvalidToken()
        except TelegramError as asked:
            # Nothing was sent, whether or not Telegram could be asked.
            return NetworkError(str(asked))

    async def _mend(self, progress: DeliveryProgress, verdict: Judgement) -> bool:
        if verdict.error == REFUSED and progress.paid:
            # Telegram may have refused the fee rather than the text.
            progress.paid = False
            progress.fee_refused = True
            return True
        progress.fee_refused = False
        if verdict.action is Action.PLAIN:
            log.error(
                "Telegram refuses the markup of part %d of delivery %d, with the articles %s; "
                "it goes out as plain text",
                progress.part + 1,
                progress.row.id,
                list(progress.issue.articles),
            )
            progress.plain = True
            return True
        if verdict.action in LOWER:
            return await self._ladder.step_down(progress, verdict)
        new = verdict.chat_id
        if verdict.action is Action.MOVE and new is not None and not progress.moved:
            await patiently(lambda: self._subscribers.move_chat(progress.chat_id, new))
            self._rate_limiter.moved(progress.chat_id, new)
            progress.chat_id = new
            progress.moved = True
            return True
        return False

    async def _conclude(self, progress: DeliveryProgress, verdict: Judgement) -> DeliveryState:
        """Settle a row that could not be sent, and return its state, or raise StoppedError."""
        row = progress.row
        match verdict.action:
            case Action.WAIT | Action.AGAIN | Action.UNCLEAR:
                state = DeliveryState.PLANNED
            case Action.GONE:
                state = DeliveryState.FAILED
                await self._gone(progress.chat_id, None)
            case Action.TOPIC_GONE:
                # Topic 0 is General: the group's other topics may still be open.
                state = DeliveryState.FAILED
                await self._gone(progress.chat_id, row.thread_id)
            case Action.STOP:
                # The row is not at fault: it waits for the next start.
                state = DeliveryState.PLANNED
            case _:
                state = DeliveryState.FAILED
                log.error(
                    "Delivery %d, with the articles %s, cannot be sent: %s",
                    row.id,
                    list(progress.issue.articles),
                    verdict.error,
                )
        await self._settle(
            progress,
            state,
            error=verdict.error,
            not_before=verdict.retry_at,
            unclear=verdict.in_doubt,
        )
        if verdict.action is Action.STOP:
            raise StoppedError(
                "Telegram does not know the bot's token (any more): put the one that @BotFather "
                "shows for it into TELEGRAM_BOT_TOKEN"
            )
        return state

    async def _gone(self, chat_id: int, thread_id: int | None) -> None:
        went = await patiently(lambda: self._subscribers.gone(chat_id, thread_id))
        if went and self._on_gone is not None:
            await self._on_gone(went)

    async def _settle(
        self,
        progress: DeliveryProgress,
        state: DeliveryState,
        *,
        error: str | None = None,
        not_before: datetime | None = None,
        unclear: bool = False,
        urgent: bool = False,
    ) -> None:
        if not_before is not None:
            self.later.add(ceil(not_before.timestamp()))
        await self._ledger_writer.settle(
            Settlement(
                progress.row.id,
                state,
                part=progress.part,
                not_before=not_before,
                error=error,
                message_ids=tuple(progress.message_ids),
            ),
            shown=progress.issue.shown if progress.part else None,
            issue=progress.issue.sent if progress.part else None,
            unclear=unclear,
            urgent=urgent,
        )

    async def _put_off(
        self, row: Delivery, part: int, message_ids: tuple[int, ...], seconds: float
    ) -> DeliveryState:
        not_before = self._clock() + timedelta(seconds=seconds)
        self.later.add(ceil(not_before.timestamp()))
        await self._ledger_writer.settle(
            Settlement(
                row.id,
                DeliveryState.PLANNED,
                part=part,
                not_before=not_before,
                message_ids=message_ids,
            )
        )
        return DeliveryState.PLANNED
