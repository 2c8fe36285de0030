"""The tables of the desk: editors, acts, drafts, leads, dates, what waits, tips, complaints."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
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
    of_the_chat,
)

# People who may use the desk, besides EDITOR_IDS and the operators.
editors = Table(
    "editors",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("may_write", Boolean, nullable=False),
    Column("may_publish", Boolean, nullable=False),
    Column("added_by", BigInteger),  # the operator's id; null after that operator's /forget
    Column("added", Utc, nullable=False),
    info=declared(
        whose=Whose.EDITOR,
        kept=Until("an operator removes it"),
        export=Exported("desk.rights", ("may_write", "may_publish", "added"), by=("person_id",)),
        forget=(NamedChat("person_id"), NamedChat("added_by", Fate.CLEARED)),
    ),
)

# How other editors see a person at the desk, as the person chose.
desk_names = Table(
    "desk_names",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    info=declared(
        whose=Whose.EDITOR,
        kept=Until("the person is no editor any more"),
        export=Exported("desk.names", ("name",), by=("person_id",)),
        forget=(NamedChat("person_id"),),
    ),
)

# The journal of the desk: what editors and operators did.
desk_acts = Table(
    "desk_acts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", BigInteger),
    Column("about_id", BigInteger),  # the person whose rights were changed; null for other acts
    Column("kind", Text, nullable=False),  # an `ActKind`
    Column("at", Utc, nullable=False),
    # Not foreign keys: an act stays when retention deletes its article.
    Column("article_id", BigInteger),
    Column("draft_id", BigInteger),
    Column("before", Text, nullable=False),  # JSON: what the act changed, as it was
    Column("after", Text, nullable=False),  # JSON: the same, as the act left it
    Column("undone", Utc),
    Index(None, "at"),
    Index(None, "article_id"),
    info=declared(
        whose=Whose.BOT,
        kept=ForEver(),
        export=Exported(
            "desk.acts",
            ("id", "kind", "at", "article_id", "draft_id", "undone"),
            by=("person_id", "about_id"),
        ),
        forget=(NamedChat("person_id", Fate.CLEARED), NamedChat("about_id", Fate.CLEARED)),
    ),
)

# Drafts of articles, open, published or discarded.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", BigInteger),  # who made it
    Column("changed_by", BigInteger),  # who changed it last
    Column("state", Text, nullable=False),  # a `DraftState`
    Column("version", Integer, nullable=False),  # grows by one with each change
    Column("created", Utc, nullable=False),
    Column("changed", Utc, nullable=False),
    Column("link", Text, nullable=False),  # "" for an article of the bot's own, until published
    Column("source", Text, nullable=False),  # the name of its source; "" for the bot's own
    Column("title", Text, nullable=False),
    Column("standfirst", Text, nullable=False),
    Column("body", Text),
    Column("body_kinds", Text, nullable=False),
    Column("image", Text),
    Column("author", Text),
    Column("language", Text),
    Column("paywall", Boolean),
    Column("published", Utc),  # by its page; null if the page does not say
    Column("filings", Text, nullable=False),  # JSON: pairs of category and reason
    Column("event_id", BigInteger),  # the known event that it seems to report
    Column("event_evidence", Text, nullable=False),
    Column("event_source", Text, nullable=False),  # who reported that event
    Column("event_at", Utc),  # and when
    Column("joins", Boolean, nullable=False, server_default=false()),  # to join that event
    Column("alert", Boolean, nullable=False, server_default=false()),
    Column("lead_hours", SmallInteger, nullable=False, server_default="0"),  # 0: no lead story
    Column("lead_for_all", Boolean, nullable=False, server_default=false()),
    Column("publish_at", Utc),
    Column("article_id", BigInteger),  # no foreign key: retention may delete the article
    Index(None, "state", "publish_at"),
    Index(None, "link"),
    Index(None, "article_id"),
    info=declared(
        whose=Whose.BOT,
        kept=Aged("changed", Period.DELIVERIES, only={"state": ("published", "discarded")}),
        export=Exported(
            "desk.drafts", ("title", "link", "state", "created"), by=("person_id",), order="created"
        ),
        forget=(NamedChat("person_id", Fate.CLEARED), NamedChat("changed_by", Fate.CLEARED)),
    ),
)

# Lead stories: articles that come first in editions for a time.
pins = Table(
    "pins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("until", Utc, nullable=False),
    Column("person_id", BigInteger),  # who pinned it
    Column("categories", Text, nullable=False),  # slugs joined with spaces; "" for every reader
    Column("created", Utc, nullable=False),
    Index(None, "until"),
    Index(None, "article_id"),
    info=declared(
        whose=Whose.BOT,
        kept=WithRow("articles"),
        export=NotExported("the journal has the act"),
        forget=(NamedChat("person_id", Fate.CLEARED),),
    ),
)

# Dates ahead: fairs, fashion weeks, results. Readers list them with /ahead. A story's dates go with
# it; while it is hidden or withdrawn they are shown nowhere.
dates = Table(
    "dates",
    metadata,
    Column("id", Id, primary_key=True),
    # Null if there is no story.
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE")),
    Column("what", Text, nullable=False),  # "" for the story's headline
    Column("first", Utc, nullable=False),  # midnight UTC of the first day
    Column("last", Utc, nullable=False),  # of the last day
    Column("place", Text, nullable=False),
    Column("categories", Text, nullable=False),  # slugs joined with spaces
    Column("link", Text, nullable=False),
    Column("source", Text, nullable=False),  # its name
    Column("person_id", BigInteger),  # who added it
    Column("created", Utc, nullable=False),
    Index(None, "last"),
    Index(None, "article_id"),
    info=declared(
        whose=Whose.BOT,
        # West of Greenwich the last day ends in the next one of UTC.
        kept=Aged("last", timedelta(days=2)),
        export=NotExported("the journal has the act"),
        forget=(NamedChat("person_id", Fate.CLEARED),),
        backup=True,
    ),
)

# New articles of sources with `approval`. They get their id in the archive when an editor publishes
# them, so that no edition has passed their place.
waiting_articles = Table(
    "waiting_articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("link", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("article", Text, nullable=False),  # JSON: a `NewArticle`
    Column("found", Utc, nullable=False),
    Column("looked", Utc, nullable=False),  # when an editor last looked at it, or `found`
    Column("state", Text, nullable=False),  # a `WaitingState`
    Column("decided", Utc),
    Column("decided_by", BigInteger),  # the editor's id
    Column("article_id", BigInteger),  # the article that it became
    UniqueConstraint("link"),
    Index(None, "source_id", "guid"),
    Index(None, "state", "looked"),
    info=declared(
        whose=Whose.BOT,
        kept=Until("an hour after an editor decided, or two days after one last looked at it"),
        export=Exported("desk.decided", ("title", "link", "state", "decided"), by=("decided_by",)),
        forget=(NamedChat("decided_by", Fate.CLEARED),),
    ),
)

# When each editor was last notified of articles that wait.
desk_notices = Table(
    "desk_notices",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("notified", Utc, nullable=False),
    Column("newest", BigInteger, nullable=False),  # the newest waiting article at that time
    info=declared(
        whose=Whose.EDITOR,
        kept=Until("the person is no editor any more"),
        export=NotExported("it repeats a message in the chat"),
        forget=(NamedChat("person_id"),),
    ),
)

# Only the link is kept: its page is not fetched before an editor makes a draft of it.
tips = Table(
    "tips",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("link", Text, nullable=False),
    Column("sent", Utc, nullable=False),
    Column("state", Text, nullable=False),  # a `TipState`
    Column("draft_id", BigInteger),  # the draft that an editor made of it
    UniqueConstraint("subscriber_id", "link"),
    Index(None, "state", "link"),
    Index(None, "sent"),
    info=of_the_chat(
        Aged("sent", timedelta(days=30)), Exported("tips", ("link", "sent", "state"), order="sent")
    ),
)

# What readers say is wrong about a story. The journal says what became of it: see
# `storage.desk.complaints`.
complaints = Table(
    "complaints",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),  # a `ComplaintKind`
    Column("words", Text, nullable=False),  # the reader's sentence; "" for none
    Column("sent", Utc, nullable=False),
    Column("heard", Utc),  # when the reader was told what became of it
    Index(None, "subscriber_id", "article_id"),
    Index(None, "article_id"),
    Index(None, "sent"),
    info=of_the_chat(
        Aged("sent", timedelta(days=30)),
        Exported("complaints", ("article_id", "kind", "words", "sent", "heard"), order="sent"),
    ),
)
