"""The planning of editions and alerts in the ledger.

Each plan is one transaction that also moves the subscriber's place in the archive. So, whatever
happens next, an article is in exactly one plan for each subscriber. Only one such transaction runs
at a time, since each starts where the last one ended.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, exists, func, literal, or_, select, union, update

from storage.db.changes import ChangeTopic, note_change
from storage.db.dialect import AdvisoryLock, by_index, insert_new, take_turns
from storage.ledger.merged_editions import EDITIONS, merge
from storage.model import DeliveryKind, DeliveryState, State
from storage.model.desk_model import DraftState
from storage.readers.preferences import from_spec
from storage.tables.desk_schema import drafts
from storage.tables.ledger_schema import BY_STATE, deliveries
from storage.tables.reader_schema import (
    follows,
    for_large_news,
    subscribers,
    tastes,
    with_alerts,
    word_follows,
    words_with_alerts,
)
from storage.tables.schema import article_categories, article_words, articles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select

    from storage.db.database import Database
    from storage.model import Taste

YEAR = timedelta(days=366)
CHUNK = 1_000
"""Subscribers planned in one transaction: few enough to let other writers in between."""

ON_ITS_WAY = (DeliveryState.PLANNED.value, DeliveryState.SENDING.value, DeliveryState.SENT.value)
"""The states of deliveries that a subscriber has received or will receive."""
ASKED_FOR = "now:"
"""Prefix of the key of an edition that a reader asked for."""
COLUMNS = (
    "subscriber_id",
    "key",
    "kind",
    "due",
    "state",
    "place_from",
    "place_to",
    "taste_key",
    "language",
    "layout",
    "not_before",
    "since",
)
_ACTIVE = subscribers.c.state == State.ACTIVE.value
_DUE = select(
    subscribers.c.id,
    subscribers.c.zone,
    subscribers.c.digest_minute,
    subscribers.c.days,
    subscribers.c.paused_until,
    subscribers.c.next_at,
    subscribers.c.evening_minute,
    subscribers.c.place,
).where(_ACTIVE)
_ALERTED_ALIKE = (
    subscribers.c.taste_key,
    subscribers.c.zone,
    subscribers.c.quiet_from,
    subscribers.c.quiet_to,
)
"""Columns that decide whether and when a subscriber may get an alert."""


@dataclass(frozen=True, slots=True)
class DueGroup:
    """The shared settings of subscribers for whom the same is decided."""

    zone: str
    digest_minute: int
    days: int
    paused_until: datetime | None
    next_at: datetime
    evening_minute: int | None = None


@dataclass(frozen=True, slots=True)
class DueDecision:
    """The decision about a group of due subscribers."""

    next_at: datetime
    """When the group's subscribers are due next."""
    due: datetime | None
    """The due time of the edition to plan now; None to plan none, as in a pause."""
    catch_up: bool = False


def key_of(moment: datetime) -> str:
    """Return the ledger key of an edition: its due time in UTC."""
    return moment.astimezone(UTC).isoformat()


class Plans:
    """Plans editions for due subscribers and for `/digest`, and alerts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def plan(
        self,
        now: datetime,
        decide: Callable[[DueGroup], DueDecision],
        *,
        limit: int = CHUNK,
        waiting_since: datetime | None = None,
        turned: bool = False,
        early: datetime | None = None,
    ) -> tuple[int, int]:
        """Plan editions for up to `limit` due subscribers, the longest due first.

        An edition that still waits to be sent is merged into the new one. Return the number of due
        subscribers and of editions planned. Fewer due than `limit` means that no others are due.

        Args:
            decide: Called once for each group; must be pure.
            waiting_since: The result of the method `waiting_since` before the first call; None to
                merge nothing.
            turned: Whether to plan in reverse order, the latest due first.
            early: If given, plan instead those due exactly at this later time, to be sent from now
                on. Subscribers paused now are left for that time.
        """

        def write(connection: Connection) -> tuple[int, int]:
            one_at_a_time(connection)
            due = connection.execute(_due_now(now, limit, turned, early)).all()
            if not due:
                return 0, 0
            groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
            places: dict[int, int] = {}
            for id_, *group, place in due:
                groups[tuple(group)].append(id_)
                places[id_] = place
            decisions: dict[DueDecision, list[int]] = defaultdict(list)
            for shared, ids in groups.items():
                decisions[decide(DueGroup(*shared))].extend(ids)
            newest = _greatest(connection, articles.c.id)
            planned, ready = 0, None if early is None else now
            keys: dict[int, tuple[str, int]] = {}
            at = {row.id: number for number, row in enumerate(due)}
            # Ordered by their first subscriber, or by their last one in reverse order.
            first = max if turned else min
            for decision, ids in sorted(
                decisions.items(), key=lambda each: first(at[id_] for id_ in each[1])
            ):
                moved: dict[str, Any] = {"next_at": decision.next_at}
                if decision.due is not None:
                    kind = DeliveryKind.CATCH_UP if decision.catch_up else DeliveryKind.EDITION
                    last = _greatest(connection, deliveries.c.id)
                    rows = rows_for(kind, decision.due, newest, not_before=ready, turned=turned)
                    inserted = self.insert_rows(connection, rows.where(subscribers.c.id.in_(ids)))
                    planned += inserted
                    key = key_of(decision.due)
                    if inserted < len(ids):
                        # Subscribers who had this edition already get nothing new, and their next
                        # edition begins where it ended.
                        had = set(ids) - _planned_behind(connection, last, key, ids)
                        connection.execute(
                            update(subscribers).where(subscribers.c.id.in_(had)).values(moved)
                        )
                        ids = [id_ for id_ in ids if id_ not in had]  # noqa: PLW2901
                    moved["place"] = _at_least(newest)
                    moved["edition_at"] = decision.due
                    keys.update((id_, (key, places[id_])) for id_ in ids)
                connection.execute(
                    update(subscribers).where(subscribers.c.id.in_(ids)).values(moved)
                )
            if waiting_since is not None:
                merge(connection, keys, now, since=waiting_since, catch_up=True)
            return len(due), planned

        return await self._db.write(write)

    async def due_later(self, after: datetime, until: datetime) -> dict[datetime, int]:
        """Return the number of editions by due time, for `after` < due <= `until`, in order."""
        query = (
            select(subscribers.c.next_at, func.count())
            .where(
                subscribers.c.next_at > after,
                subscribers.c.next_at <= until,
                _ACTIVE,
                _unpaused(after),
            )
            .group_by(subscribers.c.next_at)
            .order_by(subscribers.c.next_at)
        )
        rows = await self._db.rows(query)
        return {row[0]: int(row[1]) for row in rows}

    async def waiting_since(self) -> datetime | None:
        """Return the oldest due time of an edition that waits to be sent, or None."""
        query = by_index(select(func.min(deliveries.c.due)), deliveries, *BY_STATE).where(
            deliveries.c.state == DeliveryState.PLANNED.value, deliveries.c.kind.in_(EDITIONS)
        )
        return await self._db.scalar(query)

    async def plan_now(
        self, subscriber_id: int, now: datetime, *, hold: datetime, read: int | None = None
    ) -> int:
        """Plan an edition that a reader asked for, merging one that still waits; return its id.

        Until `hold` only the caller sends the row, so that it can deliver at once. The edition
        leaves out `read`, an article just read. LookupError if no subscriber has this id.
        """
        key = f"{ASKED_FOR}{now.astimezone(UTC).isoformat(timespec='microseconds')}"

        def write(connection: Connection) -> int:
            one_at_a_time(connection)
            newest = _greatest(connection, articles.c.id)
            self.insert_rows(
                connection,
                rows_for(DeliveryKind.EDITION, now, newest, key=key, not_before=hold)
                .add_columns(literal(read, deliveries.c.article_id.type))
                .where(subscribers.c.id == subscriber_id),
                "article_id",
            )
            connection.execute(
                update(subscribers)
                .where(subscribers.c.id == subscriber_id)
                .values(place=_at_least(newest), edition_at=now)
            )
            self.wake_sender(connection)  # it sends the row if this process is held up
            found = connection.execute(
                select(deliveries.c.id, deliveries.c.place_from).where(
                    deliveries.c.subscriber_id == subscriber_id, deliveries.c.key == key
                )
            ).first()
            if found is None:
                raise LookupError(f"no subscriber has the id {subscriber_id}")
            keys = {subscriber_id: (key, found.place_from)}
            merge(connection, keys, now, since=now - YEAR, catch_up=False)
            return int(found.id)

        return await self._db.write(write)

    def wake_sender(self, connection: Connection) -> None:
        """Let the process that sends know of new rows, unless it is this one."""
        if self._db.fence is None:
            note_change(connection, ChangeTopic.LEDGER)

    async def plan_late(self, delivery_ids: Collection[int], now: datetime) -> None:
        """Turn unsent editions of a past day into catch-ups with all articles up to now."""
        ids = list(delivery_ids)
        place = (
            select(subscribers.c.place)
            .where(subscribers.c.id == deliveries.c.subscriber_id)
            .scalar_subquery()
        )

        def write(connection: Connection) -> None:
            one_at_a_time(connection)
            newest = _greatest(connection, articles.c.id)
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id.in_(ids),
                    # An expression keeps the index on states unused: only these rows are read.
                    deliveries.c.state.concat("") == DeliveryState.PLANNED.value,
                )
                .values(
                    kind=DeliveryKind.CATCH_UP.value,
                    due=now,
                    # Only a subscriber's latest plan may grow: the next one begins at its end.
                    place_to=case(
                        (place == deliveries.c.place_to, newest), else_=deliveries.c.place_to
                    ),
                )
            )
            connection.execute(
                update(subscribers)
                .where(
                    subscribers.c.place <= newest,
                    subscribers.c.id.in_(
                        select(deliveries.c.subscriber_id).where(
                            deliveries.c.id.in_(ids), deliveries.c.place_to == newest
                        )
                    ),
                )
                .values(place=newest, edition_at=now)
            )

        await self._db.write(write)

    async def plan_alerts(
        self,
        article_id: int,
        categories: Sequence[str],
        same_news: Collection[int],
        now: datetime,
        *,
        words: Sequence[str] = (),
        large: bool = True,
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
            large: Whether it is news for those with alerts on large news only, too.
            wanted: Returns whether the article suits the taste with a key.
            wait: Returns, for a zone and quiet hours, the time before which nothing is sent, or
                None.
            day: Returns, for a zone and a time, the start and end of that local day.
        """
        awake = (
            _ACTIVE
            # An edition already planned may contain it.
            & (subscribers.c.place < article_id)
            & _unpaused(now)
            & _alerted_to(categories, words, large=large)
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
            groups = connection.execute(select(*_ALERTED_ALIKE).where(awake).distinct())
            for group in groups.all():
                taste_key, zone, quiet_from, quiet_to = group
                if not wanted(taste_key):
                    continue
                not_before = wait(zone, quiet_from, quiet_to) or now
                chosen = rows_for(DeliveryKind.ALERT, now, 0, key=key, not_before=not_before).where(
                    awake,
                    not_sent,
                    _alerts_within(*day(zone, not_before)) < subscribers.c.alerts_a_day,
                    *(
                        column.is_not_distinct_from(its)
                        for column, its in zip(_ALERTED_ALIKE, group, strict=True)
                    ),
                )
                planned += self.insert_rows(
                    connection,
                    chosen.add_columns(literal(article_id).label("article_id")),
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
        query = (
            select(*_ALERTED_ALIKE, func.count())
            .where(_ACTIVE, _unpaused(now), _alerted_to(categories, words))
            .group_by(*_ALERTED_ALIKE)
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

    async def awaited(self, article_ids: Collection[int]) -> dict[int, bool]:
        """Return those of these articles with a category or word on which a reader has alerts.

        They are keys in ascending order; the value is whether an editor published the article with
        an alert. What an editor published without one is left out.
        """
        rows = await self._db.rows(_AWAITED, {"articles": list(article_ids)})
        return {number: bool(by_editor) for number, by_editor in sorted(rows)}

    async def alert_tastes(
        self, categories: Collection[str], words: Collection[str] = ()
    ) -> dict[str, Taste]:
        """Return key → taste of subscribers with alerts on one of these categories or words."""
        query = (
            select(tastes.c.key, tastes.c.spec)
            .join(subscribers, subscribers.c.taste_key == tastes.c.key)
            .where(_alerted_to(categories, words))
            .distinct()
        )
        return {key: from_spec(spec) for key, spec in await self._db.rows(query)}

    async def alert_keys(
        self, categories: Collection[str], words: Collection[str] = ()
    ) -> frozenset[str]:
        """Return the keys of the tastes that `alert_tastes` would read."""
        query = select(subscribers.c.taste_key).where(_alerted_to(categories, words)).distinct()
        return frozenset(await self._db.scalars(query))

    def insert_rows(self, connection: Connection, chosen: Select[Any], *more: str) -> int:
        """Insert the rows of a query, skipping keys that a subscriber has; return how many.

        `chosen` selects the values of `COLUMNS` and of `more`, the names of further columns.
        """
        result = connection.execute(
            insert_new(deliveries, self._db.dialect).from_select([*COLUMNS, *more], chosen)
        )
        return result.rowcount


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other transaction plans, and keep others waiting until this one ends.

    On PostgreSQL a statement that waited for a row continues with the values it read before.
    """
    take_turns(connection, AdvisoryLock.PLANS)


def _at_least(newest: int) -> Any:  # noqa: ANN401  # an SQL expression
    """Return an SQL expression for a subscriber's place: `newest`, unless it is already greater."""
    return case((subscribers.c.place < newest, newest), else_=subscribers.c.place)


def rows_for(
    kind: DeliveryKind,
    due: datetime,
    newest: int,
    *,
    key: str | None = None,
    not_before: datetime | None = None,
    turned: bool = False,
) -> Select[Any]:
    """Return a query for new ledger rows with `COLUMNS`; the caller restricts the subscribers.

    The edition ends at `newest`. `key` and `not_before`, when the row may be sent, are by default
    the due time. `turned` orders by descending subscriber id.
    """
    utc = deliveries.c.due.type
    rows = select(
        subscribers.c.id,
        literal(key or key_of(due)),
        literal(kind.value),
        literal(due, utc),
        literal(DeliveryState.PLANNED.value),
        subscribers.c.place,
        _at_least(newest),
        subscribers.c.taste_key,
        subscribers.c.language,
        subscribers.c.layout,
        literal(not_before or due, utc),
        subscribers.c.edition_at,
    )
    return rows.order_by(subscribers.c.id.desc() if turned else subscribers.c.id)


def _greatest(connection: Connection, column: ColumnElement[int]) -> int:
    return int(connection.execute(select(func.max(column))).scalar() or 0)


def _due_now(
    now: datetime,
    limit: int,
    turned: bool,  # noqa: FBT001  # it has a single caller
    early: datetime | None,
) -> Select[Any]:
    """Return a query for subscribers that are due, the longest due first, locking their rows.

    `turned` reads the index backwards: the latest due first. With `early`, those due exactly at
    this later time and not paused now are selected instead.
    """
    order = (subscribers.c.next_at, subscribers.c.id)
    chosen = (
        _DUE.where(subscribers.c.next_at <= now)
        if early is None
        else _DUE.where(subscribers.c.next_at == early, _unpaused(now))
    )
    ordered = chosen.order_by(*(each.desc() if turned else each for each in order))
    return ordered.limit(limit).with_for_update()


def _planned_behind(
    connection: Connection, last: int, key: str, subscriber_ids: Collection[int]
) -> set[int]:
    """Return which of these subscribers have a row with this key and an id above `last`."""
    query = select(deliveries.c.subscriber_id).where(
        deliveries.c.subscriber_id.in_(subscriber_ids),
        deliveries.c.key == key,
        deliveries.c.id > last,
    )
    return set(connection.execute(query).scalars())


def _unpaused(now: datetime) -> ColumnElement[bool]:
    return or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= now)


def _published(article_id: ColumnElement[int], *, alert: bool) -> ColumnElement[bool]:
    """Return a condition: an editor published the article with an alert, or without one.

    The link is compared, because a draft gets its article's id only after that is stored.
    """
    return exists().where(
        articles.c.id == article_id,
        drafts.c.link == articles.c.link,
        drafts.c.state.in_((DraftState.PUBLISHING.value, DraftState.PUBLISHED.value)),
        drafts.c.alert == alert,
    )


_AWAITED = union(
    select(
        article_categories.c.article_id, _published(article_categories.c.article_id, alert=True)
    ).where(
        article_categories.c.article_id.in_(bindparam("articles", expanding=True)),
        ~_published(article_categories.c.article_id, alert=False),
        exists().where(follows.c.category == article_categories.c.category, with_alerts),
    ),
    select(article_words.c.article_id, _published(article_words.c.article_id, alert=True)).where(
        article_words.c.article_id.in_(bindparam("articles", expanding=True)),
        ~_published(article_words.c.article_id, alert=False),
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


def _alerted_to(
    categories: Collection[str], words: Collection[str], *, large: bool = True
) -> ColumnElement[bool]:
    asked = select(follows.c.subscriber_id).where(
        follows.c.category.in_(list(categories)), with_alerts
    )
    if not large:
        asked = asked.where(~for_large_news)
    if words:
        asked_by_word = select(word_follows.c.subscriber_id).where(
            word_follows.c.word.in_(list(words)), words_with_alerts
        )
        both = union(asked, asked_by_word).subquery()
        asked = select(both.c.subscriber_id)
    return subscribers.c.id.in_(asked)
