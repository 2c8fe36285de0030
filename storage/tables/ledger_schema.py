"""The ledger's tables: a row for each delivery, and the counters of past deliveries."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.columns import Id, Utc, metadata
from storage.tables.declaration import (
    Aged,
    Exported,
    ForEver,
    NotExported,
    Period,
    of_the_bot,
    of_the_chat,
)

BY_STATE = ("state", "not_before")
"""The columns of the index that finds waiting deliveries."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("due", Utc, nullable=False),
    Column("state", Text, nullable=False),
    Column("place_from", BigInteger, nullable=False),
    Column("place_to", BigInteger, nullable=False),
    Column("article_id", BigInteger),
    Column("taste_key", String(32), nullable=False),
    Column("language", Text, nullable=False),
    Column("layout", Text, nullable=False),
    Column("part", SmallInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("not_before", Utc),
    Column("claimed", Utc),
    Column("settled", Utc),
    Column("error", Text),
    Column("message_ids", Text),  # JSON
    Column("articles", Text),  # JSON: ids of the articles shown
    Column("form", Text),  # of a front page: the form last tried
    Column("since", Utc),  # when the previous edition was due
    Column("issue", BigInteger),  # the print of its stories in sent_issues
    UniqueConstraint("subscriber_id", "key"),
    Index(None, *BY_STATE),
    Index(None, "subscriber_id", "due"),
    info=of_the_chat(
        Aged("due", Period.DELIVERIES, rule="ended"),
        Exported(
            "deliveries",
            (
                *("kind", "due", "state", "settled", "layout", "language", "attempts", "error"),
                "articles",
            ),
            order="due",
        ),
    ),
)

# The waiting deliveries in the order in which they are sent. Without it PostgreSQL would read all
# that wait since the same moment for each hundred; SQLite's indexes end with the id anyway.
Index(
    None,
    deliveries.c.not_before,
    deliveries.c.id,
    postgresql_where=text("state = 'planned'"),
    info={"only": "postgresql"},
).ddl_if(dialect="postgresql")

# Counters of the deliveries due in each quarter of an hour, written as they are settled. The days
# of any time zone consist of quarters. Counters stay when the rows are deleted.
delivery_counts = Table(
    "delivery_counts",
    metadata,
    Column("quarter", Utc, primary_key=True),  # the quarter of the due time
    Column("kind", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("error", Text, primary_key=True),  # "" for none
    Column("number", Integer, nullable=False),
    Column("first_settled", Utc, nullable=False),
    Column("last_settled", Utc, nullable=False),
    sqlite_with_rowid=False,
    info=of_the_bot(ForEver()),
)

delivery_minutes = Table(
    "delivery_minutes",
    metadata,
    Column("quarter", Utc, primary_key=True),
    Column("minute", Utc, primary_key=True),  # the minute of arrival
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
    info=of_the_bot(ForEver()),
)

delivery_delays = Table(
    "delivery_delays",
    metadata,
    Column("quarter", Utc, primary_key=True),
    # Milliseconds after the due time, rounded as shown; see `delay_of`.
    Column("delay", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
    info=of_the_bot(ForEver()),
)

# The few most delayed deliveries of each quarter of an hour.
delivery_slowest = Table(
    "delivery_slowest",
    metadata,
    Column("quarter", Utc, primary_key=True),
    Column("delivery_id", BigInteger, primary_key=True, autoincrement=False),
    Column("delay", BigInteger, nullable=False),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("due", Utc, nullable=False),
    Column("settled", Utc, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Index(None, "subscriber_id"),
    sqlite_with_rowid=False,
    info=of_the_chat(Aged("due", Period.DELIVERIES), NotExported("`deliveries` has the same rows")),
)
