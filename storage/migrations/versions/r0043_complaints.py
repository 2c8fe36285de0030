"""What readers say is wrong about a story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables.columns import Id, Utc

revision = "0043"
down_revision = "0042"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "complaints",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "subscriber_id",
            Id,
            sa.ForeignKey("subscribers.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "article_id", Id, sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("sent", Utc, nullable=False),
        sa.Column("heard", Utc),
    )
    for columns in (["subscriber_id", "article_id"], ["article_id"], ["sent"]):
        op.create_index(None, "complaints", columns)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("complaints")
