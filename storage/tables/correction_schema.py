"""The tables of corrections: what editors changed, and the copies still to be edited."""

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

from storage.tables.columns import Id, Utc, metadata
from storage.tables.declaration import (
    Aged,
    Exported,
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

# The texts that an article had before each change of its title or standfirst, by anyone. A
# delivered message is made again from the texts that it had.
article_versions = Table(
    "article_versions",
    metadata,
    Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("standfirst", Text, nullable=False),
    sqlite_with_rowid=False,
    info=of_the_bot(WithRow("articles")),
)

# What editors decided about an article, and what its source last said of the same fields. A null
# value means that the source decides.
amendments = Table(
    "amendments",
    metadata,
    Column(
        "article_id",
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("title", Text),
    Column("standfirst", Text),
    Column("filings", Text),  # JSON: pairs of a category and a reason
    Column("state", Text),  # "hidden" or "withdrawn"
    Column("reason", Text),  # why it was withdrawn, in one sentence
    Column("story_kind", Text),  # a `StoryKind`
    Column("weight", Double),
    Column("source_title", Text, nullable=False),
    Column("source_standfirst", Text, nullable=False),
    Column("source_filings", Text, nullable=False),
    info=of_the_bot(WithRow("articles")),
)

# What editors last decided about a link, also after its article was deleted. See `link_decisions`.
link_decisions = Table(
    "link_decisions",
    metadata,
    Column("link", Text, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("state", Text),  # as in `amendments`; null if the article is shown again
    Column("reason", Text),
    info=of_the_bot(ForEver()),
)

# Corrections, which readers can list with /corrections. They name no editor and no reader, and stay
# when the article is deleted.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, nullable=False),
    Column("made", Utc, nullable=False),
    Column("grade", Text, nullable=False),  # "typo", "fact" or "withdrawn"
    Column("link", Text, nullable=False),
    Column("title_was", Text, nullable=False),
    Column("standfirst_was", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("standfirst", Text, nullable=False),
    Column("reason", Text),
    Column("version", Integer, nullable=False),  # of the article, with these texts
    Column("wrong_since", Utc, nullable=False),  # when the article was first seen
    Column("undone", Boolean, nullable=False, server_default=false()),
    # Ids of deliveries up to this one were searched for copies that were recorded before the
    # correction; null once all were. Those recorded later are entered as they are recorded.
    Column("searched", BigInteger),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("failed", Text, nullable=False, server_default="{}"),  # JSON: error → copies
    Column("done", Utc),  # when the last copy was edited or given up
    Index(None, "article_id"),
    Index(None, "made"),
    info=of_the_bot(ForEver()),
)
# Corrections with work left: almost always none.
Index(
    "ix_corrections_open",
    corrections.c.id,
    sqlite_where=corrections.c.done.is_(None),
    postgresql_where=corrections.c.done.is_(None),
)

# Copies that wait to be edited: a row is deleted, and counted in its correction, once its message
# was edited or given up.
correction_copies = Table(
    "correction_copies",
    metadata,
    Column("correction_id", ForeignKey("corrections.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "delivery_id",
        ForeignKey("deliveries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("not_before", Utc),
    Index(None, "delivery_id"),
    sqlite_with_rowid=False,
    info=declared(
        whose=Whose.BOT,
        kept=Until("the copy is edited"),
        export=NotExported("it is work that waits for moments"),
        forget=(NamedChat("delivery_id"),),
    ),
)

# The stories of a sent edition or alert, with their order and the numbers around them, once for all
# deliveries that carried the same.
sent_issues = Table(
    "sent_issues",
    metadata,
    Column("print", BigInteger, primary_key=True, autoincrement=False),  # 64 bits of a hash
    Column("stories", Text, nullable=False),  # JSON; see `digest.making.sent_issue`
    Column("sent", Utc, nullable=False),
    Index(None, "sent"),
    info=of_the_bot(Aged("sent", Period.DELIVERIES)),
)

# Each choice of categories, kind or weight by an editor, to learn from. The article's texts are
# kept too, since the label outlives the article.
labels = Table(
    "labels",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, nullable=False),
    Column("editor_id", BigInteger),
    Column("at", Utc, nullable=False),
    Column("link", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("language", Text),
    Column("title", Text, nullable=False),
    Column("standfirst", Text, nullable=False),
    Column("was", Text, nullable=False),  # slugs in order, joined with spaces
    Column("now", Text, nullable=False),
    Column("kind", Text),  # the `StoryKind` that the editor chose; null if not chosen
    Column("weight", Double),
    Index(None, "editor_id"),
    info=declared(
        whose=Whose.BOT,
        kept=ForEver(),
        export=Exported(
            "desk.labels", ("at", "link", "was", "now", "kind", "weight"), by=("editor_id",)
        ),
        forget=(NamedChat("editor_id", Fate.CLEARED),),
    ),
)

# Messages in which a shared card was sent by inline mode, so that a correction reaches them.
share_messages = Table(
    "share_messages",
    metadata,
    Column("inline_message_id", String(96), primary_key=True),
    Column("code", ForeignKey("shares.code", ondelete="CASCADE"), nullable=False),
    Column("language", Text, nullable=False),
    Column("sent", Utc, nullable=False),
    Index(None, "code"),
    info=declared(
        whose=Whose.CHAT,
        kept=WithRow("shares"),
        export=Exported(
            "cards_sent",
            ("code", "inline_message_id", "language", "sent"),
            by=("code",),
            order="sent",
        ),
        forget=(NamedChat("code"),),
    ),
)
