"""Previews of the editions that are due soon, to prepare what they will show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digest.choosing.ranking import window
from digest.editions.recent_articles import read_recent
from digest.timing.time_slices import TimeSlices
from storage.model import Taste

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.category_kinds import CategoryKinds
    from digest.choosing.edition import CandidatePool
    from digest.editions.recent_articles import RecentArticles
    from storage.articles.articles import Articles
    from storage.articles.pictures import DueEdition
    from storage.ledger.deliveries import Deliveries
    from storage.model import Edition

AHEAD = timedelta(hours=1)
"""How long before its time an edition is first previewed."""
MOST = 1_000
"""Maximum number of editions previewed at a time; others mostly show the same stories."""


class Upcoming:
    """Previews editions from the stories that are there already.

    What fills a thin or first edition up is left out, and what the reader had by an alert is not.
    """

    def __init__(
        self, deliveries: Deliveries, articles: Articles, *, kinds: CategoryKinds, size: int
    ) -> None:
        self._deliveries = deliveries
        self._articles = articles
        self._kinds = kinds
        self._size = size

    async def recent(self, due: Sequence[DueEdition], now: datetime) -> RecentArticles:
        """Return the articles of these editions' windows."""
        since = min(each.due - window(each.since, each.due) for each in due)
        return await read_recent(self._articles, since=since, now=now)

    async def previews(
        self, due: Sequence[DueEdition], recent: RecentArticles
    ) -> AsyncIterator[tuple[DueEdition, Taste, Edition]]:
        """Yield each of these editions as it would be now."""
        tastes: Mapping[str, Taste] = await self._deliveries.tastes(
            {each.taste_key for each in due}
        )
        pools: dict[tuple[datetime, timedelta], CandidatePool] = {}
        slices = TimeSlices()
        for each in due:
            oldest = window(each.since, each.due)
            candidates = pools.get((each.due, oldest))
            if candidates is None:
                candidates = pools[each.due, oldest] = recent.candidates(
                    now=each.due, oldest=oldest, place_to=recent.newest, kinds=self._kinds
                )
            taste = tastes.get(each.taste_key, Taste())
            yield (
                each,
                taste,
                candidates.edition(
                    taste, size=self._size, place_from=each.place, language=each.language
                ),
            )
            await slices.pause()
