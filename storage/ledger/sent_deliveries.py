"""What subscribers were sent: the editions, their messages, and the articles shown."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, bindparam, select

from storage.db.dialect import by_index
from storage.ledger.merged_editions import EDITIONS
from storage.ledger.plans import ASKED_FOR, ON_ITS_WAY
from storage.model import DeliveryKind, DeliveryState, SentEdition
from storage.model.edition_model import OPEN
from storage.tables.ledger_schema import BY_STATE, deliveries
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from storage.db.database import Database
    from storage.model import Delivery

_d, _s = deliveries.c, subscribers.c


def _shown_otherwise(editions: Select[int, str, datetime]) -> Select[int, str]:
    """Return a query for the articles of earlier editions that had another taste.

    Only editions due since the parameter `:since` count. A first edition counts too, since it is
    topped up with categories not followed.
    """
    own, before = editions.subquery(), deliveries.alias().c
    return select(before.subscriber_id, before.articles).where(
        before.subscriber_id == own.c.subscriber_id,
        before.due >= bindparam("since", type_=_d.due.type),
        before.due < own.c.due,
        before.kind.in_(EDITIONS),
        before.articles.is_not(None),
        (before.taste_key != own.c.taste_key) | (before.place_from == 0),
    )


# Built once, because a fan-out runs these for every hundred readers.
_ALERTED = select(_d.subscriber_id, _d.article_id).where(
    _d.subscriber_id.in_(bindparam("whose", expanding=True)),
    _d.due >= bindparam("since", type_=_d.due.type),
    # An expression, so that the index on states is not used.
    _d.state.concat("").in_(ON_ITS_WAY),
    _d.kind == DeliveryKind.ALERT.value,
)
_SHOWN_BEFORE_THESE = _shown_otherwise(
    select(_d.subscriber_id, _d.taste_key, _d.due).where(
        _d.id.in_(bindparam("ids", expanding=True))
    )
)
_SHOWN_BEFORE_THEN = _shown_otherwise(
    select(
        _s.id.label("subscriber_id"),
        _s.taste_key,
        bindparam("at", type_=_d.due.type).label("due"),
    ).where(_s.id == bindparam("whose"))
)
_SHOWN_TO = select(_d.subscriber_id, _d.articles).where(
    _d.subscriber_id.in_(bindparam("whose", expanding=True)),
    _d.due.between(bindparam("since", type_=_d.due.type), bindparam("until", type_=_d.due.type)),
    _d.kind.in_(EDITIONS),
    _d.articles.is_not(None),
    _d.id.not_in(bindparam("ids", expanding=True)),
)
_REACHED = (
    select(
        *(_d.id, _d.subscriber_id, _d.state),
        *(_d.taste_key, _d.place_from, _d.place_to, _d.since, _d.due, _d.articles),
    )
    .where(
        _d.subscriber_id.in_(bindparam("whose", expanding=True)),
        _d.due >= bindparam("since", type_=_d.due.type),
        _d.kind.in_(EDITIONS),
        # An expression, so that the index on states is not used.
        _d.state.concat("").in_(OPEN) | (_d.message_ids.is_not(None) & (_d.articles != "[]")),
    )
    .order_by(_d.due.desc(), _d.id.desc())
)


def _earlier(row: Row[*tuple[Any, ...]]) -> SentEdition:
    *_, taste_key, place_from, place_to, since, due, shown = row
    return SentEdition(taste_key, place_from, place_to, since, due, tuple(json.loads(shown)))


class SentDeliveries:
    """The ledger's methods that report what was sent."""

    _db: Database

    async def messages(self, delivery_id: int) -> tuple[int, ...]:
        """Return the ids of the messages in which a row has been sent so far."""
        query = select(deliveries.c.message_ids).where(deliveries.c.id == delivery_id)
        text = await self._db.scalar(query)
        return tuple(json.loads(text)) if text else ()

    async def is_sending(self, subscriber_id: int) -> bool:
        """Return whether a delivery to a subscriber is in flight, according to the ledger."""
        query = select(deliveries.c.id).where(
            deliveries.c.subscriber_id == subscriber_id,
            # An expression, so that the index on states is not used.
            deliveries.c.state.concat("") == DeliveryState.SENDING.value,
        )
        row = await self._db.first(query.limit(1))
        return row is not None

    async def is_any_sending(self) -> bool:
        """Return whether a delivery to anyone is in flight, according to the ledger."""
        query = by_index(select(deliveries.c.id), deliveries, *BY_STATE).where(
            deliveries.c.state == DeliveryState.SENDING.value
        )
        row = await self._db.first(query.limit(1))
        return row is not None

    async def newest_sent(self, subscriber_id: int) -> int | None:
        """Return the id of the newest edition of which a part reached the subscriber, or None."""
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
        return await self._db.scalar(query)

    async def shown(self, delivery_id: int) -> tuple[int, ...]:
        """Return the ids of the articles in a sent row, in reading order; empty before sending."""
        query = select(deliveries.c.articles).where(deliveries.c.id == delivery_id)
        text = await self._db.scalar(query)
        return tuple(json.loads(text)) if text else ()

    async def alerted(
        self, subscriber_ids: Collection[int], since: datetime
    ) -> dict[int, frozenset[int]]:
        """Return the articles that subscribers were or will be alerted to, by subscriber.

        Subscribers without any are left out. Dropped alerts, as in a pause, do not count.
        """
        asked = {"whose": list(subscriber_ids), "since": since}
        rows = await self._db.rows(_ALERTED, asked)
        found: dict[int, set[int]] = defaultdict(set)
        for subscriber_id, article_id in rows:
            found[subscriber_id].add(article_id)
        return {whose: frozenset(ids) for whose, ids in found.items()}

    async def shown_otherwise(
        self, delivery_ids: Collection[int], since: datetime
    ) -> dict[int, frozenset[int]]:
        """Return by subscriber the articles of editions before the taste was changed.

        `delivery_ids` are editions, one for each subscriber; only earlier ones due since then
        count. A first edition counts too, since it is topped up with categories not followed.
        Subscribers without any are left out.
        """
        asked = {"ids": list(delivery_ids), "since": since}
        return await self._articles_shown(_SHOWN_BEFORE_THESE, asked)

    async def shown_otherwise_to(
        self, subscriber_id: int, since: datetime, at: datetime
    ) -> frozenset[int]:
        """Return the articles that a subscriber got in editions before changing the taste.

        This is `shown_otherwise` for an edition that is not planned yet and would be due at `at`.
        """
        asked = {"whose": subscriber_id, "at": at, "since": since}
        found = await self._articles_shown(_SHOWN_BEFORE_THEN, asked)
        return found.get(subscriber_id, frozenset())

    async def shown_to(
        self, rows: Collection[Delivery], since: datetime, until: datetime
    ) -> dict[int, frozenset[int]]:
        """Return by subscriber the articles of all other editions of these rows' subscribers.

        Only editions due from `since` to `until`, inclusive, count. A row that is not stored yet
        will do. Subscribers without any are left out.
        """
        whose, ids = [row.subscriber_id for row in rows], [row.id for row in rows]
        asked = {"whose": whose, "ids": ids, "since": since, "until": until}
        return await self._articles_shown(_SHOWN_TO, asked)

    async def _articles_shown(
        self, query: Select[int, str], asked: Mapping[str, object]
    ) -> dict[int, frozenset[int]]:
        rows = await self._db.rows(query, asked)
        found: defaultdict[int, set[int]] = defaultdict(set)
        for subscriber_id, shown in rows:
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
        """Return id and due time of the newest non-empty editions that reached a subscriber.

        They have `since` <= due < `until`. The newest comes first.
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
        rows = await self._db.rows(query)
        return [(row.id, row.due) for row in rows]

    async def editions_before(
        self, rows: Collection[Delivery], since: datetime, most: int
    ) -> dict[int, tuple[SentEdition, ...]]:
        """Return by row id the last non-empty editions that its subscriber got before it.

        The latest comes first. A row that is not stored yet will do; rows without any are left out.
        A subscriber with another edition still to come has none: what it will show is not known.
        """
        asked = {"whose": [row.subscriber_id for row in rows], "since": since}
        reached = await self._db.rows(_REACHED, asked)
        of_one = defaultdict(list)
        for each in reached:
            of_one[each.subscriber_id].append(each)
        found: dict[int, tuple[SentEdition, ...]] = {}
        for row in rows:
            others = [each for each in of_one.get(row.subscriber_id, ()) if each.id != row.id]
            if any(each.state in OPEN for each in others):
                continue
            before = (
                each for each in others if each.due < row.due and each.place_to <= row.place_from
            )
            last = tuple(map(_earlier, islice(before, most)))
            if last:
                found[row.id] = last
        return found

    async def shown_before(
        self, subscriber_ids: Collection[int], since: datetime
    ) -> dict[int, list[tuple[datetime, tuple[int, ...]]]]:
        """Return by subscriber the editions due since a time that arrived, in order of due time.

        Each is its due time and the article ids shown. Editions that a reader asked for are left
        out.
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
        rows = await self._db.rows(query)
        found: dict[int, list[tuple[datetime, tuple[int, ...]]]] = defaultdict(list)
        for whose, due, shown in rows:
            found[whose].append((due, tuple(json.loads(shown))))
        return found
