"""The bot that polls Telegram and parses each update once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telegram.ext import ExtBot

from bot.telegram.http_client import READ_TIMEOUT
from bot.telegram.telegram_answers import read_updates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Update
    from telegram._utils.types import TimePeriod


class PollingBot(ExtBot[Any]):
    """A bot that polls past updates that python-telegram-bot cannot parse."""

    async def get_updates(
        self,
        offset: int | None = None,
        limit: int | None = None,
        timeout: TimePeriod | None = None,  # noqa: ASYNC109  # python-telegram-bot's name
        allowed_updates: Sequence[str] | None = None,
        **_: Any,  # noqa: ANN401  # further options of python-telegram-bot, unused
    ) -> tuple[Update, ...]:
        """Fetch the next updates; those that cannot be parsed have only their number.

        Args:
            offset: The number of the first update to fetch; Telegram forgets those before it.
            limit: Updates at most; None for Telegram's 100.
            timeout: How long Telegram waits for the next update, in seconds if it is a number.
            allowed_updates: The kinds of updates; None for the same as before.

        Raises:
            TelegramError: Telegram gave no valid answer.
        """
        asked = {
            "timeout": timeout,
            "offset": offset,
            "limit": limit,
            "allowed_updates": allowed_updates,
        }
        waits = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout or 0
        fetched = await self._post("getUpdates", asked, read_timeout=READ_TIMEOUT + waits)
        return read_updates(fetched, self)
