"""Cards that readers sent to friends by inline mode, edited when their story is corrected."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from telegram.error import TelegramError

from digest.correcting.edit_errors import NOT_TEXT, Next, judge_edit
from digest.pacing.priorities import Priority

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from digest.correcting.edit_errors import Verdict
    from digest.making.request_body import RequestBody
    from digest.pacing.rate_limiter import RateLimiter
    from storage.articles.articles import Articles
    from storage.desk.corrections import Corrections
    from storage.model import Article
    from storage.readers.share_messages import SharedMessage, ShareMessages

log = logging.getLogger(__name__)


class InlineOutbox(Protocol):
    """An editor of messages that were sent by inline mode."""

    async def edit_inline(self, inline_message_id: str, payload: RequestBody) -> None:
        """Replace the content of a message; raise TelegramError if refused or out of reach."""


class SharedCards:
    """Edits the shared cards of a corrected story. They are not counted as copies."""

    def __init__(
        self,
        corrections: Corrections,
        messages: ShareMessages,
        articles: Articles,
        *,
        card: Callable[[Article, SharedMessage, str], RequestBody],
        outbox: InlineOutbox,
        rate_limiter: RateLimiter,
        clock: Callable[[], datetime],
    ) -> None:
        self._corrections = corrections
        self._messages = messages
        self._articles = articles
        self._card = card
        self._outbox = outbox
        self._rate_limiter = rate_limiter
        self._clock = clock
        self._left: dict[int, list[tuple[SharedMessage, int, datetime]]] = {}
        """Correction → its messages that are still to be edited, their tries, and the next time."""

    async def edit(self, correction_id: int) -> bool:
        """Edit the cards of a correction's story once; return False to try the unanswered again."""
        left = self._left.get(correction_id)
        if left == []:
            return True
        correction = await self._corrections.get(correction_id)
        article = None
        if correction is not None:
            article = await self._articles.get(correction.article_id)
        if correction is None or article is None:
            return True
        if left is None:
            messages = await self._messages.of_article(article.id)
            left = [(each, 0, self._clock()) for each in messages]
        self._left[correction_id] = []
        for message, tries, at in left:
            again: datetime | None = at
            if at <= self._clock():
                again = await self._edit(message, article, correction.reason or "", tries)
            if again is not None:
                self._left[correction_id].append((message, tries + (again != at), again))
        return not self._left[correction_id]

    async def _edit(
        self, message: SharedMessage, article: Article, reason: str, tries: int
    ) -> datetime | None:
        """Edit one card; return when to try again, or None if it is edited or given up."""
        card = self._card(article, message, reason)
        verdict = await self._try(message, card, tries)
        if verdict is not None and verdict.error == NOT_TEXT:
            # It was sent with an editor's picture, so its text is a caption.
            verdict = await self._try(message, card.captioned(), tries)
        if verdict is None or verdict.step is Next.DONE:
            return None
        if verdict.retry_at is None:
            log.warning("A shared card could not be corrected: %s", verdict.error)
        return verdict.retry_at

    async def _try(self, message: SharedMessage, card: RequestBody, tries: int) -> Verdict | None:
        await self._rate_limiter.acquire(message.inline_message_id, Priority.CORRECTION)
        try:
            await self._outbox.edit_inline(message.inline_message_id, card)
        except TelegramError as error:
            return judge_edit(error, attempts=tries, now=self._clock())
        return None
