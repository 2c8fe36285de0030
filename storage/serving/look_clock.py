"""The time in which others could have been seen to live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.serving.lease_holder import uptime

if TYPE_CHECKING:
    from collections.abc import Callable


class LookClock:
    """A clock for the silence of others, whose rows in the database are read again and again.

    The time between two looks does not count if one failed in between: while the database is away
    nobody can renew a row. No wall clock is trusted.
    """

    def __init__(self, passed: Callable[[], float] = uptime) -> None:
        self._passed = passed
        self._looked = passed()
        """When the rows were read last."""
        self._uncounted = 0.0
        """Seconds that do not count, in all."""
        self._has_failed = False
        """Whether the rows could not be read since `_looked`."""

    @property
    def now(self) -> float:
        """The seconds that count, from a start that means nothing by itself."""
        return self._passed() - self._uncounted

    def looked(self) -> None:
        """Note that the rows were read, before their silence is judged by `now`."""
        now = self._passed()
        if self._has_failed:
            self._uncounted += now - self._looked
        self._looked, self._has_failed = now, False

    def failed(self) -> None:
        """Note that the rows could not be read."""
        self._has_failed = True
