"""The claims and settlements of the ledger: many rows in one transaction.

For SQLite they are written as raw SQL: a fan-out makes thousands a second, and SQLAlchemy would
bind every value of every row. A batch of any size is one statement, because between two statements
the driver's thread would have to wait for the event loop.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, text, update

from storage.ledger import delivery_counters
from storage.ledger.plans import EDITIONS
from storage.model import DeliveryState
from storage.model.edition_model import OPEN
from storage.serving.lease import check
from storage.tables.columns import ids_text, utc_text
from storage.tables.schema import deliveries, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.model import Form, Settlement

UNCONFIRMED = "unconfirmed"
"""The error of a row whose requests got no answer: the message may have arrived."""

CLAIM = (
    update(deliveries)
    .where(
        deliveries.c.id.in_(bindparam("ids", expanding=True)),
        deliveries.c.state.in_(bindparam("from", expanding=True)),
    )
    .values(
        state=DeliveryState.SENDING.value,
        claimed=bindparam("now"),
        form=func.coalesce(bindparam("form", type_=deliveries.c.form.type), deliveries.c.form),
    )
    .returning(deliveries.c.id)
)

# A row that ended without reaching the reader returns its articles to the next edition, unless a
# later edition was planned from its end.
GIVE_BACK = (
    update(subscribers)
    .where(
        deliveries.c.id.in_(bindparam("ids", expanding=True)),
        deliveries.c.kind.in_(EDITIONS),
        deliveries.c.part == 0,
        deliveries.c.subscriber_id == subscribers.c.id,
        deliveries.c.place_to == subscribers.c.place,
    )
    .values(place=deliveries.c.place_from, edition_at=deliveries.c.since)
)

# The plus keeps SQLite from using the index on states, where half the ledger has the same value.
_SETTLE = """
UPDATE deliveries SET
    state = json_extract(said.value, '$[1]'),
    part = json_extract(said.value, '$[2]'),
    attempts = deliveries.attempts + json_extract(said.value, '$[3]'),
    not_before = json_extract(said.value, '$[4]'),
    settled = json_extract(said.value, '$[5]'),
    error = json_extract(said.value, '$[6]'),
    message_ids = coalesce(json_extract(said.value, '$[7]'), deliveries.message_ids),
    articles = coalesce(json_extract(said.value, '$[8]'), deliveries.articles),
    form = coalesce(json_extract(said.value, '$[9]'), deliveries.form)
FROM json_each(?) AS said
WHERE deliveries.id = json_extract(said.value, '$[0]')
    AND +deliveries.state IN ('planned', 'sending')
RETURNING id, subscriber_id, kind, due, state, settled, error, attempts
"""

# The same statement for PostgreSQL.
_SETTLE_POSTGRESQL = text("""
UPDATE deliveries SET
    state = said.state,
    part = said.part,
    attempts = deliveries.attempts + said.unclear,
    not_before = said.not_before,
    settled = said.settled,
    error = said.error,
    message_ids = coalesce(said.message_ids, deliveries.message_ids),
    articles = coalesce(said.articles, deliveries.articles),
    form = coalesce(said.form, deliveries.form)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS said (
    id bigint, state text, part smallint, unclear smallint, not_before timestamptz,
    settled timestamptz, error text, message_ids text, articles text, form text
)
WHERE deliveries.id = said.id AND deliveries.state IN ('planned', 'sending')
RETURNING deliveries.id, deliveries.subscriber_id, deliveries.kind, deliveries.due,
    deliveries.state, deliveries.settled, deliveries.error, deliveries.attempts
""")

_GIVE_BACK = """
UPDATE subscribers SET place = deliveries.place_from, edition_at = deliveries.since
FROM deliveries
WHERE deliveries.id IN (SELECT value FROM json_each(?))
    AND deliveries.kind IN (SELECT value FROM json_each(?))
    AND deliveries.part = 0
    AND deliveries.subscriber_id = subscribers.id
    AND deliveries.place_to = subscribers.place
"""

_CLAIMABLE = """
SELECT json_group_array(id) FROM deliveries
WHERE id IN (SELECT value FROM json_each(?)) AND +state IN (SELECT value FROM json_each(?))
"""

_CLAIM = """
UPDATE deliveries SET state = 'sending', claimed = ?, form = coalesce(?, form)
WHERE id IN (SELECT value FROM json_each(?))
"""


async def enter(
    database: Database,
    *,
    claim: Collection[int],
    forms: Mapping[int, Form],
    settle: Sequence[Settlement],
    shown: Mapping[int, str],
    unclear: Collection[int],
    now: datetime,
    again: bool,
) -> frozenset[int]:
    """Write claims and settlements in one transaction; see `Deliveries.commit`."""
    fence = database.fence
    # The last update to a row wins.
    last = {each.delivery_id: each for each in settle}
    lost = [each.delivery_id for each in settle if _undelivered(each)]
    states = OPEN if again else OPEN[:1]
    # Rows are always written in the same order, so that two batches cannot deadlock.
    plain = [_entry(last[number], shown, unclear, now) for number in sorted(last)]
    if database.dialect == "sqlite":
        rows = json.dumps(plain)

        def write(connection: Connection) -> frozenset[int]:
            check(connection, fence)
            if last:
                settled = connection.exec_driver_sql(_SETTLE, (rows,)).all()
                delivery_counters.record(connection, settled)
            if lost:
                connection.exec_driver_sql(_GIVE_BACK, (json.dumps(lost), json.dumps(EDITIONS)))
            return _claim_on_sqlite(connection, claim, states, forms, utc_text(now))

    else:
        rows = json.dumps([dict(zip(_ENTRY, values, strict=True)) for values in plain])

        def write(connection: Connection) -> frozenset[int]:
            check(connection, fence)
            if last:
                settled = connection.execute(_SETTLE_POSTGRESQL, {"rows": rows}).all()
                delivery_counters.record(connection, settled)
            if lost:
                connection.execute(GIVE_BACK, {"ids": lost})
            return _claim_on_postgresql(connection, claim, states, forms, now)

    return await database.write(write)


def _claim_on_sqlite(
    connection: Connection,
    claim: Collection[int],
    states: Sequence[str],
    forms: Mapping[int, Form],
    moment: str,
) -> frozenset[int]:
    if not claim:
        return frozenset()
    asked = (json.dumps(list(claim)), json.dumps(states))
    found: str = connection.exec_driver_sql(_CLAIMABLE, asked).scalar_one()
    claimed = frozenset(json.loads(found))
    for form, alike in _by_form(claimed, forms):
        connection.exec_driver_sql(_CLAIM, (moment, form, json.dumps(alike) if forms else found))
    return claimed


def _claim_on_postgresql(
    connection: Connection,
    claim: Collection[int],
    states: Sequence[str],
    forms: Mapping[int, Form],
    now: datetime,
) -> frozenset[int]:
    claimed: set[int] = set()
    for form, alike in _by_form(claim, forms) if claim else ():
        values = {"ids": alike, "from": states, "now": now, "form": form}
        claimed.update(connection.execute(CLAIM, values).scalars())
    return frozenset(claimed)


def _by_form(
    claim: Collection[int], forms: Mapping[int, Form]
) -> Iterable[tuple[str | None, Collection[int]]]:
    """Group the ids to claim by the form to record for them; None for no form."""
    if not forms:
        return [(None, list(claim))]
    alike: defaultdict[str | None, list[int]] = defaultdict(list)
    for number in sorted(claim):
        form = forms.get(number)
        alike[form.value if form else None].append(number)
    return alike.items()


def _undelivered(settlement: Settlement) -> bool:
    """Return whether a row ended although the reader got nothing of its content."""
    return (
        settlement.state in {DeliveryState.FAILED, DeliveryState.SKIPPED}
        and settlement.error is not None
        and settlement.error != UNCONFIRMED
    )


_ENTRY = (
    *("id", "state", "part", "unclear", "not_before", "settled", "error"),
    *("message_ids", "articles", "form"),
)


def _entry(
    settlement: Settlement, shown: Mapping[int, str], unclear: Collection[int], now: datetime
) -> list[Any]:
    """Return a settlement's values in the order of `_ENTRY`, with times as text."""
    number, state, ids = settlement.delivery_id, settlement.state.value, settlement.message_ids
    return [
        number,
        state,
        settlement.part,
        int(number in unclear),
        utc_text(settlement.not_before or now),
        None if state in OPEN else utc_text(now),
        settlement.error,
        ids_text(ids) if ids else None,
        shown.get(number),
        settlement.form.value if settlement.form else None,
    ]
