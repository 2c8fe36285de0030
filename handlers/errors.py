"""Errors that no handler expected: each is logged, then the reader gets one line."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram import Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError

from digest.pacing.current_answer import current_answer
from digest.pacing.telegram_errors import Action, judge
from handlers.core.conversation import answer_tap
from handlers.updates.telegram_outage import is_away
from storage.db.outage import DatabaseUnavailableError
from storage.serving.lease import LeaseLostError

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
"""Texts of Telegram's refusals after a double tap, or if a message is gone."""
CLOSED = frozenset({Action.GONE, Action.TOPIC_GONE, Action.MOVE})
"""Actions that the sender takes in a chat that is closed to the bot or that moved."""


async def failed(update: object, context: Context) -> None:
    """Handle an error of any handler. Raises nothing."""
    error = context.error
    if harmless(error, context.now):
        log.info(
            "Telegram refused an answer, as expected after a double tap or in a closed chat: %s",
            error,
        )
        if isinstance(update, Update) and update.callback_query is not None:
            # Stop the button from spinning, even if its message is gone.
            with suppress(TelegramError):
                await answer_tap(update.callback_query)
        return
    if isinstance(error, DatabaseUnavailableError) and isinstance(update, Update):
        interrupted = InterruptedAnswer(update, context)
        if context.services.outage_retries.take(update, interrupted, error):
            # The database logs an outage once.
            interrupted.put_off()
            return
    number = getattr(update, "update_id", None)
    if isinstance(error, NetworkError) and isinstance(error.__cause__, LeaseLostError):
        # The process that has the chat from now on asks the reader to write again.
        if (answer := current_answer.get()) is not None:
            answer.leave_begun()
        log.warning("update %s was not answered: %s", number, error)
        return
    if _is_seen_to_later(error):
        log.info("update %s could not be answered: %s", number, error)
        return
    log.error("update %s was not answered", number, exc_info=error)
    if isinstance(update, Update):
        await _try_to_apologise(update, context)


async def _try_to_apologise(update: Update, context: Context) -> None:
    try:
        await apologise(update, context)
    except TelegramError as second:
        if _is_seen_to_later(second):
            return
        log.warning("could not send the reader a message about the error: %s", second)
    except Exception:  # PTB would log it with fewer details
        log.exception("could not send the reader a message about the error")


def _is_seen_to_later(error: Exception | None) -> bool:
    """Return whether Telegram was away, and the queue of updates answers or asks later."""
    answer = current_answer.get()
    return (
        error is not None
        and is_away(error)
        and answer is not None
        and answer.could_not_be_sent(error)
    )


class InterruptedAnswer:
    """An answer that a database outage interrupted."""

    def __init__(self, update: Update, context: Context) -> None:
        self._update = update
        self._context = context
        self._is_put_off = False
        self._answer = current_answer.get()
        if update.effective_user is not None:
            # Otherwise the repeated answer would be ignored as a double tap.
            context.services.memory.tapped.drop(update.effective_user.id)

    def put_off(self) -> None:
        """Leave the update to the table of the replicas, if it is in there, or as begun."""
        if self._answer is not None and self._update.inline_query is None:
            self._is_put_off = self._answer.put_off()
            if not self._is_put_off:
                self._answer.leave_begun()

    def again(self) -> None:
        """Put the update back in the queue, unless it is claimed from the table again."""
        if self._is_put_off:
            return
        self._context.update_queue.put_nowait(self._update)

    def give_up(self) -> None:
        """Drop the update, unless it is claimed from the table again."""
        if self._answer is not None and not self._is_put_off:
            self._answer.give_up()

    async def say_one_moment(self, *, first: bool) -> None:
        """Ask the reader to wait; a chat that was asked before only has its button released."""
        update, context = self._update, self._context
        line = context.services.renderer.label("one_moment", context.language(update))
        try:
            if update.callback_query is not None:
                await update.callback_query.answer(line if first else None)
            elif first and update.message is not None:
                await _say(update.message, context, line)
        except TelegramError as error:
            log.info("could not ask the reader to wait: %s", error)


async def _say(message: Message, context: Context, line: str) -> None:
    await context.bot.send_message(
        message.chat.id,
        line,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
    )


def harmless(error: Exception | None, now: datetime) -> bool:
    """Return whether an error needs no action by anybody."""
    if not isinstance(error, Forbidden | BadRequest | ChatMigrated):
        return False
    if any(words in error.message.casefold() for words in HARMLESS):
        return True
    return judge(error, attempts=0, now=now).action in CLOSED


async def apologise(update: Update, context: Context) -> None:
    """Tell the reader in one line that something went wrong, without using the database."""
    line = context.services.renderer.label("went_wrong", context.language(update))
    if update.callback_query is not None:
        await answer_tap(update.callback_query, line)
    elif update.inline_query is None and update.effective_message is not None:
        if is_away(context.error):
            # Telegram could not be reached just now, so another message would fail too.
            return
        if update.message is not None:
            await _say(update.message, context, line)
