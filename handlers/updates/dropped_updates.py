"""The count of updates that are dropped because too many wait, for the log and the metrics."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.pacing.priorities import Standing

log = logging.getLogger(__name__)

OVER = 0.5
"""Share of the updates that may wait at which the log says that no more are dropped."""


class DroppedUpdates:
    """Counts dropped updates, and logs when too many of strangers wait and when that is over.

    Args:
        unknown_share: Returns the waiting updates of new or unknown people, as a share of those
            that may wait.
    """

    def __init__(self, unknown_share: Callable[[], float]) -> None:
        self._unknown_share = unknown_share
        self.known = 0
        """Dropped updates of operators and readers since the start."""
        self.unknown = 0
        """Dropped updates of new and unknown people since the start."""
        self._before: int | None = None
        """The value of `unknown` when too many began to wait; None while there is room."""

    def count(self, standing: Standing) -> None:
        """Count a dropped update of a person with this standing."""
        if not standing.has_share:
            self.known += 1
            return
        if self._before is None and self._unknown_share() >= 1:
            self._before = self.unknown
            log.warning("too many updates of new or unknown people wait: further ones are dropped")
        self.unknown += 1

    def look(self) -> None:
        """Log how many were dropped, once few enough wait again."""
        if self._before is not None and self._unknown_share() <= OVER:
            log.info(
                "%d updates of new or unknown people were dropped; there is room again",
                self.unknown - self._before,
            )
            self._before = None
