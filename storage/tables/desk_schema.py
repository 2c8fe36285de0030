"""The tables of the desk, where editors publish and correct articles in chat.

Each comment says whose the rows are and what /export, /forget and a backup make of them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from storage.tables.columns import Id, Utc, metadata

# People who may use the desk, besides EDITOR_IDS and the operators. A row belongs to its person: it
# is in /export, and /forget deletes it. Kept until an operator removes it; in backups.
editors = Table(
    "editors",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("may_write", Boolean, nullable=False),
    Column("may_publish", Boolean, nullable=False),
    Column("added_by", BigInteger),  # the operator's id; null after that operator's /forget
    Column("added", Utc, nullable=False),
)

# The journal of the desk: what editors and operators did. A row belongs to the bot: /export shows
# an editor's own rows, /forget clears both persons and leaves the act. Kept for ever; in backups.
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
)
