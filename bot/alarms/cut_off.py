"""The alarm about replicas that get no answer from Telegram, raised by one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.alarms.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.alarms.alarm import Facts
    from bot.samples import Sample

NAME = "cut_off"


def cut_off(replicas: Callable[[], Sequence[str]]) -> Alarm:
    """Return the alarm about replicas that get no answer from Telegram.

    Args:
        replicas: Returns their names.
    """

    async def look(_: datetime) -> Facts | None:
        names = replicas()
        return {"names": ", ".join(names)} if names else None

    return Alarm(NAME, look, "Telegram does not answer %(names)s; other replicas do the work")


def samples(_: Sample) -> list[Facts]:
    """Return sample facts of this alarm for the review of all texts."""
    return [{"names": "news-1:4711"}, {"names": "news-1:4711, news-2:12"}]
