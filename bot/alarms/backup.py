"""The alarm about a nightly backup that fails or is too old."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.alarms.alarm import Alarm, UnknownError
from bot.watching.nightly import FAILED

if TYPE_CHECKING:
    from datetime import datetime

    from bot.alarms.alarm import Facts
    from bot.samples import Sample
    from bot.watching.nightly import Backups
    from storage.db.key_value import KeyValue

NAME = "backup"
TOO_OLD = timedelta(hours=50)
"""Two nights without a backup, plus the hours in which a missed backup is made up for."""
GRACE = timedelta(hours=2)
"""How long after a start an old backup raises no alarm; the next backup is made within an hour."""


def backup(backups: Backups, key_value: KeyValue) -> Alarm:
    """Return the alarm about a nightly backup that fails or is too old."""
    first: list[datetime] = []

    async def look(now: datetime) -> Facts | None:
        first.append(min([*first[-1:], now]))
        del first[:-1]
        try:
            newest = await asyncio.to_thread(backups.newest)
        except OSError as error:
            raise UnknownError(str(error)) from None
        failed = await key_value.get(FAILED)
        old = newest is not None and now - newest > TOO_OLD and now - first[0] >= GRACE
        if not failed and not old:
            return None
        return {"reason": failed or "", "newest": newest.isoformat() if newest else ""}

    return Alarm(
        NAME,
        look,
        "the nightly backup is missing (%(reason)s); the newest one: %(newest)s",
        over_after=timedelta(),
    )


def samples(sample: Sample) -> list[Facts]:
    """Return sample facts of this alarm for the review of all texts."""
    newest = (sample.now - timedelta(days=3)).isoformat()
    reason = sample.of("reason")
    return [
        {"reason": reason, "newest": newest},
        {"reason": reason, "newest": ""},
        {"reason": "", "newest": newest},
    ]
