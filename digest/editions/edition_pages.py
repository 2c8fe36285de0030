"""What a chat's page and feeds show: its sent editions, without what editors hid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from digest.timing.schedule import local_date
from storage.model import ArticleState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from digest.editions.past_editions import PastEditions
    from storage.desk.corrections import Corrections
    from storage.model import Delivery, Edition, EditionStory, Subscriber

MOST_EDITIONS = 4
"""Editions of one day on its page at most: a reader may ask for further ones."""
MOST_DAYS = 31
"""Earlier days that a page links to at most."""
FEED_DAYS = timedelta(days=7)
MOST_ENTRIES = 100
_LOOKED_AT = 120
"""Editions whose days a page names, at most."""


@dataclass(frozen=True, slots=True)
class PagedEdition:
    """An edition on a page."""

    due: datetime
    sections: tuple[tuple[str, tuple[EditionStory, ...]], ...]
    """Categories with their stories, in reading order; the first has the lead alone."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A story in a feed."""

    category: str
    story: EditionStory
    sent: datetime
    """When the edition that showed it first was due."""
    updated: datetime
    """When it was sent or last corrected."""


class EditionPages:
    """Collects the stories of pages and feeds from sent editions."""

    def __init__(self, past: PastEditions, corrections: Corrections) -> None:
        self._past = past
        self._corrections = corrections

    async def days(self, subscriber: Subscriber) -> dict[date, int]:
        """Return the local days with editions → how many, the newest first."""
        known = await self._past.latest(subscriber.id, _LOOKED_AT)
        days = Counter(local_date(due, subscriber.zone) for _, due in known)
        return dict([*days.items()][: MOST_DAYS + 1])

    async def last(self, subscriber: Subscriber) -> list[PagedEdition]:
        """Return the last edition alone, or nothing."""
        known = await self._past.latest(subscriber.id, 1)
        rows = [await self._past.of(subscriber.id, number) for number, _ in known]
        return [await self._paged(row) for row in rows if row is not None]

    async def on(self, subscriber: Subscriber, day: date) -> list[PagedEdition]:
        """Return the editions of a local day, the newest first."""
        rows = await self._past.on(subscriber, day, MOST_EDITIONS)
        return [await self._paged(row) for row in reversed(rows)]

    async def feed(self, subscriber: Subscriber, now: datetime) -> list[FeedEntry]:
        """Return the stories of the last days, each once, the newest edition's first."""
        known = await self._past.latest(subscriber.id, MOST_ENTRIES, since=now - FEED_DAYS)
        placed: dict[int, tuple[str, EditionStory, datetime]] = {}
        for number, due in known:
            if len(placed) >= MOST_ENTRIES:
                break
            row = await self._past.of(subscriber.id, number)
            if row is None:
                continue
            for category, story in _shown(await self._past.shown_in(row)):
                before = placed.get(story.article.id)
                # The later edition's texts, at the time of the earlier one.
                placed[story.article.id] = (*(before or (category, story))[:2], due)
        some = [*placed.values()][:MOST_ENTRIES]
        corrected = await self._corrections.of_articles([each.article.id for _, each, _ in some])
        return [
            FeedEntry(
                category,
                story,
                due,
                max(due, *(each.made for each in corrected.get(story.article.id, ())), due),
            )
            for category, story, due in some
        ]

    async def _paged(self, row: Delivery) -> PagedEdition:
        stories = _shown(await self._past.shown_in(row))
        sections = [
            (category, tuple(story for _, story in under))
            for category, under in groupby(stories[1:], lambda each: each[0])
        ]
        lead = [(category, (story,)) for category, story in stories[:1]]
        return PagedEdition(row.due, (*lead, *sections))


def fewer(editions: Sequence[PagedEdition], most: int) -> list[PagedEdition]:
    """Return editions with `most` stories in all, the first ones. Pure."""
    kept = []
    for edition in editions:
        sections = []
        for category, stories in edition.sections:
            if most > 0:
                sections.append((category, stories[:most]))
            most -= len(stories)
        if sections:
            kept.append(PagedEdition(edition.due, tuple(sections)))
    return kept


def _shown(edition: Edition) -> list[tuple[str, EditionStory]]:
    return [
        (category, story)
        for category, story in edition.placed()
        if story.article.state is not ArticleState.HIDDEN
    ]
