"""The readers' tables: subscribers, their choices and their data."""

from __future__ import annotations

from datetime import timedelta

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
    exists,
    false,
    literal_column,
)

from storage.tables.columns import Id, Utc, metadata
from storage.tables.declaration import (
    Aged,
    Exported,
    Fate,
    NamedChat,
    NotExported,
    Period,
    Until,
    Whose,
    WithRow,
    declared,
    of_the_bot,
    of_the_chat,
)

tastes = Table(
    "tastes",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("spec", Text, nullable=False),  # JSON
    # One row for all who chose the same. An export has what it was made of.
    info=declared(
        whose=Whose.CHAT,
        kept=Until("no chat has it"),
        export=Exported("languages_of_articles", by=("key",)),
        forget=(NamedChat("key", Fate.DELETED_IF_UNUSED),),
    ),
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
    Column("evening_minute", SmallInteger),  # time of a second edition
    Column("silent", Boolean, nullable=False, server_default=false()),  # editions
    Column("silent_alerts", Boolean, nullable=False, server_default=false()),
    Column("alerts_a_day", SmallInteger, nullable=False, server_default="5"),
    # As the reader typed it, if it is not the zone's own city.
    Column("city", Text),
    # When a nightly run first found the reader stopped or gone; see `storage.retention`.
    Column("away_since", Utc),
    # Whether Telegram confirmed `kind`; before, a chat may be a channel.
    Column("kind_confirmed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("chat_id", "thread_id"),
    Index(None, "taste_key"),
    info=declared(
        whose=Whose.CHAT,
        kept=Aged(
            "away_since",
            Period.GONE_READERS,
            rule="stopped or gone, and neither saved nor shared since",
        ),
        export=Exported("settings", by=("chat_id",)),
        forget=(NamedChat("chat_id"),),
    ),
)
# Subscribers who get nothing have no next time. `next_at <= :now` alone uses this index; one on
# `state = 'active'` would not be used where the state is a bound parameter.
Index(
    None,
    subscribers.c.next_at,
    sqlite_where=subscribers.c.next_at.is_not(None),
    info={"only": "sqlite"},
).ddl_if(dialect="sqlite")
# SQLite's indexes end with the id anyway. PostgreSQL would otherwise read all who are due at the
# same moment for each thousand that it plans.
Index(
    None,
    subscribers.c.next_at,
    subscribers.c.id,
    postgresql_where=subscribers.c.next_at.is_not(None),
    info={"only": "postgresql"},
).ddl_if(dialect="postgresql")

follows = Table(
    "follows",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("category", Text, primary_key=True),
    Column("alerts", Boolean, nullable=False),
    sqlite_with_rowid=False,
    info=of_the_chat(
        WithRow("subscribers"), Exported("follows", ("category", "alerts")), merged=False
    ),
)
Index(
    None,
    follows.c.category,
    follows.c.subscriber_id,
    sqlite_where=follows.c.alerts,
    postgresql_where=follows.c.alerts,
)
# Written exactly as in the index: SQLite would not use it for `alerts = 1`, as SQLAlchemy writes
# it.
with_alerts: ColumnElement[bool] = literal_column("follows.alerts")

word_follows = Table(
    "word_follows",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("word", Text, primary_key=True),  # its tokens, joined with spaces
    Column("spelling", Text, nullable=False),  # as the reader wrote it
    Column("alerts", Boolean, nullable=False),
    # Grows with each row, by the counter "word follows" in meta: readers continue from the last
    # number.
    Column("number", BigInteger, nullable=False),
    Index(None, "number"),
    sqlite_with_rowid=False,
    info=of_the_chat(
        WithRow("subscribers"), Exported("words", ("spelling", "alerts")), merged=False
    ),
)
Index(
    None,
    word_follows.c.word,
    word_follows.c.subscriber_id,
    sqlite_where=word_follows.c.alerts,
    postgresql_where=word_follows.c.alerts,
)
# Written as in the index, like `with_alerts`.
words_with_alerts: ColumnElement[bool] = literal_column("word_follows.alerts")

levels = Table(
    "levels",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),  # "category", "source", "word" or `ALERTS`
    Column("value", Text, primary_key=True),  # a slug, a source's id, or the word
    Column("level", Text, nullable=False),  # "off", "less" or "more"; a word is off
    # Whether a category is followed, and with alerts, when its level returns to normal.
    Column("followed", Boolean, nullable=False, server_default=false()),
    Column("alerts", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
    info=of_the_chat(
        WithRow("subscribers"),
        Exported("more_or_less", ("kind", "value", "level")),
        merged=False,
    ),
)
ALERTS = "alerts"
"""The kind of a row in `levels` whose category has alerts, if any, for large news only."""
# A condition on a row of `follows`.
for_large_news: ColumnElement[bool] = exists().where(
    levels.c.subscriber_id == follows.c.subscriber_id,
    levels.c.kind == ALERTS,
    levels.c.value == follows.c.category,
)

# What a chat had before its last change, so that `undo` takes that back.
last_changes = Table(
    "last_changes",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("before", Text, nullable=False),  # JSON
    Column("after", Text, nullable=False),  # JSON
    Column("at", Utc, nullable=False),
    info=of_the_chat(
        Aged("at", timedelta(days=1)),
        NotExported("it repeats the choices of ten minutes before"),
    ),
)

# The secret link to a chat's editions on a page and in feeds, as a hash: nobody can read it here.
page_links = Table(
    "page_links",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256, in hexadecimal
    Column("made", Utc, nullable=False),
    info=of_the_chat(WithRow("subscribers"), Exported("page_link", ("made",))),
)

# The managers of a channel, group or topic from a private chat; both are subscribers.
managers = Table(
    "managers",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("manager_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("title", Text, nullable=False),
    Column("since", Utc, nullable=False),
    Index(None, "manager_id"),
    sqlite_with_rowid=False,
    info=declared(
        whose=Whose.CHAT,
        kept=WithRow("subscribers"),
        export=Exported(
            "manages", ("subscriber_id", "title", "since"), by=("manager_id",), order="since"
        ),
        forget=(NamedChat("subscriber_id"), NamedChat("manager_id")),
    ),
)

# Topics of groups that have a section's name, as Telegram told the bot. The group need not be a
# subscriber yet.
section_topics = Table(
    "section_topics",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),
    Column("section", Text, nullable=False),  # "" for a topic that was renamed
    sqlite_with_rowid=False,
    info=declared(
        whose=Whose.CHAT,
        kept=Until("the bot leaves the group"),
        export=NotExported("Telegram shows the names of topics"),
        forget=(NamedChat("chat_id"),),
    ),
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
    info=of_the_chat(
        WithRow("subscribers"), Exported("saved", ("article_id", "saved_at"), order="saved_at")
    ),
)

shares = Table(
    "shares",
    metadata,
    Column("code", String(10), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("opened", Integer, nullable=False, server_default="0"),
    # Never null. Links older than revision 0005 have the time of that migration.
    Column("created", Utc),
    UniqueConstraint("subscriber_id", "article_id"),
    Index(None, "article_id"),
    # /forget copies the rows to left_links first.
    info=of_the_chat(
        Aged("created", Period.SHARES),
        Exported("links_sent", ("code", "article_id", "created", "opened"), order="created"),
    ),
)

# Lets each person's opening of a link count once. The mark does not identify a person: it is a few
# bits of a keyed hash, with a key that is in no database (`handlers.stories.sharing.share_links`).
share_openings = Table(
    "share_openings",
    metadata,
    Column("code", ForeignKey("shares.code", ondelete="CASCADE"), primary_key=True),
    Column("mark", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    info=declared(
        whose=Whose.CHAT,
        kept=WithRow("shares"),
        export=NotExported("a mark says nothing without its key; the count is in `links_sent`"),
        forget=(NamedChat("code"),),
    ),
)

# Links of forgotten readers: they still open their article, without naming the sender.
left_links = Table(
    "left_links",
    metadata,
    Column("code", String(10), primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("created", Utc),
    Index(None, "article_id"),
    info=of_the_bot(Aged("created", Period.SHARES)),
)
