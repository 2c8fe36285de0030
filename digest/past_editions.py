"""Editions that were sent, made once more from their ledger rows: what they told, and what not."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from digest.edition import OLDEST, Slate
from storage.model import Edition, EditionSection, EditionStory, Kind, Taste

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.articles import Articles
    from storage.deliveries import Deliveries
    from storage.model import Article, Category, Delivery


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
        self._houses = frozenset(
            slug for slug, category in categories.items() if category.kind is Kind.HOUSE
        )

    async def sent_as(self, subscriber_id: int, message_id: int) -> Delivery | None:
        """The edition that a message of a subscriber's chat is, or is a part of."""
        return await self._deliveries.sent_as(subscriber_id, message_id)

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
        taste = await self._taste(row)
        told = await self._articles.many(await self._deliveries.shown(row.id))
        siblings = await self._articles.siblings({each.story_id for each in told})
        known = [each for each in siblings if each.id <= row.place_to]
        left_out = {
            section.category: len(section.stories)
            for section in await self._others(row, taste, told)
        }
        return laid_out(told, known, taste, left_out)

    async def others(self, row: Delivery) -> tuple[EditionSection, ...]:
        """What the edition left out, the best of each category first."""
        told = await self._articles.many(await self._deliveries.shown(row.id))
        return await self._others(row, await self._taste(row), told)

    async def _others(
        self, row: Delivery, taste: Taste, told: Sequence[Article]
    ) -> tuple[EditionSection, ...]:
        since = row.due - OLDEST
        candidates = await self._articles.candidates(
            taste, place_from=row.place_from, place_to=row.place_to, since=since
        )
        siblings = await self._articles.siblings({each.story_id for each in candidates})
        had = await self._deliveries.alerted({row.subscriber_id}, since)
        slate = Slate(
            (each for each in siblings if each.id <= row.place_to),
            now=row.due,
            houses=self._houses,
        )
        return slate.others(
            taste,
            shown={each.story_id for each in told},
            place_from=row.place_from,
            exclude=had.get(row.subscriber_id, frozenset()),
        )

    async def _taste(self, row: Delivery) -> Taste:
        """What the reader had chosen by then."""
        return (await self._deliveries.tastes({row.taste_key})).get(row.taste_key, Taste())


def laid_out(
    told: Sequence[Article],
    known: Sequence[Article],
    taste: Taste,
    left_out: Mapping[str, int],
) -> Edition:
    """An edition of these articles, in this order. Pure.

    Args:
        told: What it shows, the lead first.
        known: All articles of the same stories.
        taste: What its reader had chosen.
        left_out: Category → how many more there were.
    """
    if not told:
        return Edition(None, ())
    stories = [EditionStory(each, _also_in(each, known)) for each in told]
    sections = [
        EditionSection(category, tuple(under), left_out.get(category, 0))
        for category, under in groupby(stories[1:], lambda each: _category(each.article, taste))
    ]
    shown = {section.category for section in sections}
    sections += [
        EditionSection(category, (), count)
        for category, count in sorted(left_out.items())
        if count and category not in shown
    ]
    return Edition(stories[0], tuple(sections), _category(told[0], taste))


def _category(article: Article, taste: Taste) -> str:
    """What an article stood under; its first category where the reader followed none of them."""
    followed = (slug for slug in article.categories if slug in taste.follows)
    return next(followed, next(iter(article.categories), ""))


def _also_in(article: Article, known: Sequence[Article]) -> tuple[str, ...]:
    """Who else told a story, the weightiest first."""
    others = sorted(
        (
            each
            for each in known
            if each.story_id == article.story_id and each.source_id != article.source_id
        ),
        key=lambda each: (-each.source_weight, each.source, each.id),
    )
    return tuple(dict.fromkeys(each.source for each in others))
