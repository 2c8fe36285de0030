"""The alarm about Telegram failing to deliver updates to WEBHOOK_URL, or too many waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.alarms.alarm import Alarm, UnknownError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import WebhookInfo

    from bot.alarms.alarm import Facts
    from bot.samples import Sample

NAME = "webhook_errors"
LATELY = timedelta(minutes=10)
"""The age up to which Telegram's last error counts; Telegram tries again within minutes."""
MANY = 1_000
"""Waiting updates that raise the alarm even without an error."""


def webhook_errors(ask: Callable[[], Awaitable[WebhookInfo]]) -> Alarm:
    """Return the alarm about Telegram failing to deliver updates to WEBHOOK_URL."""

    async def look(now: datetime) -> Facts | None:
        try:
            info = await ask()
        except TelegramError as error:
            raise UnknownError(str(error)) from None
        waiting, failed = info.pending_update_count, info.last_error_date
        if waiting and failed is not None and now - failed.astimezone(UTC) <= LATELY:
            return {"reason": info.last_error_message or "", "waiting": waiting}
        return {"reason": "", "waiting": waiting} if waiting >= MANY else None

    # A restart of the bot, or of the web server in front of it, raises no alarm.
    return Alarm(
        NAME,
        look,
        "Telegram cannot deliver to WEBHOOK_URL (%(reason)s), %(waiting)d updates are waiting",
        after=timedelta(minutes=5),
        over_after=timedelta(minutes=15),
    )


def samples(sample: Sample) -> list[Facts]:
    """Return sample facts of this alarm for the review of all texts."""
    return [{"reason": sample.of("reason"), "waiting": 1}, {"reason": "", "waiting": 1_870}]
