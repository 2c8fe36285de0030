"""Pictures of the next front pages, uploaded before their hour so that no edition waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.choosing.category_kinds import CategoryKinds
from digest.choosing.ranking import window
from digest.editions.recent_articles import read_recent
from digest.timing.time_slices import TimeSlices
from storage.model import Taste
from templates.rich.front_page import pictured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.choosing.edition import CandidatePool
    from storage.articles.articles import Articles
    from storage.articles.pictures import DueFrontPage, Pictures
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category

AHEAD = timedelta(hours=1)
"""How long before its time a front page is first previewed for pictures."""
MOST = 1_000
"""Maximum number of front pages previewed at a time; others mostly show the same pictures."""
ONE_FOR_ALL = 3
"""Number of events with the same picture at which the picture counts as a source's logo."""


class PicturesAhead:
    """Previews the front pages that are due soon and prepares their pictures, in order."""

    def __init__(
        self,
        due: Pictures,
        deliveries: Deliveries,
        articles: Articles,
        prepare: Callable[[Sequence[str]], Awaitable[int]],
        *,
        categories: Mapping[str, Category],
        edition_size: int,
    ) -> None:
        self._due = due
        self._deliveries = deliveries
        self._articles = articles
        self._prepare = prepare
        self._size = edition_size
        self._kinds = CategoryKinds.among(categories)

    async def look(self, now: datetime) -> int:
        """Prepare missing pictures for front pages that are due soon; return how many were made."""
        due = await self._due.due_front_pages(now + AHEAD, limit=MOST)
        return await self._prepare(await self._wanted(due, now)) if due else 0

    async def _wanted(self, due: Sequence[DueFrontPage], now: datetime) -> list[str]:
        tastes = await self._deliveries.tastes({each.taste_key for each in due})
        since = min(each.due - window(each.since, each.due) for each in due)
        recent = await read_recent(self._articles, since=since, now=now)
        shared = shared_pictures(recent.articles)
        pools: dict[tuple[datetime, timedelta], CandidatePool] = {}
        readers: defaultdict[str, int] = defaultdict(int)
        slices = TimeSlices()
        for each in due:
            oldest = window(each.since, each.due)
            candidates = pools.get((each.due, oldest))
            if candidates is None:
                candidates = pools[each.due, oldest] = recent.candidates(
                    now=each.due, oldest=oldest, place_to=recent.newest, kinds=self._kinds
                )
            taste = tastes.get(each.taste_key, Taste())
            edition = candidates.edition(
                taste, size=self._size, place_from=each.place, language=each.language
            )
            for address in pictured(edition, private=each.private):
                readers[address] += each.readers
            await slices.pause()
        wanted = (address for address in readers if address not in shared)
        return sorted(wanted, key=lambda address: -readers[address])


def shared_pictures(articles: Iterable[Article]) -> frozenset[str]:
    """Return the addresses of pictures that several events have, such as a source's logo."""
    shown = {(each.image, each.event) for each in articles if each.image}
    times = Counter(image for image, _ in shown)
    return frozenset(image for image, count in times.items() if image and count >= ONE_FOR_ALL)
