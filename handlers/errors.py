"""What no handler expected: logged first, then one friendly line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

if TYPE_CHECKING:
    from handlers.context import Context

log = logging.getLogger(__name__)

HARMLESS = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to edit not found",
    "message can't be edited",
    "not enough rights to send",
    "have no write access",
    "chat not found",
    "chat_write_forbidden",
    "topic_closed",
    "message thread not found",
    "group chat was upgraded",
)
"""What Telegram refuses after a double tap, in a chat that is closed to us, or while it moves."""


async def failed(update: object, context: Context) -> None:
    """Take any error of any handler. It raises none itself."""
    error = context.error
    if harmless(error):
        log.info("Telegram took no answer: %s", error)
        return
    number = update.update_id if isinstance(update, Update) else None
    log.error("update %s was not answered", number, exc_info=error)
    if not isinstance(update, Update):
        return
    try:
        await apologise(update, context)
    except TelegramError as second:
        log.warning("nor could the reader be told: %s", second)
    except Exception:  # the last resort: PTB would only log it less well
        log.exception("nor could the reader be told")


def harmless(error: Exception | None) -> bool:
    """Whether nobody has to do anything about an error."""
    if isinstance(error, Forbidden):
        return True
    if isinstance(error, BadRequest):
        return any(words in error.message.casefold() for words in HARMLESS)
    return False


async def apologise(update: Update, context: Context) -> None:
    """Say one line, where the reader looks; the archive may be what failed, so it is not asked."""
    line = context.services.renderer.label("went_wrong", context.language(update))
    if update.callback_query is not None:
        await update.callback_query.answer(line)
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
