"""The tables of articles that wait for an editor's approval."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from storage.tables.columns import Id, Utc, metadata
from storage.tables.declaration import (
    Exported,
    Fate,
    NamedChat,
    NotExported,
    Until,
    Whose,
    declared,
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
        backup=True,
        restore=("decided_by",),
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
        backup=True,
        restore=("person_id",),
    ),
)
