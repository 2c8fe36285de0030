"""The table of links that readers suggested to the editors."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from storage.tables.columns import Id, Utc, metadata
from storage.tables.declaration import Aged, Exported, of_the_chat

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
