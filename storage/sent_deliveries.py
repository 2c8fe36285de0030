"""What subscribers were sent: which editions, in which messages, and what they showed."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Select, literal, select

from storage.model import DeliveryKind, DeliveryState
from storage.plans import ASKED_FOR, EDITIONS, ON_ITS_WAY
from storage.schema import deliveries, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.database import Database


class SentDeliveries:
    """The ledger, as those see it who ask what was."""

    _db: Database

    async def messages(self, delivery_id: int) -> tuple[int, ...]:
        """The ids of the messages in which a row was sent so far."""
        async with self._db.read() as connection:
            text = (
                await connection.execute(
                    select(deliveries.c.message_ids).where(deliveries.c.id == delivery_id)
                )
            ).scalar()
        return tuple(json.loads(text)) if text else ()

    async def is_sending(self, subscriber_id: int) -> bool:
        """Whether something for a subscriber is on its way, as far as the ledger knows."""
        query = select(deliveries.c.id).where(
            deliveries.c.subscriber_id == subscriber_id,
            # As an expression, or the index by state could look the better one.
            deliveries.c.state.concat("") == DeliveryState.SENDING.value,
        )
        async with self._db.read() as connection:
            return (await connection.execute(query.limit(1))).first() is not None

    async def newest_sent(self, subscriber_id: int) -> int | None:
        """The id of the newest edition that reached a subscriber, in part at least."""
        query = (
            select(deliveries.c.id)
            .where(
                deliveries.c.subscriber_id == subscriber_id,
                deliveries.c.kind.in_(EDITIONS),
                deliveries.c.message_ids.is_not(None),
            )
            .order_by(deliveries.c.due.desc(), deliveries.c.id.desc())
            .limit(1)
        )
        async with self._db.read() as connection:
            newest: int | None = (await connection.execute(query)).scalar()
        return newest

    async def shown(self, delivery_id: int) -> tuple[int, ...]:
        """The ids of the articles that a row carried, in reading order; none before it was sent."""
        query = select(deliveries.c.articles).where(deliveries.c.id == delivery_id)
        async with self._db.read() as connection:
            text = (await connection.execute(query)).scalar()
        return tuple(json.loads(text)) if text else ()

    async def alerted(
        self, subscriber_ids: Collection[int], since: datetime
    ) -> dict[int, frozenset[int]]:
        """The articles that subscribers were alerted to, or will be; those without are left out.

        What was dropped, as in a pause that began meanwhile, is still news to them.
        """
        async with self._db.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.subscriber_id, deliveries.c.article_id).where(
                    deliveries.c.subscriber_id.in_(list(subscriber_ids)),
                    deliveries.c.due >= since,
                    # As an expression, or the index by state could look the better one.
                    deliveries.c.state.concat("").in_(ON_ITS_WAY),
                    deliveries.c.kind == DeliveryKind.ALERT.value,
                )
            )
            found: dict[int, set[int]] = defaultdict(set)
            for subscriber_id, article_id in rows:
                found[subscriber_id].add(article_id)
        return {whose: frozenset(ids) for whose, ids in found.items()}

    async def shown_otherwise(
        self, delivery_ids: Collection[int], since: datetime
    ) -> dict[int, frozenset[int]]:
        """What subscribers were shown before an edition that its own taste does not tell.

        That is all of what was chosen by another taste, and of a first edition, which is topped up
        with what is not followed.

        Args:
            delivery_ids: Of the editions, one a subscriber.
            since: Earlier ones that were due since then count.

        Returns:
            Subscriber's id → ids of articles; those without any are left out.
        """
        d = deliveries.c
        own = select(d.subscriber_id, d.taste_key, d.due).where(d.id.in_(list(delivery_ids)))
        return await self._shown_otherwise(own, since)

    async def shown_otherwise_to(
        self, subscriber_id: int, since: datetime, at: datetime
    ) -> frozenset[int]:
        """The same before an edition that a subscriber would get at a time by the taste of now."""
        s = subscribers.c
        own = select(
            s.id.label("subscriber_id"),
            s.taste_key,
            literal(at, deliveries.c.due.type).label("due"),
        ).where(s.id == subscriber_id)
        found = await self._shown_otherwise(own, since)
        return found.get(subscriber_id, frozenset())

    async def _shown_otherwise(
        self, editions: Select[int, str, datetime], since: datetime
    ) -> dict[int, frozenset[int]]:
        own, before = editions.subquery(), deliveries.alias().c
        query = select(before.subscriber_id, before.articles).where(
            before.subscriber_id == own.c.subscriber_id,
            before.due >= since,
            before.due < own.c.due,
            before.kind.in_(EDITIONS),
            before.articles.is_not(None),
            (before.taste_key != own.c.taste_key) | (before.place_from == 0),
        )
        found: defaultdict[int, set[int]] = defaultdict(set)
        async with self._db.read() as connection:
            for subscriber_id, shown in await connection.execute(query):
                found[subscriber_id].update(json.loads(shown))
        return {whose: frozenset(ids) for whose, ids in found.items()}

    async def sent_editions(
        self,
        subscriber_id: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        most: int,
    ) -> list[tuple[int, datetime]]:
        """The newest editions with a story that reached a subscriber: their ids, and when due.

        Args:
            subscriber_id: Whose.
            since: Only those due at this moment or later.
            until: Only those due before this moment.
            most: At most so many.
        """
        d = deliveries.c
        query = (
            select(d.id, d.due)
            .where(
                d.subscriber_id == subscriber_id,
                d.kind.in_(EDITIONS),
                d.message_ids.is_not(None),
                d.articles != "[]",
            )
            .order_by(d.due.desc(), d.id.desc())
            .limit(most)
        )
        if since is not None:
            query = query.where(d.due >= since)
        if until is not None:
            query = query.where(d.due < until)
        async with self._db.read() as connection:
            return [(row.id, row.due) for row in await connection.execute(query)]

    async def shown_before(
        self, subscriber_ids: Collection[int], since: datetime
    ) -> dict[int, list[tuple[datetime, tuple[int, ...]]]]:
        """The editions that were due since a moment and reached subscribers, in their order.

        What a reader asked for is left aside.

        Returns:
            Subscriber's id → when each was due, and the ids of the articles that it showed.
        """
        d = deliveries.c
        query = (
            select(d.subscriber_id, d.due, d.articles)
            .where(
                d.subscriber_id.in_(list(subscriber_ids)),
                d.due >= since,
                d.kind.in_(EDITIONS),
                d.articles.is_not(None),
                ~d.key.startswith(ASKED_FOR),
            )
            .order_by(d.due)
        )
        found: dict[int, list[tuple[datetime, tuple[int, ...]]]] = defaultdict(list)
        async with self._db.read() as connection:
            for whose, due, shown in await connection.execute(query):
                found[whose].append((due, tuple(json.loads(shown))))
        return found
