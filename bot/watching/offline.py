"""Detection of whether this machine can reach any source, and for how long it could not.

If one source fails, the problem is the source's. If none answers that answered before, the problem
is this machine's. The state is stored in the archive, so that it survives a restart.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from news.fetch.fetcher import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from news.ingest.rounds import RoundReport
    from storage.db.key_value import KeyValue

log = logging.getLogger(__name__)

NOTE = "offline"
"""The key of the stored state, JSON with three times.

`since`: start of the current offline time. `back`: end of the last one. `untold`: start of the last
one, until operators are notified.
"""
FEWEST = 3
"""Sources that must fail, while none answers, before the machine counts as offline."""
SETTLE = timedelta(minutes=15)
"""Time after the return in which all sources are fetched again and none is reported as failing."""


class Offline:
    """Detects from the results of fetching whether this machine can reach any source.

    `ask_again` makes sources due that failed for given reasons, and returns their number. `notify`
    notifies operators of the start and end of an offline time; it returns False if none could be
    reached.
    """

    def __init__(
        self,
        key_value: KeyValue,
        ask_again: Callable[[Collection[str], datetime], Awaitable[int]],
        notify: Callable[[datetime, datetime, datetime], Awaitable[bool]],
    ) -> None:
        self._key_value = key_value
        self._ask_again = ask_again
        self._notify = notify
        self._since: datetime | None = None
        """When the machine went offline; None while it is online."""
        self._back: datetime | None = None
        """When the machine last came back online; None if it was never offline."""
        self._untold: tuple[datetime, datetime] | None = None
        """The start and end of an offline time that operators are not yet notified of, or None."""
        self._loaded = False
        self._failed: set[int] = set()
        self._first: datetime | None = None
        self._failing: set[int] = set()
        """Sources that failed while others answered."""

    async def update(self, reports: Iterable[RoundReport], now: datetime) -> None:
        """Update the state from the reports of one round of fetching, and log a summary."""
        await self._load()
        reports = list(reports)
        if not reports:
            return
        unreached = {one.source_id for one in reports if one.reason in UNREACHED}
        new = sum(len(one.new) for one in reports)
        if len(unreached) < len(reports):
            log.info("fetched %d sources, which had %d new articles", len(reports), new)
            self._failing = (self._failing | unreached | self._failed) - {
                one.source_id for one in reports if one.source_id not in unreached
            }
            self._failed.clear()
            self._first = None
            if self._since is not None:
                await self._returned(self._since, now)
            if self._untold is not None and await self._notify(*self._untold, now):
                self._untold = None
                await self._note()
            return
        self._first = self._first or now
        self._failed |= unreached - self._failing
        if self._since is not None:
            log.debug("still none of %d sources can be reached", len(reports))
        elif len(self._failed) < FEWEST:
            log.info("fetched %d sources, none of which could be reached", len(reports))
        else:
            log.warning(
                "none of %d sources can be reached: this machine seems to be offline",
                len(self._failed),
            )
            self._since = self._first
            await self._note()

    async def hides(self, now: datetime) -> bool:
        """Return whether the machine is offline or came back less than `SETTLE` ago.

        Failures of a source then say nothing about the source.
        """
        await self._load()
        return self._since is not None or (
            self._back is not None and timedelta() <= now - self._back < SETTLE
        )

    async def _returned(self, since: datetime, now: datetime) -> None:
        """Note that a source answered, and make all sources due that failed meanwhile."""
        again = await self._ask_again(UNREACHED, now)
        log.warning(
            "sources can be reached again, after %d h %d min; fetching the %d that failed again",
            *divmod(int((now - since).total_seconds() // 60), 60),
            again,
        )
        # Two unreported offline times are reported as one, from the start of the first.
        self._untold = (self._untold[0] if self._untold else since, now)
        self._since, self._back = None, now
        await self._note()

    async def _load(self) -> None:
        if self._loaded:
            return
        noted = json.loads(await self._key_value.get(NOTE) or "{}")
        moments = {key: datetime.fromisoformat(text) for key, text in noted.items()}
        self._since, self._back = moments.get("since"), moments.get("back")
        if "untold" in moments and self._back is not None:
            self._untold = moments["untold"], self._back
        self._loaded = True

    async def _note(self) -> None:
        noted = {
            key: moment.astimezone(UTC).isoformat()
            for key, moment in (
                ("since", self._since),
                ("back", self._back),
                ("untold", self._untold[0] if self._untold else None),
            )
            if moment is not None
        }
        await self._key_value.put(NOTE, json.dumps(noted))
