"""The ledger's tables: a row for each delivery, and what those of past days came to."""

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
)

from storage.tables.columns import Id, Utc, metadata

BY_STATE = ("state", "not_before")
"""The columns of the index of what waits."""

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
    Column("articles", Text),  # JSON: the ids that were shown
    Column("form", Text),  # of a front page, as it was last tried
    Column("since", Utc),  # when the edition before was due
    UniqueConstraint("subscriber_id", "key"),
    Index(None, *BY_STATE),
    Index(None, "subscriber_id", "due"),
)

# What the ledger's rows of a quarter of an hour came to, written as they are settled: a day of any
# zone is made of these. They stay when the rows are gone.
delivery_counts = Table(
    "delivery_counts",
    metadata,
    Column("quarter", Utc, primary_key=True),  # in which the rows were due
    Column("kind", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("error", Text, primary_key=True),  # "" for none
    Column("number", Integer, nullable=False),
    Column("first_settled", Utc, nullable=False),
    Column("last_settled", Utc, nullable=False),
    sqlite_with_rowid=False,
)

delivery_minutes = Table(
    "delivery_minutes",
    metadata,
    Column("quarter", Utc, primary_key=True),
    Column("minute", Utc, primary_key=True),  # in which so many arrived
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)

delivery_delays = Table(
    "delivery_delays",
    metadata,
    Column("quarter", Utc, primary_key=True),
    # Milliseconds after the due time at which so many arrived, as coarse as they are shown.
    Column("delay", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# The latest few of each quarter of an hour.
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
)
