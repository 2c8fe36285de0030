"""The connection to Telegram at the start and at a stop, retried while the network fails."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING, Any

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from yarl import URL

import handlers
from bot.process.stopping import unless, within

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from telegram.ext import Application

log = logging.getLogger(__name__)

RECONNECT = (1, 2, 5, 10, 30, 60)
"""Seconds between attempts to reach Telegram at the start; the last one repeats."""

LAST_WORD = 1.5
"""Seconds that a stop waits until the last updates are confirmed to Telegram."""

UNKNOWN_TO_TELEGRAM = (
    "TELEGRAM_BOT_TOKEN: Telegram does not know it; "
    "copy it again from @BotFather, or make a new one there with /revoke"
)


class StartError(Exception):
    """ON News cannot start or continue; the text is one line that says what to do."""


class PortTakenError(StartError):
    """Another process of this machine listens at WEBHOOK_LISTEN."""


async def until_answered(
    ask: Callable[[], Coroutine[Any, Any, object]], stopping: asyncio.Event, failing: str
) -> bool:
    """Send Telegram a request at the start, and repeat it while the network fails.

    Return False if the bot was stopped first. StartError means that Telegram does not know the
    token.
    """
    for attempt in itertools.count():
        try:
            return await unless(stopping, ask())
        except InvalidToken:
            raise StartError(UNKNOWN_TO_TELEGRAM) from None
        except NetworkError as error:
            pause = RECONNECT[min(attempt, len(RECONNECT) - 1)]
            log.warning("%s (%s); trying again in %d s", failing, error, pause)
            if await within(stopping, pause):
                return False
    raise AssertionError("unreachable")  # count() is endless


class Polling:
    """Long polling: connects the bot to Telegram, fetches updates, and ends that at a stop.

    `doubt` is called when another process polls too; it returns whether this one leaves the updates
    to it.
    """

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        url: str,
        stopping: asyncio.Event,
        doubt: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._application = application
        # Without the user and password that it may contain.
        self._url = URL(url).with_user(None)
        self._stopping = stopping
        self._doubt = doubt
        self._clock = clock
        self.conflict: tuple[datetime, bool] | None = None
        """When another program last received the updates, and whether by a webhook; else None."""

    async def introduce(self) -> bool:
        """Ask Telegram for the bot's identity, as `until_answered` does."""
        return await until_answered(
            self._application.initialize, self._stopping, f"{self._url} cannot be reached"
        )

    async def begin(self) -> bool:
        """Start to poll for updates, as `until_answered` does.

        StartError also means that python-telegram-bot has no updater.
        """
        updater = self._application.updater
        if updater is None:
            raise StartError("this build of python-telegram-bot has no updater; install it again")
        polling = updater.start_polling(
            bootstrap_retries=-1,
            allowed_updates=handlers.ALLOWED_UPDATES,
            error_callback=self._polling_failed,
        )
        try:
            return await unless(self._stopping, polling)
        except InvalidToken:
            raise StartError(UNKNOWN_TO_TELEGRAM) from None

    async def end(self) -> None:
        """Stop polling, if it was started.

        A TelegramError means that polling had already ended with an unexpected error.
        """
        updater = self._application.updater
        if updater is not None and updater.running:
            # `stop` confirms the last updates to Telegram; if that fails, they come again.
            ending = asyncio.create_task(updater.stop())
            await asyncio.wait({ending}, timeout=LAST_WORD)
            if ending.cancel():
                log.warning("Telegram does not answer; updates may come once more")
            elif isinstance(error := ending.exception(), InvalidToken):
                log.debug("polling had ended before: Telegram refuses the token")
            elif error is not None:
                raise error

    def _polling_failed(self, error: TelegramError) -> None:
        """Log why polling failed and what an operator can do; polling continues automatically."""
        if isinstance(error, Conflict) and self._doubt():
            log.warning("another process may serve by now; this one waits for the database")
        elif isinstance(error, Conflict):
            self.conflict = self._clock(), "webhook" in error.message
            log.error(
                "another process asks Telegram for the same bot's updates, or a webhook is set: "
                "stop the other one (%s)",
                error,
            )
        else:
            log.warning("cannot fetch updates now: %s", error)
