"""Another program asks Telegram for the same bot's updates, or has a webhook set for them."""

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
"""How long ago Telegram's last 409 may be: it is asked for updates twice a minute at least."""


def second_poller(conflict: Callable[[], tuple[datetime, bool] | None]) -> Alarm:
    """The alarm.

    Args:
        conflict: When Telegram last answered 409, and whether for a webhook; None if never.
    """

    async def look(now: datetime) -> Facts | None:
        last = conflict()
        if last is None or now - last[0] > LATELY:
            return None
        return {"webhook": last[1]}

    # Whoever restarts the bot elsewhere has two of it for some seconds.
    return Alarm(
        NAME,
        look,
        "another program gets this bot's updates (a webhook: %(webhook)s)",
        after=timedelta(minutes=2),
    )


def samples(_: Sample) -> list[Facts]:
    """Facts for the page of texts."""
    return [{"webhook": True}, {"webhook": False}]
