"""The claims and settlements of the ledger: many rows in one transaction.

A fan-out makes thousands a second, and SQLAlchemy would bind every value of every row. So a batch
goes to the database as one parameter, a JSON text, and a batch of any size is one statement.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, SmallInteger, Text, Update, bindparam, func, update

from storage.db.dialect import among, json_rows
from storage.ledger import delivery_counters
from storage.ledger.merged_editions import EDITIONS
from storage.model import DeliveryState
from storage.model.edition_model import OPEN
from storage.tables.columns import Id, Utc, ids_text, utc_text
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from sqlalchemy.types import TypeEngine

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


class Statements(NamedTuple):
    """The statements of a batch of claims and settlements."""

    settle: Update
    give_back: Update
    claim: Update


@cache
def statements(dialect: str) -> Statements:
    """Return the statements for a kind of database; they are built once."""
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
    return Statements(settle, give_back, claim)


def by_form(
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


def is_undelivered(settlement: Settlement) -> bool:
    """Return whether a row ended although the reader got nothing of its content."""
    return (
        settlement.state in {DeliveryState.FAILED, DeliveryState.SKIPPED}
        and settlement.error is not None
        and settlement.error != UNCONFIRMED
    )


def entry_of(
    settlement: Settlement,
    now: datetime,
    ahead: timedelta,
    *,
    shown: Mapping[int, str],
    issues: Mapping[int, SentIssue],
    unclear: Collection[int],
) -> dict[str, Any]:
    """Return a settlement's values as `_ENTRY` names them, with times as text.

    What is over is dated by the server's clock, which is `ahead` of this machine's.
    """
    number, state, ids = settlement.delivery_id, settlement.state.value, settlement.message_ids
    issue = issues.get(number)
    if state not in OPEN:
        now += ahead
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
