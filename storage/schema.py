"""The tables, as SQLAlchemy Core sees them. `migrations/` makes them; a test holds both equal."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

HEAD = "0010"
"""The revision that these tables are at; known here so that a start need not load Alembic."""


@lru_cache(maxsize=64)
def utc_text(value: datetime) -> str:
    """An aware time as SQLite keeps it."""
    return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def to_driver(value: datetime, dialect: str) -> datetime | str:
    """An aware time as the driver of a database takes it.

    Raises:
        ValueError: The time is naive, so nobody can say when it is.
    """
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return utc_text(value) if dialect == "sqlite" else value.astimezone(UTC)


class Utc(TypeDecorator[datetime]):
    """An aware time, in UTC both ways.

    PostgreSQL keeps it as `timestamptz`, SQLite as text of one width
    (`2026-06-01T08:00:00.000000Z`), which sorts as the times do.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Text for SQLite, which has no type for times."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Turn an aware time to UTC.

        Raises:
            ValueError: The time is naive, so nobody can say when it is.
        """
        return None if value is None else to_driver(value, dialect.name)

    def process_result_value(
        self, value: datetime | str | None, dialect: Dialect
    ) -> datetime | None:
        """Give the time back, aware and in UTC."""
        del dialect
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)


# SQLite gives only a column of exactly this type the table's own row number as its value.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

serving_lease = Table(
    "serving_lease",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),  # 1
    Column("fence", BigInteger, nullable=False),  # grows by one each time that it is taken
    Column("beat", BigInteger, nullable=False),  # grows each time that it is renewed
    Column("holder", Text, nullable=False),
    Column("seconds", Double, nullable=False),  # 0: given back
    Column("guard", BigInteger),  # the holder's session with the advisory lock, on PostgreSQL
    info={"transient": True},
)

sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False, unique=True),
    Column("site", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("language", Text),
    Column("weight", Integer, nullable=False),
    Column("categories", Text, nullable=False),  # slugs in order, a space between them
    Column("full_text", Boolean, nullable=False),
    Column("selectors", Text, nullable=False),  # JSON
    Column("etag", Text),
    Column("last_modified", Text),
    Column("interval", Integer, nullable=False),
    Column("next_check", Utc, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_ok", Utc),
    Column("last_new", Utc),
    Column("last_error", Text),
    Column("added", Utc, nullable=False),
    # A source that an operator removed: its row stays for the name under its articles.
    Column("removed", Boolean, nullable=False, server_default=false()),
    Index(None, "state", "next_check"),
)

articles = Table(
    "articles",
    metadata,
    # Given out by `Articles.store` under a lock, so that ids enter the archive in order.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("story_id", Id, nullable=False),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("link", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("standfirst", Text, nullable=False),
    Column("image", Text),
    Column("author", Text),
    Column("language", Text),
    Column("published", Utc, nullable=False),
    Column("first_seen", Utc, nullable=False),
    Column("updated", Utc),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("backlog", Boolean, nullable=False),
    # The slugs of article_categories in order, a space between them: one row reads whole.
    Column("categories", Text, nullable=False),
    # Folded title and standfirst, in which muted words are looked for; see `search.between`.
    Column("words", Text, nullable=False),
    # Tells an edited body from the stored one without reading it; none where there is no body.
    Column("body_print", String(16)),
    # Brought in from an older archive rather than by a source: kept however old it is.
    Column("imported", Boolean, nullable=False, server_default=false()),
    Index(None, "source_id", "guid"),
    Index(None, "published", "id"),
    Index(None, "language", "published", "id"),
    Index(None, "story_id"),
    Index(None, "first_seen"),
)

bodies = Table(
    "bodies",
    metadata,
    Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("body", Text, nullable=False),
)

article_categories = Table(
    "article_categories",
    metadata,
    Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("category", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    # The article's own, which never changes: the newest of a category come from the index alone.
    Column("published", Utc, nullable=False),
    Index(None, "category", "published", "article_id"),
    sqlite_with_rowid=False,
)

# PostgreSQL's. On SQLite it is an FTS5 table of `words` by rowid; see `windows`.
article_search = Table(
    "article_search",
    metadata,
    Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("words", TSVECTOR, nullable=False),
    # Whether its words are there once more, in parts.
    Column("long", Boolean, nullable=False),
    Index(
        None,
        "words",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    ),
    info={"only": "postgresql"},
)
Index(None, article_search.c.article_id, postgresql_where=article_search.c.long)

# Links of articles that were too old to be kept: a source that lists one still brings no news.
pruned = Table(
    "pruned",
    metadata,
    # 64 bits of the link's hash, which is all that takes.
    Column("link_print", BigInteger, primary_key=True, autoincrement=False),
)

tastes = Table(
    "tastes",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("spec", Text, nullable=False),  # JSON
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("digest_minute", SmallInteger, nullable=False),
    Column("days", SmallInteger, nullable=False),
    Column("layout", Text, nullable=False),
    Column("empty_note", Boolean, nullable=False),
    Column("quiet_from", SmallInteger),
    Column("quiet_to", SmallInteger),
    Column("paused_until", Utc),
    Column("next_at", Utc),
    Column("place", BigInteger, nullable=False),
    Column("taste_key", ForeignKey("tastes.key"), nullable=False),
    Column("created", Utc, nullable=False),
    # When the nightly look first found the reader stopped or gone; see `storage.retention`.
    Column("away_since", Utc),
    UniqueConstraint("chat_id", "thread_id"),
    Index(None, "taste_key"),
)
# Those who are not written to have no next time, and `next_at <= :now` alone finds this index;
# one on `state = 'active'` would be passed over wherever the state is a bound parameter.
Index(
    None,
    subscribers.c.next_at,
    sqlite_where=subscribers.c.next_at.is_not(None),
    postgresql_where=subscribers.c.next_at.is_not(None),
)

follows = Table(
    "follows",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("category", Text, primary_key=True),
    Column("alerts", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    None,
    follows.c.category,
    follows.c.subscriber_id,
    sqlite_where=follows.c.alerts,
    postgresql_where=follows.c.alerts,
)
# In the words of the index: by `alerts = 1`, as SQLAlchemy would say it, SQLite does not find it.
with_alerts: ColumnElement[bool] = literal_column("follows.alerts")

mutes = Table(
    "mutes",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),  # "category" or "word"
    Column("value", Text, primary_key=True),
    sqlite_with_rowid=False,
)

saved = Table(
    "saved",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("saved_at", Utc, nullable=False),
    Index(None, "subscriber_id", "saved_at"),
    Index(None, "article_id"),
    sqlite_with_rowid=False,
)

shares = Table(
    "shares",
    metadata,
    Column("code", String(10), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("opened", Integer, nullable=False, server_default="0"),
    # Every row has one; a link from before revision 0005 has that migration's time.
    Column("created", Utc),
    UniqueConstraint("subscriber_id", "article_id"),
    Index(None, "article_id"),
)

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
    Column("form", Text),
    UniqueConstraint("subscriber_id", "key"),
    Index(None, "state", "not_before"),
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

waiting_updates = Table(
    "waiting_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),  # JSON
    Column("fetched", Utc, nullable=False),
)
