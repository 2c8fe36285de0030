"""Quiet hours: when a chat gets no alert, and an editor no notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.timing.schedule import Hours, next_due, zone_of

if TYPE_CHECKING:
    from datetime import datetime


def quiet_until(
    now: datetime, zone: str, quiet_from: int | None, quiet_to: int | None
) -> datetime | None:
    """Return the end of the quiet hours that `now` is in, or None outside them.

    They are in minutes after local midnight and may cross it. Equal ends mean no quiet hours.
    """
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    local = now.astimezone(zone_of(zone))
    minute = local.hour * 60 + local.minute
    inside = (
        quiet_from <= minute < quiet_to
        if quiet_from < quiet_to
        else (minute >= quiet_from or minute < quiet_to)
    )
    if not inside:
        return None
    # `next_due` handles clock changes in the night.
    return next_due(Hours(zone, quiet_to), now)
