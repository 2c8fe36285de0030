"""The planning of alerts in the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, literal, select, union

from storage.ledger.plans import ON_ITS_WAY, Plans, one_at_a_time, rows_for
from storage.model import DeliveryKind, State
from storage.model.desk_model import DraftState
from storage.tables.desk_schema import drafts
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import (
    follows,
    subscribers,
    with_alerts,
    word_follows,
    words_with_alerts,
)
from storage.tables.schema import article_categories, article_words, articles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, ScalarSelect


class AlertPlans(Plans):
    """The ledger's methods for planning editions and alerts."""

    async def plan_alerts(
        self,
        article_id: int,
        categories: Sequence[str],
        same_news: Collection[int],
        now: datetime,
        *,
        words: Sequence[str] = (),
        wanted: Callable[[str], bool],
        wait: Callable[[str, int | None, int | None], datetime | None],
        day: Callable[[str, datetime], tuple[datetime, datetime]],
    ) -> int:
        """Plan alerts about an article for subscribers with alerts on it; return how many.

        They have alerts on one of its categories or words. A subscriber who has reached the daily
        limit, on the day when the alert would be sent, gets none.

        Args:
            same_news: Ids of articles with the same news. A subscriber alerted to one of them is
                not alerted again.
            words: The followed words that occur in the article.
            wanted: Returns whether the article suits the taste with a key.
            wait: Returns, for a zone and quiet hours, the time before which nothing is sent, or
                None.
            day: Returns, for a zone and a time, the start and end of that local day.
        """
        awake = (
            (subscribers.c.state == State.ACTIVE.value)
            # An edition already planned may contain it.
            & (subscribers.c.place < article_id)
            & ((subscribers.c.paused_until.is_(None)) | (subscribers.c.paused_until <= now))
            & _alerted_to(categories, words)
        )
        earlier = deliveries.alias()
        not_sent = ~exists().where(
            earlier.c.subscriber_id == subscribers.c.id,
            # Compare the key, because subscriber and key have an index.
            earlier.c.key.in_(sorted({_key(each) for each in same_news})),
            # An expression, so that the index on states is not used: it would read all readers'
            # alerts.
            earlier.c.state.concat("").in_(ON_ITS_WAY),
        )
        key = _key(article_id)

        def write(connection: Connection) -> int:
            planned = 0
            one_at_a_time(connection)
            rows = connection.execute(
                select(
                    subscribers.c.taste_key,
                    subscribers.c.zone,
                    subscribers.c.quiet_from,
                    subscribers.c.quiet_to,
                )
                .where(awake)
                .distinct()
            )
            for taste_key, zone, quiet_from, quiet_to in rows.all():
                if not wanted(taste_key):
                    continue
                not_before = wait(zone, quiet_from, quiet_to) or now
                chosen = rows_for(
                    DeliveryKind.ALERT,
                    now,
                    0,
                    key=key,
                    not_before=not_before,
                ).add_columns(literal(article_id).label("article_id"))
                planned += self.insert_rows(
                    connection,
                    chosen.where(
                        awake,
                        not_sent,
                        _alerts_within(*day(zone, not_before)) < subscribers.c.alerts_a_day,
                        subscribers.c.taste_key == taste_key,
                        subscribers.c.zone == zone,
                        subscribers.c.quiet_from.is_not_distinct_from(quiet_from),
                        subscribers.c.quiet_to.is_not_distinct_from(quiet_to),
                    ),
                    "article_id",
                )
            if planned:
                self.wake_sender(connection)
            return planned

        return await self._db.write(write)

    async def alert_audience(
        self,
        categories: Sequence[str],
        words: Sequence[str],
        now: datetime,
        *,
        wanted: Callable[[str], bool],
        wait: Callable[[str, int | None, int | None], datetime | None],
    ) -> tuple[int, int]:
        """Return how many subscribers would get an alert now, and how many after quiet hours."""
        s = subscribers.c
        group = (s.taste_key, s.zone, s.quiet_from, s.quiet_to)
        query = (
            select(*group, func.count().label("number"))
            .where(
                s.state == State.ACTIVE.value,
                s.paused_until.is_(None) | (s.paused_until <= now),
                _alerted_to(categories, words),
            )
            .group_by(*group)
        )
        rows = await self._db.rows(query)
        at_once = later = 0
        for taste_key, zone, quiet_from, quiet_to, number in rows:
            if not wanted(taste_key):
                continue
            if wait(zone, quiet_from, quiet_to) is None:
                at_once += number
            else:
                later += number
        return at_once, later

    async def awaited(self, article_ids: Collection[int]) -> list[int]:
        """Return the ids of articles with a category or word on which a reader has alerts.

        They are in ascending order. An article that an editor published without an alert is left
        out.
        """
        asked = {"articles": list(article_ids)}
        return sorted(await self._db.scalars(_AWAITED, asked))

    async def alert_tastes(
        self, categories: Collection[str], words: Collection[str] = ()
    ) -> frozenset[str]:
        """Return the taste keys of subscribers with alerts on one of these categories or words."""
        query = select(subscribers.c.taste_key).where(_alerted_to(categories, words)).distinct()
        return frozenset(await self._db.scalars(query))


def _quietly_published(article_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return a condition: an editor published the article without an alert.

    The link is compared, because a draft gets its article's id only after that is stored.
    """
    return exists().where(
        articles.c.id == article_id,
        drafts.c.link == articles.c.link,
        drafts.c.state.in_((DraftState.PUBLISHING.value, DraftState.PUBLISHED.value)),
        ~drafts.c.alert,
    )


_AWAITED = union(
    select(article_categories.c.article_id).where(
        article_categories.c.article_id.in_(bindparam("articles", expanding=True)),
        ~_quietly_published(article_categories.c.article_id),
        exists().where(follows.c.category == article_categories.c.category, with_alerts),
    ),
    select(article_words.c.article_id).where(
        article_words.c.article_id.in_(bindparam("articles", expanding=True)),
        ~_quietly_published(article_words.c.article_id),
        exists().where(word_follows.c.word == article_words.c.word, words_with_alerts),
    ),
)
# Built once, because every batch of news runs it.


def _key(article_id: int) -> str:
    return f"alert:{article_id}"


def _alerts_within(start: datetime, end: datetime) -> ScalarSelect[int]:
    """Return a subquery: alerts sent or to be sent to a subscriber from `start` to `end`."""
    of_day = deliveries.alias()
    sent_at = func.coalesce(of_day.c.settled, of_day.c.not_before, of_day.c.due)
    return (
        select(func.count())
        .select_from(of_day)
        .where(
            of_day.c.subscriber_id == subscribers.c.id,
            # The index can seek to this: quiet hours delay an alert by a day at most.
            of_day.c.due >= start - timedelta(days=2),
            of_day.c.kind == DeliveryKind.ALERT.value,
            of_day.c.state.concat("").in_(ON_ITS_WAY),
            sent_at >= start,
            sent_at < end,
        )
        .correlate(subscribers)
        .scalar_subquery()
    )


def _alerted_to(categories: Collection[str], words: Collection[str]) -> ColumnElement[bool]:
    asked = select(follows.c.subscriber_id).where(
        follows.c.category.in_(list(categories)), with_alerts
    )
    if words:
        asked_by_word = select(word_follows.c.subscriber_id).where(
            word_follows.c.word.in_(list(words)), words_with_alerts
        )
        both = union(asked, asked_by_word).subquery()
        asked = select(both.c.subscriber_id)
    return subscribers.c.id.in_(asked)
