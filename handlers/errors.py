"""What no handler expected: logged first, then one friendly line."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram import Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError

from digest.pacing.telegram_errors import Action, judge
from handlers.core.tap_answers import answer_tap
from storage.db.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Message

    from handlers.core.context import Context

log = logging.getLogger(__name__)

HARMLESS = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to edit not found",
    "message can't be edited",
)
"""What Telegram refuses after a double tap, or where a message is gone."""
CLOSED = frozenset({Action.GONE, Action.TOPIC_GONE, Action.MOVE})
"""What the sender makes of a refusal in a chat that is closed to us, or while it moves."""


async def failed(update: object, context: Context) -> None:
    """Take any error of any handler. It raises none itself."""
    error = context.error
    if harmless(error, context.now):
        log.info("Telegram took no answer: %s", error)
        if isinstance(update, Update) and update.callback_query is not None:
            # No button is left spinning, not even one whose message is gone.
            with suppress(TelegramError):
                await answer_tap(update.callback_query)
        return
    if (
        isinstance(error, DatabaseUnavailableError)
        and isinstance(update, Update)
        and context.services.outage_retries.take(update, InterruptedAnswer(update, context), error)
    ):
        # The log has it from the database, once for all.
        return
    number = update.update_id if isinstance(update, Update) else None
    log.error("update %s was not answered", number, exc_info=error)
    if not isinstance(update, Update):
        return
    try:
        await apologise(update, context)
    except TelegramError as second:
        log.warning("the reader could not be told either: %s", second)
    except Exception:  # the last resort: PTB would only log it less well
        log.exception("the reader could not be told either")


class InterruptedAnswer:
    """An answer that an outage of the database has interrupted."""

    def __init__(self, update: Update, context: Context) -> None:
        self._update = update
        self._context = context
        if update.effective_user is not None:
            # Or the tap would count as a double tap when it is answered again.
            context.services.memory.tapped.drop(update.effective_user.id)

    def again(self) -> None:
        """Put the update back in the queue."""
        self._context.update_queue.put_nowait(self._update)

    async def say_one_moment(self, *, first: bool) -> None:
        """Say that it takes a moment; where that was said before, only let a button go."""
        update, context = self._update, self._context
        line = context.services.renderer.label("one_moment", context.language(update))
        try:
            if update.callback_query is not None:
                await update.callback_query.answer(line if first else None)
            elif first and update.message is not None:
                await _say(update.message, context, line)
        except TelegramError as error:
            log.info("nobody could be told to wait: %s", error)


async def _say(message: Message, context: Context, line: str) -> None:
    """Say one line in the chat and topic of a message."""
    await context.bot.send_message(
        message.chat.id,
        line,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
    )


def harmless(error: Exception | None, now: datetime) -> bool:
    """Whether nobody has to do anything about an error."""
    if not isinstance(error, Forbidden | BadRequest | ChatMigrated):
        return False
    if any(words in error.message.casefold() for words in HARMLESS):
        return True
    return judge(error, attempts=0, now=now).action in CLOSED


async def apologise(update: Update, context: Context) -> None:
    """Say one line, where the reader looks; the archive may be what failed, so it is not asked."""
    line = context.services.renderer.label("went_wrong", context.language(update))
    if update.callback_query is not None:
        await answer_tap(update.callback_query, line)
    elif update.inline_query is None and update.effective_message is not None:
        if isinstance(context.error, NetworkError) and not isinstance(context.error, BadRequest):
            # Telegram could not be reached a moment ago; one more message would not reach it.
            return
        if update.message is not None:
            await _say(update.message, context, line)
