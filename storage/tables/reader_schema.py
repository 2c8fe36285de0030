"""The readers' tables: who they are, what they chose, and what is theirs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from storage.tables.columns import Id, Utc, metadata

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
    Column("edition_at", Utc),  # when the edition that ended at `place` was due
    Column("evening_minute", SmallInteger),  # of a second edition a day
    Column("silent", Boolean, nullable=False, server_default=false()),  # editions
    Column("silent_alerts", Boolean, nullable=False, server_default=false()),
    Column("alerts_a_day", SmallInteger, nullable=False, server_default="5"),
    # What its reader typed, where that is not the zone's own city.
    Column("city", Text),
    # When the nightly look first found the reader stopped or gone; see `storage.retention`.
    Column("away_since", Utc),
    # Whether `kind` is what Telegram said; until then a chat may be a channel.
    Column("kind_confirmed", Boolean, nullable=False, server_default=false()),
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

word_follows = Table(
    "word_follows",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("word", Text, primary_key=True),  # folded: its tokens, a space between them
    Column("spelling", Text, nullable=False),  # as the reader wrote it
    Column("alerts", Boolean, nullable=False),
    # Grows with each row, by the note "word follows" in meta: what is new is read from there on.
    Column("number", BigInteger, nullable=False),
    Index(None, "number"),
    sqlite_with_rowid=False,
)
Index(
    None,
    word_follows.c.word,
    word_follows.c.subscriber_id,
    sqlite_where=word_follows.c.alerts,
    postgresql_where=word_follows.c.alerts,
)
# As with `with_alerts`.
words_with_alerts: ColumnElement[bool] = literal_column("word_follows.alerts")

levels = Table(
    "levels",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),  # "category", "source" or "word"
    Column("value", Text, primary_key=True),  # its slug, its id, or the word itself
    Column("level", Text, nullable=False),  # "off", "less" or "more"; a word is off
    # Whether a category is followed, and with alerts, once its level is normal again.
    Column("followed", Boolean, nullable=False, server_default=false()),
    Column("alerts", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)

# Who manages a channel, a group or a topic in a private chat; both are subscribers.
managers = Table(
    "managers",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("manager_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("title", Text, nullable=False),
    Column("since", Utc, nullable=False),
    Index(None, "manager_id"),
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

# Lets a person's opening of a link count once. Who that was cannot be told from it: a mark is all
# that is left of a hash with a key that no database has; see `handlers.stories.share_links`.
share_openings = Table(
    "share_openings",
    metadata,
    Column("code", ForeignKey("shares.code", ondelete="CASCADE"), primary_key=True),
    Column("mark", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Links of readers who were forgotten: they still open their article, and do not say who sent it.
left_links = Table(
    "left_links",
    metadata,
    Column("code", String(10), primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("created", Utc),
    Index(None, "article_id"),
)
