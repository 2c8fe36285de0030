"""What no handler expected: logged first, then one friendly line."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram import Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError

from digest.telegram_errors import Action, judge
from handlers.update_answer import answer_tap
from storage.outage import DatabaseUnavailableError

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.context import Context

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
        and context.services.outage_retries.take(update, context, error)
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
        if update.effective_chat is not None and update.message is not None:
            await context.bot.send_message(
                update.effective_chat.id,
                line,
                message_thread_id=update.message.message_thread_id
                if update.message.is_topic_message
                else None,
            )
