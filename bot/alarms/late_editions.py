"""The alarm about editions and alerts that are sent more slowly than Telegram's limits explain."""

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
"""How late the oldest message may be beyond the time that all waiting messages take to send.

Many readers due at the same hour raise no alarm.
"""


def late_editions(ledger: Ledger, per_second: float) -> Alarm:
    """Return the alarm about editions and alerts that are sent late."""

    async def look(now: datetime) -> Facts | None:
        now = ledger.by_server(now)
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
    """Return sample facts of this alarm for the review of all texts."""
    return [{"waiting": 1, "minutes": 31}, {"waiting": 12_400, "minutes": 95}]
