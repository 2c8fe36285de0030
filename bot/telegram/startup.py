"""Reaching Telegram: who we are and what readers write, for as long as it takes to be told."""

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
"""Seconds between tries to reach Telegram at the start; the last one repeats."""

LAST_WORD = 1.5
"""Seconds that a stop waits until Telegram was told which updates have come."""

UNKNOWN_TO_TELEGRAM = (
    "TELEGRAM_BOT_TOKEN: Telegram does not know it; "
    "copy it again from @BotFather, or make a new one there with /revoke"
)


class StartError(Exception):
    """ON News cannot start, or cannot go on; the text is one line that says what to do."""


async def until_answered(
    ask: Callable[[], Coroutine[Any, Any, object]], stopping: asyncio.Event, failing: str
) -> bool:
    """Ask Telegram something at the start, for as long as it takes while the network is gone.

    Args:
        ask: Asks it.
        stopping: Set once the bot is to stop.
        failing: What the log says cannot be done just now.

    Returns:
        False where the bot was told to stop first.

    Raises:
        StartError: Telegram does not know the token.
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
    raise AssertionError("the tries never end")  # count() is endless


class Polling:
    """How the bot comes to Telegram, and leaves it.

    Args:
        application: What answers.
        url: Where the Bot API is spoken, as the log is to name it.
        stopping: Set once the bot is to stop, which ends all waiting here.
        doubt: Told that another process asks for updates; whether this one leaves them to it.
        clock: This moment.
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
        # A password may stand in it.
        self._url = URL(url).with_user(None)
        self._stopping = stopping
        self._doubt = doubt
        self._clock = clock
        self.conflict: tuple[datetime, bool] | None = None
        """When Telegram last said that another program gets the updates, and whether by a webhook.
        """

    async def introduce(self) -> bool:
        """Ask Telegram who we are, for as long as it takes while the network is gone.

        Returns:
            False where the bot was told to stop first.

        Raises:
            StartError: Telegram does not know the token.
        """
        return await until_answered(
            self._application.initialize, self._stopping, f"{self._url} cannot be reached"
        )

    async def begin(self) -> bool:
        """Ask for updates from now on. What Telegram does not answer at first is asked again.

        Returns:
            False where the bot was told to stop first.

        Raises:
            StartError: Telegram does not know the token, or nothing here can ask for updates.
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
        """Ask for no more updates, if any were asked for.

        Raises:
            telegram.error.TelegramError: Polling had failed in a way that nobody expected.
        """
        updater = self._application.updater
        if updater is not None and updater.running:
            # It tells Telegram which updates it has; whoever does not answer is told next time.
            ending = asyncio.create_task(updater.stop())
            await asyncio.wait({ending}, timeout=LAST_WORD)
            if ending.cancel():
                log.warning("Telegram does not answer; updates may come once more")
            elif isinstance(error := ending.exception(), InvalidToken):
                log.debug("polling had ended before: Telegram refuses the token")
            elif error is not None:
                raise error

    def _polling_failed(self, error: TelegramError) -> None:
        """Say what an operator can do about updates that do not come; polling goes on by itself."""
        if isinstance(error, Conflict) and self._doubt():
            log.warning("another process answers by now; this one waits for the database")
        elif isinstance(error, Conflict):
            self.conflict = self._clock(), "webhook" in error.message
            log.error(
                "another process asks Telegram for the same bot's updates, or a webhook is set: "
                "stop the other one (%s)",
                error,
            )
        else:
            log.warning("updates cannot be fetched just now: %s", error)
