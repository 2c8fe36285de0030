"""Counters of deliveries, updated in the transaction that settles them.

Reports need not read all rows of a day, and the counts remain when the rows are deleted. A row is
counted when it reaches a final state, which happens once. A repeated settlement changes no row, so
it counts nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from storage.model import DeliveryState
from storage.tables.columns import to_driver

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

QUARTER = 15
"""Minutes of a counting period: all time zones differ by multiples of it."""
SLOWEST = 5
"""Most delayed deliveries recorded for each quarter of an hour."""

_COUNT = """
INSERT INTO delivery_counts AS known
    (quarter, kind, state, error, number, first_settled, last_settled)
{rows}
ON CONFLICT (quarter, kind, state, error) DO UPDATE SET
    number = known.number + excluded.number,
    first_settled = {least}(known.first_settled, excluded.first_settled),
    last_settled = {greatest}(known.last_settled, excluded.last_settled)
"""
_MINUTE = """
INSERT INTO delivery_minutes AS known (quarter, minute, number) {rows}
ON CONFLICT (quarter, minute) DO UPDATE SET number = known.number + excluded.number
"""
_DELAY = """
INSERT INTO delivery_delays AS known (quarter, delay, number) {rows}
ON CONFLICT (quarter, delay) DO UPDATE SET number = known.number + excluded.number
"""
_SLOW = """
INSERT INTO delivery_slowest
    (quarter, delivery_id, delay, subscriber_id, kind, due, settled, attempts)
{rows}
ON CONFLICT (quarter, delivery_id) DO NOTHING
"""
_TRIM = """
DELETE FROM delivery_slowest WHERE (quarter, delivery_id) IN (
    SELECT quarter, delivery_id FROM (
        SELECT quarter, delivery_id,
            row_number() OVER (PARTITION BY quarter ORDER BY delay DESC, delivery_id) AS place
        FROM delivery_slowest WHERE quarter IN ({rows})
    ) AS known WHERE place > {slowest}
)
"""


COLUMNS = ("id", "subscriber_id", "kind", "due", "state", "settled", "error", "attempts")
"""The columns of `deliveries` that `record` needs, in its order."""


def quarter_of(moment: datetime) -> datetime:
    """Return the start of the quarter of an hour that a time is in."""
    return moment.replace(minute=moment.minute // QUARTER * QUARTER, second=0, microsecond=0)


def delay_of(settled: datetime, due: datetime) -> int:
    """Return the delay after the due time, in milliseconds.

    It is rounded to 0.1 s below two minutes, to 1 s below two hours, else to a minute.
    """
    exact = max((settled - due) // timedelta(milliseconds=1), 0)
    if exact < 120_000:
        return (exact + 50) // 100 * 100
    coarse = 1_000 if exact < 7_200_000 else 60_000
    return exact // coarse * coarse


def record(connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Count just settled rows, given as `COLUMNS`; rows that still wait are left out."""
    # Group first: thousands are settled a second, but at few times and with few due times.
    groups: dict[tuple[Any, ...], list[tuple[int, int, int]]] = defaultdict(list)
    for number, whose, kind, due, state, settled, error, attempts in rows:
        if settled is not None:
            groups[kind, due, state, settled, error].append((number, whose, attempts))
    counts: Counter[tuple[datetime, str, str, str]] = Counter()
    times: dict[tuple[datetime, str, str, str], list[datetime]] = defaultdict(list)
    minutes: Counter[tuple[datetime, datetime]] = Counter()
    delays: Counter[tuple[datetime, int]] = Counter()
    slow: dict[datetime, list[tuple[Any, ...]]] = defaultdict(list)
    for (kind, due, state, settled, error), those in groups.items():
        quarter = quarter_of(due)
        key = (quarter, kind, state, error or "")
        counts[key] += len(those)
        times[key].append(settled)
        if state == DeliveryState.SENT.value:
            delay = delay_of(settled, due)
            minutes[quarter, settled.replace(second=0, microsecond=0)] += len(those)
            delays[quarter, delay] += len(those)
            slow[quarter] += (
                (-delay, number, whose, kind, due, settled, attempts)
                for number, whose, attempts in nsmallest(SLOWEST, those)
            )
    # In order, so that two transactions cannot deadlock.
    latest = [
        (quarter, number, -delay, *rest)
        for quarter in sorted(slow)
        for delay, number, *rest in nsmallest(SLOWEST, slow[quarter])
    ]
    written: tuple[list[tuple[Any, ...]], ...] = (
        [(*key, counts[key], min(times[key]), max(times[key])) for key in sorted(counts)],
        [(*key, minutes[key]) for key in sorted(minutes)],
        [(*key, delays[key]) for key in sorted(delays)],
        latest,
        [(quarter,) for quarter in sorted(slow)],
    )
    if connection.dialect.name == "postgresql":
        # One round trip, during which other transactions wait for the same counts.
        texts = [json.dumps(those, default=str) for those in written]
        if counts:
            connection.exec_driver_sql(_ON_POSTGRESQL, tuple(texts))
        return
    for statement, those in zip(_STATEMENTS, written, strict=True):
        if those:
            signs = ", ".join(f"?{n}" for n in range(1, len(those[0]) + 1))
            values = signs if statement is _TRIM else f"VALUES ({signs})"
            connection.exec_driver_sql(
                statement.format(rows=values, least="min", greatest="max", slowest=SLOWEST),
                [_to_sqlite(row) for row in those],
            )


def _to_sqlite(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(to_driver(v, "sqlite") if isinstance(v, datetime) else v for v in row)


_STATEMENTS = (_COUNT, _MINUTE, _DELAY, _SLOW, _TRIM)
_TYPES = (
    "timestamptz, text, text, text, integer, timestamptz, timestamptz",
    "timestamptz, timestamptz, integer",
    "timestamptz, bigint, integer",
    "timestamptz, bigint, bigint, bigint, text, timestamptz, timestamptz, smallint",
    "timestamptz",
)
"""The types of the values in each statement."""


def _on_postgresql() -> str:
    """Return one statement that takes the rows of each of `_STATEMENTS` as a JSON text.

    It trims before it inserts, so that as many again may be kept.
    """
    parts = []
    for number, (statement, types) in enumerate(zip(_STATEMENTS, _TYPES, strict=True), start=1):
        values = ", ".join(
            f"CAST(value ->> {place} AS {type_})" for place, type_ in enumerate(types.split(", "))
        )
        rows = f"SELECT {values} FROM jsonb_array_elements(CAST(${number}::text AS jsonb))"  # noqa: S608 - from our own constants
        parts.append(
            statement.format(rows=rows, least="least", greatest="greatest", slowest=SLOWEST)
        )
    *inserts, trim = parts
    named = ", ".join(f"part{number} AS ({text})" for number, text in enumerate(inserts))
    return f"WITH {named} {trim}"


_ON_POSTGRESQL = _on_postgresql()
