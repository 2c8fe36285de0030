"""The tables of the archive and of the process, and the metadata of all tables.

The migrations create them; a test compares both. The ledger's tables are in `ledger_schema`, the
readers' in `reader_schema`, the desk's in `desk_schema`, those of corrections in
`correction_schema`, and those of several replicas in `replica_schema`.
"""

from __future__ import annotations

from datetime import timedelta

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
    func,
    literal_column,
    true,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.tables import (  # noqa: F401 - their tables belong to `metadata`
    correction_schema,
    desk_schema,
    ledger_schema,
    reader_schema,
    replica_schema,
)
from storage.tables.columns import Id, Utc
from storage.tables.columns import metadata as metadata  # noqa: PLC0414 - with all tables in it
from storage.tables.declaration import (
    Aged,
    Fate,
    ForEver,
    NamedChat,
    NotExported,
    Period,
    Until,
    Whose,
    WithRow,
    declared,
    of_the_bot,
)

HEAD = "0050"
"""The revision of these tables, kept here so that a start need not load Alembic."""

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    info=declared(
        whose=Whose.OPERATOR,
        kept=ForEver(),
        export=NotExported("notes of the program; two repeat ids of the settings"),
    ),
)

serving_lease = Table(
    "serving_lease",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),  # always 1
    Column("fence", BigInteger, nullable=False),  # grows by one whenever the lease is taken
    Column("beat", BigInteger, nullable=False),  # grows with each renewal
    Column("holder", Text, nullable=False),
    Column("seconds", Double, nullable=False),  # 0 after it was given back
    info=of_the_bot(ForEver(), backup=False),
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
    Column("categories", Text, nullable=False),  # slugs in order, joined with spaces
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
    # Removed by an operator: the row stays for the name shown with its articles.
    Column("removed", Boolean, nullable=False, server_default=false()),
    Column("general", Boolean, nullable=False, server_default=false()),
    # New articles wait in waiting_articles until an editor publishes them.
    Column("approval", Boolean, nullable=False, server_default=false()),
    # Whether a language model may be sent its titles and standfirsts.
    Column("translate", Boolean, nullable=False, server_default=true()),
    Index(None, "state", "next_check"),
    info=of_the_bot(ForEver()),
)

articles = Table(
    "articles",
    metadata,
    # Assigned by `Articles.store_all` under a lock, so that ids become visible in order.
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
    # The slugs of article_categories in order, joined with spaces, so that reading an article takes
    # one row.
    Column("categories", Text, nullable=False),
    # Tokens of title and standfirst, searched for muted words; see `search_words.between`.
    Column("words", Text, nullable=False),
    # A hash that shows whether a body was edited; null without a body.
    Column("body_print", String(16)),
    # From an imported archive, not from a source: kept regardless of age.
    Column("imported", Boolean, nullable=False, server_default=false()),
    # The words of article_words, a line each, so that one row suffices; null for none.
    Column("followed_words", Text),
    # Whether its page says that it is for subscribers only; null if it says nothing.
    Column("paywall", Boolean),
    # The first article of its event; null if never compared: then its story counts.
    Column("event_id", Id),
    Column("event_evidence", Text),
    Column("figures", Text),  # one on each line
    # How often title or standfirst changed; see `article_versions`.
    Column("version", Integer, nullable=False, server_default="0"),
    # "hidden" or "withdrawn" by an editor; null for nearly all. Then the article has no rows in
    # article_categories, article_words and article_search.
    Column("state", Text),
    # Null until they are known: an older program does not fill them in.
    Column("story_kind", Text),  # a `StoryKind`
    Column("kind_certainty", Double),
    Column("weight", Double),
    Index(None, "source_id", "guid"),
    # The last two columns let the health of sources be read from the index alone.
    Index("ix_articles_published_id", "published", "id", "source_id", "first_seen"),
    Index(None, "language", "published", "id"),
    Index(None, "event_id"),
    Index(None, "story_id"),
    Index(None, "first_seen"),
    info=of_the_bot(
        Aged("first_seen", Period.ARTICLES, rule="not saved, not imported, not the newest")
    ),
)

TITLE_LENGTH = 16
TITLE_START = func.substr(articles.c.title, literal_column("1"), literal_column(str(TITLE_LENGTH)))
"""The first characters of a title, indexed to find a source's articles by their titles."""
UNWEIGHED = articles.c.weight.is_(None)
Index("ix_articles_title_start", articles.c.source_id, TITLE_START)
Index(
    "ix_articles_unweighed",
    articles.c.first_seen,
    sqlite_where=UNWEIGHED,
    postgresql_where=UNWEIGHED,
)


def _article_id() -> Column[int]:
    """Return the key of a row that belongs to one article, and is deleted with it."""
    return Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


bodies = Table(
    "bodies",
    metadata,
    _article_id(),
    Column("body", Text, nullable=False),
    # A letter for each paragraph; null if all are plain; see `body_model`.
    Column("kinds", Text),
    info=of_the_bot(WithRow("articles")),
)

article_categories = Table(
    "article_categories",
    metadata,
    _article_id(),
    Column("category", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    # The article's, which never changes: the newest of a category are read from the index alone.
    Column("published", Utc, nullable=False),
    Index(None, "category", "published", "article_id"),
    sqlite_with_rowid=False,
    info=of_the_bot(WithRow("articles")),
)

# The words in title or standfirst that a reader followed when the article was stored.
article_words = Table(
    "article_words",
    metadata,
    _article_id(),
    Column("word", Text, primary_key=True),  # as in word_follows
    Column("published", Utc, nullable=False),  # time of the article
    Index(None, "word", "published", "article_id"),
    sqlite_with_rowid=False,
    info=of_the_bot(WithRow("articles")),
)

# PostgreSQL only. On SQLite it is an FTS5 table of `words` by rowid; see `windows`.
article_search = Table(
    "article_search",
    metadata,
    _article_id(),
    Column("words", TSVECTOR, nullable=False),
    # Whether the words are stored once more, in parts.
    Column("long", Boolean, nullable=False),
    Index(
        None,
        "words",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    ),
    # Derived from the articles, so no backup has it.
    info={"only": "postgresql", **of_the_bot(WithRow("articles"), backup=False)},
)
Index(None, article_search.c.article_id, postgresql_where=article_search.c.long)

# Chats that operators admitted or banned, by the id of a person or group; strangers, for a day.
access = Table(
    "access",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, primary_key=True),  # an `Admission`
    Column("since", Utc, nullable=False),
    # "told" is the state of a stranger; the other chats stay on the operator's list.
    info=declared(
        whose=Whose.OPERATOR,
        kept=Aged("since", timedelta(days=1), only={"state": "told"}),
        export=NotExported("the list is the operator's"),
        forget=(NamedChat("chat_id", only={"state": "told"}),),
    ),
)

# The matter of each event that names something that goes on; see `news.stories.matters`. Without
# references: an event outlives its first article, and a matter its first event.
matters = Table(
    "matters",
    metadata,
    Column("event_id", Id, primary_key=True, autoincrement=False),
    Column("matter_id", Id, nullable=False),  # its first event, possibly itself
    Column("words", Text, nullable=False),  # `EventWords.text`
    Column("begun", Utc, nullable=False),
    Index(None, "matter_id"),
    info=of_the_bot(Aged("begun", Period.ARTICLES)),
)

# By which later events find an event of the last year.
event_marks = Table(
    "event_marks",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),  # a hash
    Column("event_id", Id, primary_key=True, autoincrement=False),
    Column("begun", Utc, nullable=False),
    sqlite_with_rowid=False,
    info=of_the_bot(Aged("begun", timedelta(days=366))),
)

# Links of articles deleted for their age: a source that lists one brings no news.
pruned = Table(
    "pruned",
    metadata,
    # 64 bits of the link's hash are enough.
    Column("link_print", BigInteger, primary_key=True, autoincrement=False),
    info=of_the_bot(ForEver()),
)

# Telegram's file ids of pictures. They are valid for one bot only, so a backup omits them.
pictures = Table(
    "pictures",
    metadata,
    Column("address", Text, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("file_id", Text),  # null if it could not be fetched
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tried", Utc, nullable=False),
    Column("try_at", Utc),
    info=of_the_bot(Aged("tried", Period.DELIVERIES), backup=False),
)

# Titles and standfirsts of a version of an article (see `article_versions`) in another language,
# by a language model.
translations = Table(
    "translations",
    metadata,
    _article_id(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("language", Text, primary_key=True),
    Column("title", Text),  # null if it was refused
    Column("standfirst", Text),  # null if there is none, or if it was refused
    Column("refused", Text),  # why title or standfirst was
    sqlite_with_rowid=False,
    info=of_the_bot(WithRow("articles")),
)

waiting_updates = Table(
    "waiting_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),  # JSON
    Column("fetched", Utc, nullable=False),
    info=declared(
        whose=Whose.CHAT,
        kept=Until("the update is answered, or a day old at a start"),
        export=NotExported("it is answered within moments"),
        forget=(NamedChat("body", Fate.DELETED_IF_NAMED),),
    ),
)
