"""What the queue of updates itself writes to readers, beside the answers of handlers."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, TelegramError, TimedOut

from digest.pacing.priorities import TO, Priority, Standing
from handlers.core.origin import in_private
from handlers.core.services.memory import Expiring
from handlers.updates.telegram_outage import is_away
from handlers.updates.update_kinds import private_payload

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import CallbackQuery, Update
    from telegram.ext import Application

    from handlers.core.services.services import Services
    from handlers.updates.update_answer import UpdateAnswer

log = logging.getLogger(__name__)

ONE_MOMENT_EVERY = timedelta(minutes=1)
"""Time between two requests to wait in a chat with dropped updates."""
MOST_TIMEOUTS = 2
"""Requests without an answer after which a reader counts as asked, since one may have arrived."""


class UpdateNotices:
    """The lines that readers get about updates that are not answered now."""

    def __init__(self, application: Application[Any, Any, Any, Any, Services, Any]) -> None:
        self._application = application
        self._timeouts: Counter[int] = Counter()
        self._asked_for_a_moment: Expiring[int, bool] = Expiring(ONE_MOMENT_EVERY)

    async def release(self, query: CallbackQuery) -> None:
        """Answer a tap without a notice, so that its button stops spinning."""
        with suppress(TelegramError):
            await query.answer()

    async def send_elsewhere(self, update: Update) -> None:
        """Say that a group has reached its limit for this minute, and link to the private chat."""
        query = update.callback_query
        if query is None:
            return
        link = f"https://t.me/{self._application.bot.username}?start={private_payload(query)}"
        words = self._label("group_is_full", update, link=link)
        with suppress(TelegramError):
            await query.answer(words, show_alert=True, url=link)

    async def ask_to_say_again(self, update: Update, standing: Standing) -> bool:
        """Ask a reader to try again: the answer was begun, and may not have arrived.

        Return False if Telegram is away, or if this process may send nothing more.
        """
        number = update.update_id
        try:
            await self._ask_once(update, standing)
        except TelegramError as error:
            self._timeouts[number] += isinstance(error, TimedOut)
            if is_away(error) and self._timeouts[number] < MOST_TIMEOUTS:
                return False
            log.info("could not ask the reader to try again: %s", error)
        self._timeouts.pop(number, None)
        return True

    async def _ask_once(self, update: Update, standing: Standing) -> None:
        words, query = self._label("ask_again", update), update.callback_query
        if query is not None:
            try:
                await query.answer(words)
            except BadRequest:
                # The replica that died had released the button, or the tap is too old.
                if not in_private(update):
                    raise
            else:
                return
        await self._send_words(update, words, standing)

    async def ask_for_a_moment(self, update: Update, answer: UpdateAnswer, now: datetime) -> None:
        """Ask the reader to try again later: beside a button, or in the chat once a minute."""
        words = self._label("ask_again", update)
        query, chat = update.callback_query, update.effective_chat
        with suppress(TelegramError):
            if query is not None:
                if answer.claim_tap():
                    await query.answer(words)
                return
            if chat is None or answer.standing is Standing.STRANGER:
                return
            if self._asked_for_a_moment.get(chat.id, now):
                return
            self._asked_for_a_moment.put(chat.id, value=True, now=now)
            await self._send_words(update, words, answer.standing)

    async def _send_words(self, update: Update, words: str, standing: Standing) -> None:
        chat, message = update.effective_chat, update.message
        if chat is None:
            return
        await self._application.bot.send_message(
            chat.id,
            words,
            rate_limit_args=TO.get(standing, Priority.ANSWER),
            message_thread_id=message.message_thread_id
            if message is not None and message.is_topic_message
            else None,
        )

    def _label(self, key: str, update: Update, **values: object) -> str:
        services, user = self._application.bot_data, update.effective_user
        code = user.language_code if user is not None else None
        language = services.renderer.match(code, services.defaults.language)
        return services.renderer.label(key, language, **values)
