"""Alerts: an article that is sent at once to those who asked for that in its category."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.edition import matches
from digest.schedule import day_around, quiet_until

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from storage.articles import Articles
    from storage.deliveries import Deliveries
    from storage.model import Article

URGENT = timedelta(days=1)
"""What is older when we first see it is no news that has to be told at once."""


class AlertPlanner:
    """Plans alerts for new articles; the sender delivers them before any edition.

    Args:
        deliveries: The ledger.
        articles: The archive.
    """

    def __init__(self, deliveries: Deliveries, articles: Articles) -> None:
        self._deliveries = deliveries
        self._articles = articles

    async def plan(self, article_ids: Sequence[int], now: datetime) -> int:
        """Plan the alerts for articles that have just entered the archive.

        A story is told once: who has had it, in an alert or because an earlier article suited
        the same taste, is not alerted to another article of it. In quiet hours an alert waits
        for their end. Nobody gets more in a day than wanted: the rest waits for the edition. What
        was sent as an alert is in no edition.

        Returns:
            How many alerts were planned.
        """
        # Most rounds bring nothing that anybody is alerted to, and end here.
        awaited = await self._deliveries.awaited(article_ids)
        new = [
            article
            for article in (await self._articles.many(awaited) if awaited else ())
            if not article.backlog and now - article.published <= URGENT
        ]
        followed = {category for article in new for category in article.categories}
        keys = await self._deliveries.alert_tastes(sorted(followed)) if followed else frozenset()
        if not keys:
            return 0
        tastes = await self._deliveries.tastes(keys)
        suited = {
            article: {key for key, taste in tastes.items() if matches(article, taste)}
            for article in sorted(new, key=lambda each: each.id)
        }
        story_ids = {article.story_id for article, suits in suited.items() if suits}
        if not story_ids:
            return 0
        stories: defaultdict[int, list[Article]] = defaultdict(list)
        for article in await self._articles.siblings(story_ids):
            stories[article.story_id].append(article)
        planned = 0
        for article, suits in suited.items():
            story = stories[article.story_id]
            earlier = [each for each in story if each.id < article.id and not each.backlog]
            wanted = {
                key for key in suits if not any(matches(each, tastes[key]) for each in earlier)
            }
            if wanted:
                planned += await self._plan_one(article, story, wanted, now)
        return planned

    async def _plan_one(
        self, article: Article, story: Sequence[Article], suits: Collection[str], now: datetime
    ) -> int:
        wanted = (await self._deliveries.alert_tastes(article.categories)).intersection(suits)
        if not wanted:
            return 0
        return await self._deliveries.plan_alerts(
            article.id,
            article.categories,
            [each.id for each in story],
            now,
            wanted=wanted.__contains__,
            wait=lambda zone, start, end: quiet_until(now, zone, start, end),
            day=day_around,
        )
