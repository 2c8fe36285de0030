"""The alarm about another program that receives this bot's updates, by polling or by a webhook."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alarms.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.alarms.alarm import Facts
    from bot.samples import Sample

NAME = "second_poller"
LATELY = timedelta(minutes=2)
"""The age up to which Telegram's last 409 counts; the bot polls at least twice a minute."""


def second_poller(conflict: Callable[[], tuple[datetime, bool] | None]) -> Alarm:
    """Return the alarm about another program that receives this bot's updates.

    `conflict` returns when Telegram last answered 409, and whether because of a webhook.
    """

    async def look(now: datetime) -> Facts | None:
        last = conflict()
        if last is None or now - last[0] > LATELY:
            return None
        return {"webhook": last[1]}

    # Moving the bot to another machine makes two of it run for some seconds.
    return Alarm(
        NAME,
        look,
        "another program receives this bot's updates (by a webhook: %(webhook)s)",
        after=timedelta(minutes=2),
    )


def samples(_: Sample) -> list[Facts]:
    """Return sample facts of this alarm for the review of all texts."""
    return [{"webhook": True}, {"webhook": False}]
