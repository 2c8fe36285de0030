"""The tables, as SQLAlchemy Core sees them. `migrations/` makes them; a test holds both equal.

Those of the ledger are written in `ledger_schema`, those of the readers in `reader_schema`; all are
known from here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.tables.columns import Id, Utc, metadata
from storage.tables.ledger_schema import (
    deliveries,
    delivery_counts,
    delivery_delays,
    delivery_minutes,
    delivery_slowest,
)
from storage.tables.reader_schema import (
    follows,
    left_links,
    levels,
    managers,
    saved,
    share_openings,
    shares,
    subscribers,
    tastes,
    with_alerts,
    word_follows,
    words_with_alerts,
)

__all__ = [
    "HEAD",
    "access",
    "article_categories",
    "article_search",
    "article_words",
    "articles",
    "bodies",
    "deliveries",
    "delivery_counts",
    "delivery_delays",
    "delivery_minutes",
    "delivery_slowest",
    "follows",
    "left_links",
    "levels",
    "managers",
    "meta",
    "metadata",
    "pictures",
    "pruned",
    "saved",
    "serving_lease",
    "share_openings",
    "shares",
    "sources",
    "subscribers",
    "tastes",
    "waiting_updates",
    "with_alerts",
    "word_follows",
    "words_with_alerts",
]

HEAD = "0023"
"""The revision that these tables are at; known here so that a start need not load Alembic."""

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
    Column("read_pages", Boolean, nullable=False),
    Column("full_text", Text, nullable=False, server_default="private"),
    Column("pictures", Text, nullable=False, server_default="yes"),
    Column("paywall", Boolean),
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
    Column("general", Boolean, nullable=False, server_default=false()),
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
    Column("backlog", Boolean, nullable=False),
    # The slugs of article_categories in order, a space between them: one row reads whole.
    Column("categories", Text, nullable=False),
    # Folded title and standfirst, in which muted words are looked for; see `search_words.between`.
    Column("words", Text, nullable=False),
    # Tells an edited body from the stored one without reading it; none where there is no body.
    Column("body_print", String(16)),
    # PendingRound in from an older archive rather than by a source: kept however old it is.
    Column("imported", Boolean, nullable=False, server_default=false()),
    # Those of article_words, a line each: one row reads whole. None where nobody follows any.
    Column("followed_words", Text),
    # Whether its page says that it is for subscribers alone; none where it does not say.
    Column("paywall", Boolean),
    # The first article of what it tells of; none where that was never asked: then its story's.
    Column("event_id", Id),
    Column("event_evidence", Text),
    Column("figures", Text),  # a line each
    Index(None, "source_id", "guid"),
    Index(None, "published", "id"),
    Index(None, "language", "published", "id"),
    Index(None, "event_id"),
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
    # A letter for each paragraph, where not all of them are paragraphs; see `body_model`.
    Column("kinds", Text),
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

# The words that somebody followed when the article came in and that stand in title or standfirst.
article_words = Table(
    "article_words",
    metadata,
    Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("word", Text, primary_key=True),  # as in word_follows
    Column("published", Utc, nullable=False),  # the article's own
    Index(None, "word", "published", "article_id"),
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

# Whom operators let in or shut out, by the id of a person or a group; and strangers, for a day.
access = Table(
    "access",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, primary_key=True),  # an `Admission`
    Column("since", Utc, nullable=False),
)

# Links of articles that were too old to be kept: a source that lists one still brings no news.
pruned = Table(
    "pruned",
    metadata,
    # 64 bits of the link's hash, which is all that takes.
    Column("link_print", BigInteger, primary_key=True, autoincrement=False),
)

# What Telegram keeps of the pictures of stories: a file's id means something to its bot alone, and
# a restored database has them made anew.
pictures = Table(
    "pictures",
    metadata,
    Column("address", Text, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("file_id", Text),  # none where it could not be had
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tried", Utc, nullable=False),
    Column("try_at", Utc),
    info={"transient": True},
)

waiting_updates = Table(
    "waiting_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),  # JSON
    Column("fetched", Utc, nullable=False),
)
