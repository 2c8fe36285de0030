"""Alerts: articles sent at once to subscribers who want alerts for a category or word."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.choosing import rank_points
from digest.choosing.ranking import matches
from digest.timing.quiet_hours import quiet_until
from digest.timing.schedule import day_around
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from storage.articles.articles import Articles
    from storage.db.key_value import KeyValue
    from storage.ledger.plans import Plans
    from storage.model import Article, Category

UP_TO = "alerts planned up to"
"""The key under which the id of the last article planned for alerts is stored."""
AT_ONCE = 500
"""Maximum number of articles planned together."""
URGENT = timedelta(days=1)
"""The greatest age of an article for an alert."""
ORDINARY, LARGE = (
    each / rank_points.STEPS_OF_ONE for each in (rank_points.ALERT, rank_points.LARGE)
)
"""The least expected weights for an alert, and for one that is for large news only."""
BY_EDITOR = 3.0
"""The weight of an article that an editor published with an alert."""


class AlertPlanner:
    """Plans alerts for new articles; the sender delivers them before any edition."""

    def __init__(
        self,
        plans: Plans,
        articles: Articles,
        notes: KeyValue,
        categories: Mapping[str, Category],
    ) -> None:
        self._plans = plans
        self._articles = articles
        self._notes = notes
        self._categories = categories

    async def plan_new(self, now: datetime, published: Sequence[int] = ()) -> int:
        """Plan alerts for all articles that entered the archive since the last call.

        The last article planned is stored. After a crash, articles stored meanwhile get their
        alerts, and no article gets them twice. The first call of all plans nothing.

        Args:
            published: Ids of articles that were published just now. Those that entered the archive
                earlier, and were taken back meanwhile, are planned again for those without one.
        """
        newest = await self._articles.newest_id()
        noted = await self._notes.get(UP_TO)
        planned, place = 0, newest if noted is None else min(int(noted), newest)
        while place < newest:
            until = min(place + AT_ONCE, newest)
            planned += await self.plan(range(place + 1, until + 1), now)
            place = until
            await self._notes.put(UP_TO, str(place))
        if noted is None:
            await self._notes.put(UP_TO, str(place))
        elif again := [each for each in published if each <= int(noted)]:
            planned += await self.plan(again, now)
        return planned

    async def plan(self, article_ids: Sequence[int], now: datetime) -> int:
        """Plan alerts for articles that have just entered the archive; return how many.

        A subscriber gets one alert for a story, and one for articles of the same event about the
        same house; see `about`. In quiet hours an alert waits until they end. Beyond the day's
        limit that a subscriber chose, stories come with the edition. Editions leave out what was
        sent as an alert. Light news is an alert only for followed words.
        """
        # Most rounds bring no article with an alert and end here.
        awaited = await self._plans.awaited(article_ids)
        weights = {
            article: BY_EDITOR if awaited[article.id] else weight_of(article)
            for article in (await self._articles.many([*awaited]) if awaited else ())
            if not article.backlog and now - article.published <= URGENT
        }
        new = [each for each, weight in weights.items() if weight >= ORDINARY or each.words]
        categories = {category for article in new for category in article.categories}
        words = {word for article in new for word in article.words}
        if not new:
            return 0
        tastes = await self._plans.alert_tastes(sorted(categories), sorted(words))
        suited = {
            article: suits
            for article in sorted(new, key=lambda each: each.id)
            if not article.filler
            and (suits := {key for key, taste in tastes.items() if matches(article, taste)})
        }
        if not suited:
            return 0
        stories: defaultdict[int, list[Article]] = defaultdict(list)
        for article in await self._articles.siblings({article.story_id for article in suited}):
            stories[article.story_id].append(article)
        events: defaultdict[int, list[Article]] = defaultdict(list)
        for article in await self._articles.of_events({article.event for article in suited}):
            events[article.event].append(article)
        planned = 0
        for article, suits in suited.items():
            houses = about(article, self._categories)
            of_houses = [
                each
                for each in events[article.event]
                if not houses.isdisjoint(about(each, self._categories))
            ]
            same = [*stories[article.story_id], *of_houses]
            planned += await self._plan_one(article, weights[article], same, suits, now)
        return planned

    async def audience(self, article: Article, now: datetime) -> tuple[int, int]:
        """Return how many chats would get an alert at once, and how many after quiet hours.

        Chats that had their alerts for today are counted too.
        """
        if article.filler:
            return 0, 0
        tastes = await self._plans.alert_tastes(article.categories, article.words)
        suits = {key for key, taste in tastes.items() if matches(article, taste)}
        if not suits:
            return 0, 0
        return await self._plans.alert_audience(
            article.categories,
            article.words,
            now,
            wanted=suits.__contains__,
            wait=lambda zone, start, end: quiet_until(now, zone, start, end),
        )

    async def _plan_one(
        self,
        article: Article,
        weight: float,
        same: Sequence[Article],
        suits: Collection[str],
        now: datetime,
    ) -> int:
        categories = article.categories if weight >= ORDINARY else ()
        asked = await self._plans.alert_keys(categories, article.words)
        wanted = asked.intersection(suits)
        if not wanted:
            return 0
        return await self._plans.plan_alerts(
            article.id,
            categories,
            [each.id for each in same],
            now,
            words=article.words,
            large=weight >= LARGE,
            wanted=wanted.__contains__,
            wait=lambda zone, start, end: quiet_until(now, zone, start, end),
            day=day_around,
        )


def weight_of(article: Article) -> float:
    """Return an article's expected weight; 1 for one without. Pure."""
    return 1.0 if article.weight is None else article.weight


def about(article: Article, categories: Mapping[str, Category]) -> frozenset[str]:
    """Return the houses that an article names, and the groups named without their houses. Pure."""
    found = [categories[slug] for slug in article.categories if slug in categories]
    of_houses = {each.group for each in found if each.kind is Kind.HOUSE}
    return frozenset(
        each.slug
        for each in found
        if each.kind is Kind.HOUSE or (each.kind is Kind.GROUP and each.slug not in of_houses)
    )
