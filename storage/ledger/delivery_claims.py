"""The claims and settlements of the ledger: many rows in one transaction.

A fan-out makes thousands a second, and SQLAlchemy would bind every value of every row. So a batch
goes to the database as one parameter, a JSON text, and a batch of any size is one statement.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, SmallInteger, Text, Update, bindparam, func, update

from storage.db.dialect import among, json_rows
from storage.ledger import delivery_counters
from storage.ledger.merged_editions import EDITIONS
from storage.ledger.outdated_copies import enter_outdated
from storage.ledger.stored_issues import store_issues
from storage.model import DeliveryState
from storage.model.edition_model import OPEN
from storage.serving.lease import check
from storage.tables.columns import Id, Utc, ids_text, utc_text
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from storage.db.database import Database
    from storage.ledger.outdated_copies import KnownCorrections
    from storage.ledger.stored_issues import StoredIssues
    from storage.model import Form, SentIssue, Settlement

UNCONFIRMED = "unconfirmed"
"""The error of a row whose requests got no answer: the message may have arrived."""

_ENTRY: dict[str, TypeEngine[Any]] = {
    "id": Id,
    "state": Text(),
    "part": SmallInteger(),
    "unclear": SmallInteger(),
    "not_before": Utc(),
    "settled": Utc(),
    "error": Text(),
    "message_ids": Text(),
    "articles": Text(),
    "form": Text(),
    "issue": BigInteger(),
}
"""The values of a settlement, with their types."""


class _Statements(NamedTuple):
    settle: Update
    give_back: Update
    claim: Update


@cache
def _statements(dialect: str) -> _Statements:
    row, entry = deliveries.c, json_rows("entries", _ENTRY, dialect)
    # The added text keeps SQLite from using the index on states, where half the ledger has the same
    # value.
    state = row.state.concat("")
    settle = (
        update(deliveries)
        .where(row.id == entry["id"], state.in_(OPEN))
        .values(
            state=entry["state"],
            part=entry["part"],
            attempts=row.attempts + entry["unclear"],
            not_before=entry["not_before"],
            settled=entry["settled"],
            error=entry["error"],
            message_ids=func.coalesce(entry["message_ids"], row.message_ids),
            articles=func.coalesce(entry["articles"], row.articles),
            form=func.coalesce(entry["form"], row.form),
            # If the rest of an edition was made again, its first message is still as before.
            issue=func.coalesce(row.issue, entry["issue"]),
        )
        .returning(*(row[name] for name in delivery_counters.COLUMNS))
    )
    # A row that ended without reaching the reader returns its articles to the next edition, unless
    # a later edition was planned from its end.
    give_back = (
        update(subscribers)
        .where(
            among(row.id, "ids", dialect),
            row.kind.in_(EDITIONS),
            row.part == 0,
            row.subscriber_id == subscribers.c.id,
            row.place_to == subscribers.c.place,
        )
        .values(place=row.place_from, edition_at=row.since)
    )
    claim = (
        update(deliveries)
        .where(among(row.id, "ids", dialect), state.in_(bindparam("from", expanding=True)))
        .values(
            state=DeliveryState.SENDING.value,
            claimed=bindparam("now"),
            form=func.coalesce(bindparam("new_form", type_=row.form.type), row.form),
        )
        .returning(row.id)
    )
    return _Statements(settle, give_back, claim)


async def enter(
    database: Database,
    *,
    claim: Collection[int],
    forms: Mapping[int, Form],
    settle: Sequence[Settlement],
    shown: Mapping[int, str],
    issues: Mapping[int, SentIssue],
    stored_issues: StoredIssues,
    known_corrections: KnownCorrections,
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
    ended = now + database.server_ahead
    entries = json.dumps(
        [
            _entry(each, shown, issues, unclear, now if each.state.value in OPEN else ended)
            for _, each in sorted(last.items())
        ]
    )
    new = stored_issues.new(issues.values(), now)
    statements = _statements(database.dialect)

    def write(connection: Connection) -> frozenset[int]:
        check(connection, fence)
        if issues:
            known_corrections.read(connection)
        if last:
            rows = connection.execute(statements.settle, {"entries": entries}).all()
            delivery_counters.record(connection, rows)
            if issues:
                recorded = [row.id for row in rows]
                enter_outdated(connection, known_corrections, recorded, issues)
        if new:
            store_issues(connection, new, now)
        if lost:
            connection.execute(statements.give_back, {"ids": lost})
        claimed: set[int] = set()
        for form, alike in _by_form(claim, forms) if claim else ():
            values = {"ids": alike, "from": states, "now": now, "new_form": form}
            claimed.update(connection.execute(statements.claim, values).scalars().all())
        return frozenset(claimed)

    claimed = await database.write(write)
    stored_issues.add(new)
    return claimed


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


def _entry(
    settlement: Settlement,
    shown: Mapping[int, str],
    issues: Mapping[int, SentIssue],
    unclear: Collection[int],
    now: datetime,
) -> dict[str, Any]:
    """Return a settlement's values as `_ENTRY` names them, with times as text."""
    number, state, ids = settlement.delivery_id, settlement.state.value, settlement.message_ids
    issue = issues.get(number)
    return {
        "id": number,
        "state": state,
        "part": settlement.part,
        "unclear": int(number in unclear),
        "not_before": utc_text(settlement.not_before or now),
        "settled": None if state in OPEN else utc_text(now),
        "error": settlement.error,
        "message_ids": ids_text(ids) if ids else None,
        "articles": shown.get(number),
        "form": settlement.form.value if settlement.form else None,
        "issue": issue.print if issue else None,
    }
