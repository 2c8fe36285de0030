"""The ledger: one row for each edition or alert to each subscriber.

`Plans` inserts rows. A row is claimed just before its request and settled just
after, many in one short transaction. So a row that a crash leaves in `sending` was in flight.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from storage.db.dataclass_rows import columns_of, reader_of
from storage.db.dialect import by_index
from storage.ledger import delivery_counters
from storage.ledger.delivery_claims import by_form, entry_of, is_undelivered, statements
from storage.ledger.merged_editions import EDITIONS
from storage.ledger.outdated_copies import KnownCorrections, enter_outdated
from storage.ledger.plans import ASKED_FOR, ON_ITS_WAY
from storage.ledger.stored_issues import StoredIssues, store_issues
from storage.model import (
    FIRST_OF_CHANNELS,
    ChatKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Form,
    Layout,
    SentEdition,
    Settlement,
    State,
    Taste,
)
from storage.model.edition_model import OPEN
from storage.readers.preferences import from_spec
from storage.serving.lease import check
from storage.tables.ledger_schema import BY_STATE, deliveries
from storage.tables.reader_schema import subscribers, tastes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.db.database import Database
    from storage.model import SentIssue

UNWANTED = "stopped"
"""The error of a row whose subscriber stopped, paused or left before it was sent."""

CHANNEL = ChatKind.CHANNEL.value
_ELSEWHERE: Mapping[str, ColumnElement[Any]] = {
    "chat_id": subscribers.c.chat_id,
    "thread_id": subscribers.c.thread_id,
    "zone": subscribers.c.zone,
    "empty_note": subscribers.c.empty_note,
    "evening_minute": subscribers.c.evening_minute,
    "silent": case(
        (deliveries.c.kind == DeliveryKind.ALERT.value, subscribers.c.silent_alerts),
        else_=subscribers.c.silent,
    ),
    "public": or_(
        subscribers.c.kind == CHANNEL,
        and_(~subscribers.c.kind_confirmed, subscribers.c.chat_id < FIRST_OF_CHANNELS),
    ),
    "asked": deliveries.c.key.startswith(ASKED_FOR),
}
"""Field of `Delivery` → its column, unless it is the column of the same name of `deliveries`."""
# Faster than to call the enumerations.
_KINDS = {each.value: each for each in DeliveryKind}
_STATES = {each.value: each for each in DeliveryState}
_LAYOUTS = {each.value: each for each in Layout}
_FORMS: dict[str | None, Form | None] = {None: None, **{each.value: each for each in Form}}
delivery_of = reader_of(
    Delivery,
    {
        "kind": _KINDS.__getitem__,
        "state": _STATES.__getitem__,
        "layout": _LAYOUTS.__getitem__,
        "form": _FORMS.__getitem__,
    },
)
"""Makes a `Delivery` of a row of a query that begins with the columns of `READ`."""

READ = select(
    *columns_of(Delivery, deliveries, _ELSEWHERE),
    deliveries.c.not_before,
    subscribers.c.state.label("whose_state"),
    subscribers.c.paused_until,
).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)

Cursor = tuple["datetime", int]
"""A position in the queue of planned rows: its time and id."""
_d, _s = deliveries.c, subscribers.c


class WaitingRows(list[Delivery]):
    """Waiting rows to send, waiting rows to drop, and the position after them."""

    __slots__ = ("cursor", "unwanted")

    def __init__(self) -> None:
        super().__init__()
        self.unwanted: list[Delivery] = []
        """Rows to drop: their subscribers have stopped, paused or left since planning."""
        self.cursor: Cursor | None = None
        """The position at which the next reading begins; None if there are no more rows."""


class Deliveries:
    """The rows of the ledger: the queue of those to send, and what was sent."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stored_issues = StoredIssues()
        self._known_corrections = KnownCorrections()

    async def peek(
        self,
        now: datetime,
        *,
        limit: int,
        after: Cursor | None = None,
        kind: DeliveryKind | None = None,
        urgent: bool = False,
    ) -> WaitingRows:
        """Read planned rows that may be sent now, in the order of their times. Change nothing.

        `after` is the cursor of an earlier answer, to read on from. `urgent` gives only alerts, and
        rows that were put off after a first turn.
        """
        query = _queue(self._db.dialect, goes_on=after is not None, kind=kind, urgent=urgent)
        asked: dict[str, Any] = {"now": now, "most": limit}
        if after is not None:
            asked["at"], asked["behind"] = after
        rows = await self._db.rows(query, asked)
        found = WaitingRows()
        for row in rows:
            active = row.whose_state == State.ACTIVE.value and (
                row.paused_until is None or row.paused_until <= now
            )
            (found if active else found.unwanted).append(delivery_of(row))
        if len(rows) == limit:
            found.cursor = (rows[-1].not_before, rows[-1].id)
        return found

    async def get(self, delivery_id: int) -> Delivery | None:
        """Return the delivery with this id, or None."""
        row = await self._db.first(READ.where(_d.id == delivery_id))
        return None if row is None else delivery_of(row)

    async def commit(
        self,
        *,
        claim: Collection[int] = (),
        forms: Mapping[int, Form] | None = None,
        settle: Sequence[Settlement] = (),
        shown: Mapping[int, str] | None = None,
        issues: Mapping[int, SentIssue] | None = None,
        unclear: Collection[int] = (),
        now: datetime,
        again: bool = False,
    ) -> frozenset[int]:
        """Claim rows that are about to be sent and settle others, in one transaction.

        Return the ids of the rows claimed: those that were still planned.

        Args:
            forms: The form in which a claimed row is sent, by id, where it has several.
            settle: The results of claimed rows. The state `SENDING` records the number of parts
                sent so far.
            shown: The article ids that settled rows carried, as JSON, by id.
            issues: The stories that settled rows carried, by id.
            unclear: Ids of settled rows with a request that may or may not have been carried out.
            again: Whether an identical commit may already have succeeded, as when the connection
                broke. Then rows already in `sending` also count as claimed.
        """
        forms, shown, issues = forms or {}, shown or {}, issues or {}
        fence, ahead = self._db.fence, self._db.server_ahead
        # The last update to a row wins. Rows are always written in the same order, so that two
        # batches cannot deadlock.
        last = sorted({each.delivery_id: each for each in settle}.items())
        lost = [each.delivery_id for each in settle if is_undelivered(each)]
        entries = json.dumps(
            [
                entry_of(each, now, ahead, shown=shown, issues=issues, unclear=unclear)
                for _, each in last
            ]
        )
        new = self._stored_issues.new(issues.values(), now)
        run, known_corrections = statements(self._db.dialect), self._known_corrections

        def write(connection: Connection) -> frozenset[int]:
            check(connection, fence)
            if issues:
                known_corrections.read(connection)
            if last:
                rows = connection.execute(run.settle, {"entries": entries}).all()
                delivery_counters.record(connection, rows)
                if issues:
                    recorded = [row.id for row in rows]
                    enter_outdated(connection, known_corrections, recorded, issues)
            if new:
                store_issues(connection, new, now)
            if lost:
                connection.execute(run.give_back, {"ids": lost})
            claimed, states = set[int](), OPEN if again else OPEN[:1]
            for form, alike in by_form(claim, forms) if claim else ():
                values = {"ids": alike, "from": states, "now": now, "new_form": form}
                claimed.update(connection.execute(run.claim, values).scalars().all())
            return frozenset(claimed)

        claimed = await self._db.write(write)
        self._stored_issues.add(new)
        return claimed

    async def recover(self) -> int:
        """Plan again the rows that a dead process left in flight; return how many.

        Call it once, before sending. Each of these rows may have arrived or not, so it is sent once
        more. Parts that are known to have arrived are not sent again.
        """
        again = (
            update(deliveries)
            .where(deliveries.c.state == DeliveryState.SENDING.value)
            .values(state=DeliveryState.PLANNED.value, attempts=deliveries.c.attempts + 1)
        )

        def write(connection: Connection) -> int:
            check(connection, self._db.fence)
            return connection.execute(again).rowcount

        return await self._db.write(write)

    async def next_time(
        self, after: datetime | None = None, *, kind: DeliveryKind | None = None
    ) -> datetime | None:
        """Return when the next planned row may be sent, or None if none waits.

        Only rows that must wait longer than `after` count.
        """
        query = by_index(select(func.min(deliveries.c.not_before)), deliveries, *BY_STATE).where(
            deliveries.c.state == DeliveryState.PLANNED.value
        )
        if after is not None:
            query = query.where(deliveries.c.not_before > after)
        if kind is not None:
            query = query.where(deliveries.c.kind == kind.value)
        return await self._db.scalar(query)

    async def note_form(self, delivery_id: int, form: Form) -> None:
        """Record the form to which a reader changed a sent edition by a button."""
        changed = update(deliveries).where(deliveries.c.id == delivery_id).values(form=form.value)
        await self._db.execute(changed)

    async def sent_as(self, subscriber_id: int, message_id: int) -> Delivery | None:
        """Return the edition that this message is a part of, or None if no row records it."""
        query = (
            select(deliveries.c.id, deliveries.c.message_ids)
            .where(
                deliveries.c.subscriber_id == subscriber_id,
                deliveries.c.kind.in_(EDITIONS),
                deliveries.c.message_ids.like(f"%{message_id}%"),
            )
            .order_by(deliveries.c.due.desc())
        )
        rows = await self._db.rows(query)
        found = next((row.id for row in rows if message_id in json.loads(row.message_ids)), None)
        return None if found is None else await self.get(found)

    async def next_editions(self, delivery_ids: Collection[int]) -> dict[int, datetime]:
        """Return when each row's subscriber is due next, by row id; rows without are left out."""
        query = (
            select(deliveries.c.id, subscribers.c.next_at)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(deliveries.c.id.in_(list(delivery_ids)), subscribers.c.next_at.is_not(None))
        )
        return {row.id: row.next_at for row in await self._db.rows(query)}

    async def tastes(self, keys: Collection[str]) -> dict[str, Taste]:
        """Return the tastes with these keys, by key; unknown keys are left out."""
        query = select(tastes.c.key, tastes.c.spec).where(tastes.c.key.in_(list(keys)))
        return {key: from_spec(spec) for key, spec in await self._db.rows(query)}

    async def messages(self, delivery_id: int) -> tuple[int, ...]:
        """Return the ids of the messages in which a row has been sent so far."""
        return await self._numbers(_d.message_ids, delivery_id)

    async def is_sending(self, subscriber_id: int | None = None) -> bool:
        """Return whether a delivery is in flight, to anyone or to a subscriber."""
        query = by_index(select(_d.id), deliveries, *BY_STATE).where(
            _d.state == DeliveryState.SENDING.value
        )
        if subscriber_id is not None:
            query = query.where(_d.subscriber_id == subscriber_id)
        return await self._db.first(query.limit(1)) is not None

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
        return await self._numbers(_d.articles, delivery_id)

    async def _numbers(self, column: ColumnElement[str], delivery_id: int) -> tuple[int, ...]:
        text = await self._db.scalar(select(column).where(_d.id == delivery_id))
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
        query = (
            select(_d.id, _d.due)
            .where(
                _d.subscriber_id == subscriber_id,
                _d.kind.in_(EDITIONS),
                _d.message_ids.is_not(None),
                _d.articles != "[]",
            )
            .order_by(_d.due.desc(), _d.id.desc())
            .limit(most)
        )
        if since is not None:
            query = query.where(_d.due >= since)
        if until is not None:
            query = query.where(_d.due < until)
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

    async def of_chats(
        self, chat_ids: Collection[int], since: datetime
    ) -> list[tuple[Delivery, frozenset[int] | None]]:
        """Return the editions due since a time that reached or will reach these chats' topics.

        They come in the order of their due times, each with the ids of the articles shown, or None
        if these are not known yet.
        """
        rows = await self._db.rows(_OF_CHATS, {"chats": list(chat_ids), "since": since})
        return [
            (delivery_of(row), None if row[-1] is None else frozenset(json.loads(row[-1])))
            for row in rows
        ]

    async def shown_before(
        self, subscriber_ids: Collection[int], since: datetime
    ) -> dict[int, list[tuple[datetime, tuple[int, ...]]]]:
        """Return by subscriber the editions due since a time that arrived, in order of due time.

        Each is its due time and the article ids shown. Editions that a reader asked for are left
        out.
        """
        query = (
            select(_d.subscriber_id, _d.due, _d.articles)
            .where(
                _d.subscriber_id.in_(list(subscriber_ids)),
                _d.due >= since,
                _d.kind.in_(EDITIONS),
                _d.articles.is_not(None),
                ~_d.key.startswith(ASKED_FOR),
            )
            .order_by(_d.due)
        )
        rows = await self._db.rows(query)
        found: dict[int, list[tuple[datetime, tuple[int, ...]]]] = defaultdict(list)
        for whose, due, shown in rows:
            found[whose].append((due, tuple(json.loads(shown))))
        return found


@cache
def _queue(
    dialect: str,
    *,
    goes_on: bool,
    kind: DeliveryKind | None,
    urgent: bool,
) -> Select[Any]:
    """Return the query of `Deliveries.peek`; it is built once, as a fan-out runs it very often."""
    apart = dialect == "postgresql"
    # PostgreSQL cannot tell how many rows follow a cursor. Beside another table it might sort all.
    table = deliveries.alias("waiting") if apart else deliveries
    row, order = table.c, (table.c.not_before, table.c.id)
    query = select(row.id) if apart else by_index(READ, deliveries, *BY_STATE)
    query = query.where(
        # Written as in the index: PostgreSQL could not match a parameter with it.
        row.state == literal_column(f"'{DeliveryState.PLANNED.value}'"),
        row.not_before <= bindparam("now", type_=row.not_before.type),
    )
    if goes_on:
        at = bindparam("at", type_=row.not_before.type)
        behind = bindparam("behind", type_=row.id.type)
        # The index can seek to the time.
        query = query.where(row.not_before >= at, tuple_(*order) > tuple_(at, behind))
    if kind is not None:
        query = query.where(row.kind == kind.value)
    if urgent:
        query = query.where(or_(row.kind == DeliveryKind.ALERT.value, row.not_before > row.due))
    query = query.order_by(*order).limit(bindparam("most", type_=Integer))
    if not apart:
        return query
    return READ.where(deliveries.c.id.in_(query)).order_by(deliveries.c.not_before, deliveries.c.id)


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
_OF_CHATS = (
    READ.add_columns(_d.articles)
    .where(
        _s.chat_id.in_(bindparam("chats", expanding=True)),
        _d.due >= bindparam("since", type_=_d.due.type),
        _d.kind.in_(EDITIONS),
        # An expression, so that the index on states is not used.
        _d.state.concat("").in_(OPEN) | (_d.message_ids.is_not(None) & _d.articles.is_not(None)),
    )
    .order_by(_d.due, _d.id)
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
