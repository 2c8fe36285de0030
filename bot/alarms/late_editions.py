"""Editions and alerts that are due and do not go out as fast as Telegram would let them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alarms.alarm import Alarm

if TYPE_CHECKING:
    from datetime import datetime

    from bot.alarms.alarm import Facts
    from bot.samples import Sample
    from storage.ledger.delivery_stats import Ledger

NAME = "late_editions"
LATE = timedelta(minutes=30)
"""How late the first may be beside the time that all of them take at the pace: an hour with many
readers is no trouble by itself."""


def late_editions(ledger: Ledger, per_second: float) -> Alarm:
    """The alarm.

    Args:
        ledger: Knows what waits.
        per_second: Messages that go out in a second at best.
    """

    async def look(now: datetime) -> Facts | None:
        found = await ledger.backlog(now - LATE)
        if found is None:
            return None
        takes = timedelta(seconds=(found.waiting + found.sent) / per_second)
        if now - found.oldest <= LATE + takes:
            return None
        late = int((now - found.oldest).total_seconds() // 60)
        return {"waiting": found.waiting, "minutes": late}

    return Alarm(
        NAME,
        look,
        "%(waiting)d messages are late, the first by %(minutes)d min",
        over_after=timedelta(minutes=15),
    )


def samples(_: Sample) -> list[Facts]:
    """Facts for the page of texts."""
    return [{"waiting": 1, "minutes": 31}, {"waiting": 12_400, "minutes": 95}]
