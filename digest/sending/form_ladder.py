"""The forms of a front page: with pictures, without, and as a plain edition.

The form is stored in the ledger before it is sent. A message that is repeated because a request
ended without an answer, even after a restart, keeps its form: two equal copies disturb a reader
less than two different ones.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from digest.pacing.telegram_errors import BAD_PICTURE, Action
from storage.model import DeliveryState, Form, Settlement

if TYPE_CHECKING:
    from digest.making.issue import Issue
    from digest.making.rich_messages import RichMessages
    from digest.pacing.telegram_errors import Judgement
    from digest.sending.ledger_writer import LedgerWriter
    from storage.model import Delivery

log = logging.getLogger(__name__)

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
    """Moves rows to a lower form when Telegram refuses the current one."""

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
