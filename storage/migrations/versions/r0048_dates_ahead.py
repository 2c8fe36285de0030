"""Dates ahead, which editors add."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables.columns import Id, Utc

revision = "0048"
down_revision = "0047"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "dates",
        sa.Column("id", Id, primary_key=True),
        sa.Column("article_id", Id, sa.ForeignKey("articles.id", ondelete="CASCADE")),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("first", Utc, nullable=False),
        sa.Column("last", Utc, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("created", Utc, nullable=False),
    )
    op.create_index("ix_dates_last", "dates", ["last"])
    op.create_index("ix_dates_article_id", "dates", ["article_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("dates")
