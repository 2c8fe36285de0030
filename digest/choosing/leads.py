"""Lead stories that editors chose: they come first in the editions of their readers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import Reason, ReasonKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.model import Taste
    from storage.model.desk_model import Pin

LEADS = Reason(ReasonKind.LEAD, 1, 0)
"""The reason of a lead story."""


def leads_for(pin: Pin, taste: Taste, at: datetime) -> bool:
    """Return whether a lead story is for readers with a taste in an edition of this time."""
    if not pin.created <= at < pin.until:
        return False
    return not pin.categories or not pin.categories.isdisjoint(taste.follows)


def leading(pins: Iterable[Pin], taste: Taste, at: datetime) -> Sequence[int]:
    """Return the ids of the articles that lead for a taste, the one pinned last first."""
    return [pin.article_id for pin in pins if leads_for(pin, taste, at)]
