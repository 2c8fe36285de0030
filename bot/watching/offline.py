"""Whether this machine is cut off from all sources, and for how long it was.

A source that fails is that source's trouble; where none answers that answered before, the trouble
is here. It is noted in the archive, so that a restart forgets nothing.
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
"""The key of the note: JSON of `since`, when it began, `back`, when the last time was over, and
`untold`, when that began, until operators have been told."""
FEWEST = 3
"""Sources that have to fail together, without one that answers in between."""
SETTLE = timedelta(minutes=15)
"""After the return, the time in which every source is asked again before one is called ill."""


class Offline:
    """Learns from the rounds of sources whether any can be reached.

    Args:
        key_value: Keep since when none can.
        ask_again: Makes the sources due that failed meanwhile.
        tell: Tells operators from when until when it was so; False where none could be reached.
    """

    def __init__(
        self,
        key_value: KeyValue,
        ask_again: Callable[[Collection[str], datetime], Awaitable[int]],
        tell: Callable[[datetime, datetime, datetime], Awaitable[bool]],
    ) -> None:
        self._key_value = key_value
        self._ask_again = ask_again
        self._tell = tell
        self._since: datetime | None = None
        """Since when none can be reached; None while some can."""
        self._back: datetime | None = None
        """When that was over the last time."""
        self._untold: tuple[datetime, datetime] | None = None
        """From when until when it was so, until operators have been told."""
        self._loaded = False
        self._failed: set[int] = set()
        self._first: datetime | None = None
        self._ill: set[int] = set()
        """Sources that failed while others answered."""

    async def heard(self, reports: Iterable[RoundReport], now: datetime) -> None:
        """Learn from the rounds of one tick, and say in one line how they went."""
        await self._load()
        reports = list(reports)
        if not reports:
            return
        unreached = {one.source_id for one in reports if one.reason in UNREACHED}
        new = sum(len(one.new) for one in reports)
        if len(unreached) < len(reports):
            log.info("%d sources were asked and brought %d articles", len(reports), new)
            self._ill = (self._ill | unreached | self._failed) - {
                one.source_id for one in reports if one.source_id not in unreached
            }
            self._failed.clear()
            self._first = None
            if self._since is not None:
                await self._returned(self._since, now)
            if self._untold is not None and await self._tell(*self._untold, now):
                self._untold = None
                await self._note()
            return
        self._first = self._first or now
        self._failed |= unreached - self._ill
        if self._since is not None:
            log.debug("still none of %d sources can be reached", len(reports))
        elif len(self._failed) < FEWEST:
            log.info("%d sources were asked and could not be reached", len(reports))
        else:
            log.warning(
                "none of %d sources can be reached: this machine seems to be offline",
                len(self._failed),
            )
            self._since = self._first
            await self._note()

    async def hides(self, now: datetime) -> bool:
        """Whether a source that fails just now says nothing of that source."""
        await self._load()
        return self._since is not None or (
            self._back is not None and timedelta() <= now - self._back < SETTLE
        )

    async def _returned(self, since: datetime, now: datetime) -> None:
        """A source answered: whatever failed meanwhile is asked anew."""
        again = await self._ask_again(UNREACHED, now)
        log.warning(
            "sources can be reached again, after %d h %d min; %d that failed are asked anew",
            *divmod(int((now - since).total_seconds() // 60), 60),
            again,
        )
        # Of two times that operators have not heard of, the first began it all.
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
