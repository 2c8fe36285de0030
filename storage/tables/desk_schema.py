"""The tables of the desk, where editors publish and correct articles in chat."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from storage.tables.columns import Id, Utc, metadata
from storage.tables.declaration import Exported, Fate, ForEver, NamedChat, Until, Whose, declared

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
        backup=True,
        restore=("person_id", "added_by"),
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
        backup=True,
        restore=("person_id", "about_id"),
    ),
)
