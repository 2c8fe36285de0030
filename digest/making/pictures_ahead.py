"""Pictures of the next front pages, uploaded before their hour so that no edition waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from digest.choosing.category_kinds import CategoryKinds
from digest.editions.upcoming import AHEAD, MOST, Upcoming
from templates.rich.front_page import pictured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from storage.articles.articles import Articles
    from storage.articles.pictures import DueEdition, Pictures
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category

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
        self._upcoming = Upcoming(
            deliveries, articles, kinds=CategoryKinds.among(categories), size=edition_size
        )
        self._prepare = prepare

    async def look(self, now: datetime) -> int:
        """Prepare missing pictures for front pages that are due soon; return how many were made."""
        due = await self._due.due_front_pages(now + AHEAD, limit=MOST)
        return await self._prepare(await self._wanted(due, now)) if due else 0

    async def _wanted(self, due: Sequence[DueEdition], now: datetime) -> list[str]:
        recent = await self._upcoming.recent(due, now)
        shared = shared_pictures(recent.articles)
        readers: defaultdict[str, int] = defaultdict(int)
        async for each, _, edition in self._upcoming.previews(due, recent):
            for address in pictured(edition, private=each.private):
                readers[address] += each.readers
        wanted = (address for address in readers if address not in shared)
        return sorted(wanted, key=lambda address: -readers[address])


def shared_pictures(articles: Iterable[Article]) -> frozenset[str]:
    """Return the addresses of pictures that several events have, such as a source's logo."""
    shown = {(each.image, each.event) for each in articles if each.image}
    times = Counter(image for image, _ in shown)
    return frozenset(image for image, count in times.items() if image and count >= ONE_FOR_ALL)
