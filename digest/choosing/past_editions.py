"""Editions that were sent, made once more from their ledger rows: what they told, and what not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from digest.choosing.edition import TOP, CandidatePool, matches, section_of
from digest.choosing.edition_choice import already_had
from digest.choosing.events import had_before
from digest.choosing.kinds import Kinds
from digest.choosing.preview import not_chosen
from digest.choosing.ranking import Candidate, preferences, span, window
from digest.choosing.recent_articles import MOST
from digest.timing.reader_day import LONGEST, reader_day
from digest.timing.schedule import midnight
from storage.model import Edition, EditionSection, Span, Taste

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from digest.choosing.preview import LeftOutStory
    from storage.articles.articles import Articles
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category, Delivery, Subscriber


@dataclass(frozen=True, slots=True)
class Explained:
    """An edition, and why it is as it is."""

    edition: Edition
    """What it left out is not counted in it, but stands below."""
    taste: Taste
    """What its reader had chosen by then; nothing where that is no longer known."""
    left_out: tuple[LeftOutStory, ...]
    oldest: timedelta
    """How old a story could be."""


LOOKS = 20
BETWEEN_LOOKS = 0.1
"""Seconds."""


class PastEditions:
    """Gives back editions that the ledger knows.

    Args:
        deliveries: The ledger.
        articles: The archive.
        categories: The taxonomy, by slug.
    """

    def __init__(
        self, deliveries: Deliveries, articles: Articles, categories: Mapping[str, Category]
    ) -> None:
        self._deliveries = deliveries
        self._articles = articles
        self._kinds = Kinds.among(categories)

    async def sent_as(self, subscriber_id: int, message_id: int) -> Delivery | None:
        """The edition that a message of a subscriber's chat is, or is a part of.

        The ledger hears of a message a moment after its reader, who may have tapped already.
        """
        for _ in range(LOOKS):
            # Asked first: what arrives between the two questions is found by the second.
            is_sending = await self._deliveries.is_sending(subscriber_id)
            row = await self._deliveries.sent_as(subscriber_id, message_id)
            if row is not None or not is_sending:
                return row
            await asyncio.sleep(BETWEEN_LOOKS)
        return None

    async def all_written(self, subscriber_id: int) -> None:
        """Wait until the ledger has heard of what is on its way to a subscriber, or for moments."""
        for _ in range(LOOKS):
            if not await self._deliveries.is_sending(subscriber_id):
                return
            await asyncio.sleep(BETWEEN_LOOKS)

    async def of(self, subscriber_id: int, delivery_id: int) -> Delivery | None:
        """The edition of this id; None where it is not this subscriber's."""
        row = await self._deliveries.get(delivery_id)
        return row if row is not None and row.subscriber_id == subscriber_id else None

    async def is_newest(self, row: Delivery) -> bool:
        """Whether its reader has had none since."""
        return await self._deliveries.newest_sent(row.subscriber_id) == row.id

    async def edition(self, row: Delivery) -> Edition:
        """The edition as it was: the same stories in the same order, in the words of now.

        What is no longer in the archive is missing.
        """
        taste, shown = await self._taste(row), await self._shown(row)
        had = frozenset[int]().union(*await self._had(row))
        others = await self._others(row, taste, shown, had)
        left_out = {each.category: len(each.stories) for each in others}
        return await self._laid_out(row, taste, shown, left_out, had)

    async def others(self, row: Delivery) -> tuple[EditionSection, ...]:
        """What the edition left out, the best of each category first."""
        had = frozenset[int]().union(*await self._had(row))
        return await self._others(row, await self._taste(row), await self._shown(row), had)

    async def explained(self, row: Delivery) -> Explained:
        """The edition as it was, with why each story was in it, and why others were not."""
        taste, shown = await self._taste(row), await self._shown(row)
        oldest = window(row.since, row.due)
        recent = await self._articles.recent(row.due - oldest, most=MOST)
        siblings = await self._articles.of_events({each.event for each in recent})
        by_then = {each.id: each for each in (*siblings, *recent) if each.id <= row.place_to}
        alerted, otherwise = await self._had(row)
        before = await self._deliveries.shown_before({row.subscriber_id}, row.due - LONGEST)
        day = reader_day(
            row.due,
            row.zone,
            None if row.asked else row.evening_minute,
            before.get(row.subscriber_id, ()),
        )
        left_out, _ = not_chosen(
            (by_then[number] for number in sorted(by_then)),
            taste,
            shown,
            now=row.due,
            oldest=oldest,
            place_from=row.place_from,
            alerted=alerted,
            shown_otherwise=otherwise,
            shown_earlier=await self._articles.many(day.shown) if day.shown else (),
            kinds=self._kinds,
        )
        edition = await self._laid_out(row, taste, shown, {}, alerted | otherwise)
        return Explained(edition, taste, left_out, oldest)

    async def on(self, subscriber: Subscriber, day: date, most: int) -> list[Delivery]:
        """The last editions of a local day that reached a subscriber, in their order."""
        begins, ends = (midnight(each, subscriber.zone) for each in (day, day + timedelta(days=1)))
        found = await self._deliveries.sent_editions(
            subscriber.id, since=begins, until=ends, most=most
        )
        rows = [await self._deliveries.get(number) for number, _ in reversed(found)]
        return [row for row in rows if row is not None]

    async def latest(self, subscriber_id: int, most: int) -> list[tuple[int, datetime]]:
        """The ids of the latest editions that reached a subscriber, and when each was due."""
        return await self._deliveries.sent_editions(subscriber_id, most=most)

    async def missing(self, row: Delivery, edition: Edition) -> int:
        """How many stories that a row sent are not in its edition, as `edition` gives it back."""
        return len(await self._deliveries.shown(row.id)) - len(edition.stories)

    async def _laid_out(
        self,
        row: Delivery,
        taste: Taste,
        shown: Sequence[Article],
        left_out: Mapping[str, int],
        had: frozenset[int],
    ) -> Edition:
        siblings = await self._articles.of_events({each.event for each in shown})
        oldest = window(row.since, row.due)
        entries = []
        for article in shown:
            copies = [
                each for each in siblings if each.event == article.event and each.id <= row.place_to
            ]
            preferred = preferences(article, taste, self._kinds.houses)
            suiting = [each for each in copies if not each.backlog and matches(each, taste)]
            update = had_before(copies, suiting, place_from=row.place_from, exclude=had)
            # What a hidden source told of it counts for nothing.
            seen = [each for each in copies if each.source_id not in taste.muted_sources]
            entries.append(
                Candidate(
                    article, seen or [article], row.due, oldest, preferred, update=bool(update)
                )
            )
        return laid_out(row, entries, taste, left_out)

    async def _others(
        self, row: Delivery, taste: Taste, shown: Sequence[Article], had: frozenset[int]
    ) -> tuple[EditionSection, ...]:
        oldest = window(row.since, row.due)
        candidates = await self._articles.candidates(
            taste, place_from=row.place_from, place_to=row.place_to, since=row.due - oldest
        )
        siblings = await self._articles.of_events({each.event for each in candidates})
        pool = CandidatePool(
            (each for each in siblings if each.id <= row.place_to),
            now=row.due,
            oldest=oldest,
            kinds=self._kinds,
        )
        return pool.others(
            taste,
            shown={each.event for each in shown},
            place_from=row.place_from,
            exclude=had,
            language=row.language,
        )

    async def _had(self, row: Delivery) -> tuple[frozenset[int], frozenset[int]]:
        """What its reader had had as alerts, and in editions that were chosen in another way."""
        since = row.due - window(row.since, row.due)
        alerted = await self._deliveries.alerted({row.subscriber_id}, since)
        otherwise = await self._deliveries.shown_otherwise([row.id], since)
        return already_had(row, alerted), otherwise.get(row.subscriber_id, frozenset())

    async def _shown(self, row: Delivery) -> list[Article]:
        """The articles that it showed, in reading order."""
        return await self._articles.many(await self._deliveries.shown(row.id))

    async def _taste(self, row: Delivery) -> Taste:
        """What the reader had chosen by then."""
        return (await self._deliveries.tastes({row.taste_key})).get(row.taste_key, Taste())


def laid_out(
    row: Delivery, shown: Sequence[Candidate], taste: Taste, left_out: Mapping[str, int]
) -> Edition:
    """An edition of these stories, in this order. Pure.

    Args:
        row: Its row.
        shown: What it shows, the lead first.
        taste: What its reader had chosen.
        left_out: Category → how many more there were.
    """
    if not shown:
        return Edition(None, ())
    covers = span(window(row.since, row.due))
    top = TOP if covers is Span.WEEK else 1
    lead, *biggest = shown[:top]
    counts = dict(left_out)
    sections = [
        # Filed anew since, a category may come twice; what it left out is said once.
        EditionSection(category, tuple(each.story() for each in under), counts.pop(category, 0))
        for category, under in groupby(shown[top:], lambda each: _category(each, taste))
    ]
    sections += [EditionSection(category, (), count) for category, count in sorted(counts.items())]
    return Edition(
        lead.story(),
        tuple(sections),
        top=tuple(EditionSection(_category(each, taste), (each.story(),)) for each in biggest),
        span=covers,
        since=row.since,
        lead_category=_category(lead, taste),
        # A first edition alone is topped up with what its reader does not follow.
        added=0
        if row.place_from
        else sum(section_of(each.article, taste) is None for each in shown),
    )


def _category(entry: Candidate, taste: Taste) -> str:
    """What a story stood under; its first category where the reader followed none of them."""
    return section_of(entry.article, taste) or next(iter(entry.article.categories), "")
